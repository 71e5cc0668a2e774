//! The endpoints, and what their handlers are given (contract section 5).

mod clientes;
mod pagos;

use std::sync::Arc;

use standards_axum::auth::Caller;
use standards_axum::extract::IdempotencyKey;
use standards_axum::openapi::ApiRouter;

use crate::engine::Engine;
use crate::metrics::BusinessMetrics;
use crate::repositories::Repositories;
use crate::services::{ClienteService, KeptPagos, Keys, OwnedKey, PagoService};

/// Every operation of the API, relative to its prefix.
#[must_use]
pub fn router() -> ApiRouter<ApiState> {
    ApiRouter::new().describe("Microservicio de Pagos", "1.0.0").merge(pagos::router()).merge(clientes::router())
}

/// The services behind the endpoints; a handler asks for the one it needs with `State`. axum clones it several times per request.
#[derive(Clone)]
pub struct ApiState {
    pagos: Arc<PagoService>,
    clientes: Arc<ClienteService>,
}

impl ApiState {
    /// The services on top of these repositories, what is kept of their pagos, and the engine; who counts is told of what they repeat.
    #[must_use]
    pub fn new(repositories: Repositories, kept: KeptPagos, engine: &Engine, metrics: BusinessMetrics) -> Self {
        let keys = Keys::new(repositories.outcomes, metrics);
        Self {
            pagos: PagoService::new(repositories.pagos, kept, keys.clone(), engine.clone()).into(),
            clientes: ClienteService::new(repositories.clientes, keys, engine.clone()).into(),
        }
    }
}

/// The key as the caller's own, or nobody's.
fn owned(caller: Option<&Caller>, key: Option<IdempotencyKey>) -> Option<OwnedKey> {
    key.map(|key| OwnedKey::new(caller.map_or("", Caller::subject), key.into()))
}
