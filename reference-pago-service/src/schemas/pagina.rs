//! The part of a list that a query asks for.

use standards_axum::extract;

use crate::models::Page;

/// `skip` of 0 to 10000, `limit` of 1 to 1000 and 100 unless it is sent, `after_id` (contract section 5).
pub type Pagina = extract::Page<100, 1_000, 10_000>;

/// As the repositories take it.
impl From<Pagina> for Page {
    fn from(pagina: Pagina) -> Self {
        Self { skip: pagina.skip(), limit: pagina.limit(), after_id: pagina.after_id().unwrap_or(0) }
    }
}
