//! What handlers are given (guideline section 7, "Dependency Injection").

use axum::extract::FromRef;

use crate::engine::Motor;
use crate::repositories::Repositorios;
use crate::services::{Claves, ClienteService, PagoService};

/// The services behind the endpoints; a handler asks for the one it needs with `State`.
#[derive(Clone)]
pub struct ApiState {
    pagos: PagoService,
    clientes: ClienteService,
}

impl ApiState {
    /// The services on top of these repositories and the engine.
    #[must_use]
    pub fn new(repositorios: Repositorios, motor: &Motor) -> Self {
        let claves = Claves::new(repositorios.claves);
        Self {
            pagos: PagoService::new(repositorios.pagos, claves.clone(), motor.clone()),
            clientes: ClienteService::new(repositorios.clientes, claves, motor.clone()),
        }
    }
}

impl FromRef<ApiState> for PagoService {
    fn from_ref(state: &ApiState) -> Self {
        state.pagos.clone()
    }
}

impl FromRef<ApiState> for ClienteService {
    fn from_ref(state: &ApiState) -> Self {
        state.clientes.clone()
    }
}
