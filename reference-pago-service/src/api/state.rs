//! What handlers are given (guideline section 7, "Dependency Injection").

use std::sync::Arc;

use axum::extract::FromRef;

use crate::engine::Motor;
use crate::repositories::Repositorios;
use crate::services::{Claves, ClienteService, PagoService};

/// The services behind the endpoints; a handler asks for the one it needs with `State`. axum clones it several times per request.
#[derive(Clone)]
pub struct ApiState {
    pagos: Arc<PagoService>,
    clientes: Arc<ClienteService>,
}

impl ApiState {
    /// The services on top of these repositories and the engine.
    #[must_use]
    pub fn new(repositorios: Repositorios, motor: &Motor) -> Self {
        let claves = Claves::new(repositorios.claves);
        Self {
            pagos: PagoService::new(repositorios.pagos, claves.clone(), motor.clone()).into(),
            clientes: ClienteService::new(repositorios.clientes, claves, motor.clone()).into(),
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
