//! What handlers are given (guideline section 7, "Dependency Injection").

use std::sync::Arc;

use axum::extract::FromRef;

use crate::engine::Engine;
use crate::repositories::Repositories;
use crate::services::{ClienteService, Keys, PagoService};

/// The services behind the endpoints; a handler asks for the one it needs with `State`. axum clones it several times per request.
#[derive(Clone)]
pub struct ApiState {
    pagos: Arc<PagoService>,
    clientes: Arc<ClienteService>,
}

impl ApiState {
    /// The services on top of these repositories and the engine.
    #[must_use]
    pub fn new(repositories: Repositories, engine: &Engine) -> Self {
        let claves = Keys::new(repositories.claves);
        Self {
            pagos: PagoService::new(repositories.pagos, claves.clone(), engine.clone()).into(),
            clientes: ClienteService::new(repositories.clientes, claves, engine.clone()).into(),
        }
    }
}

impl FromRef<ApiState> for Arc<PagoService> {
    fn from_ref(state: &ApiState) -> Self {
        state.pagos.clone()
    }
}

impl FromRef<ApiState> for Arc<ClienteService> {
    fn from_ref(state: &ApiState) -> Self {
        state.clientes.clone()
    }
}
