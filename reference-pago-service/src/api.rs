//! The endpoints (contract section 5).

mod clientes;
mod pagos;
mod state;

pub use state::ApiState;

use standards_axum::openapi::ApiRouter;

/// Every operation of the API, relative to its prefix.
#[must_use]
pub fn router() -> ApiRouter<ApiState> {
    ApiRouter::new().merge(pagos::router()).merge(clientes::router())
}
