//! What handlers are given (guideline section 7, "Dependency Injection").

use axum::extract::FromRef;

use crate::repositories::Repositorios;
use crate::services::{ClienteService, PagoService};

/// The services behind the endpoints; a handler asks for the one it needs with `State`.
#[derive(Clone)]
pub struct ApiState {
    pagos: PagoService,
    clientes: ClienteService,
}

impl ApiState {
    /// The services on top of these repositories.
    #[must_use]
    pub fn new(repositorios: Repositorios) -> Self {
        Self { pagos: PagoService::new(repositorios.pagos), clientes: ClienteService::new(repositorios.clientes) }
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
