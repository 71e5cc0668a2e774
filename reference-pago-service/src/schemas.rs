//! What travels: the bodies, paths and queries of the API, and its answers (contract section 5).

mod clientes;
mod pagos;

pub use clientes::{ClienteCreate, ClientePath, ClienteResponse, ClienteUpdate, ClientesQuery, RecargaCreate};
pub use pagos::{PagoCreate, PagoPath, PagoResponse, PagosQuery};

use crate::models::{AfterId, Limit, Page, Skip};

/// The page that a query asks for; what it leaves out has its default.
fn page(skip: Option<Skip>, limit: Option<Limit>, after_id: Option<AfterId>) -> Page {
    Page { skip: skip.unwrap_or_default(), limit: limit.unwrap_or(Page::DEFAULT_LIMIT), after_id }
}
