//! An order and its caller.

use standards_core::idempotency::{InFlightGuard, Keyed};
use standards_core::{Failure, RequestContext};
use tracing::info;

use super::outcome::{Outcome, desenlace, fallo};
use super::ticket::{Anuncio, Llamada};
use crate::database::RepositoryError;
use crate::models::Pago;
use crate::repositories::{Decision, PagoOrder, Resolucion};

/// A pago to be decided, from the moment it was taken in until its caller knows.
pub(super) struct Order {
    pub(super) order: PagoOrder,
    llamada: Llamada<Pago>,
    /// Its key, taken until the outcome is kept.
    guardia: Option<InFlightGuard>,
    /// Tells that it was taken in; `None` once that is told.
    inicio: Option<Anuncio>,
}

impl Order {
    pub(super) fn new(
        order: PagoOrder,
        guardia: Option<InFlightGuard>,
        llamada: Llamada<Pago>,
        inicio: impl FnOnce() + Send + 'static,
    ) -> Self {
        Self { order, llamada, guardia, inicio: Some(Box::new(inicio)) }
    }

    /// Tells that it was taken in, if that is not told yet.
    pub(super) fn iniciar(&mut self) {
        if let Some(inicio) = self.inicio.take() {
            self.llamada.en_contexto(inicio);
        }
    }

    /// The request that asks for it.
    pub(super) fn request(&self) -> Option<&RequestContext> {
        self.llamada.request()
    }

    /// Ends it with what was decided.
    pub(super) fn resolver(mut self, resolucion: Resolucion<Decision>) {
        self.iniciar();
        let Self { order: PagoOrder { nuevo, .. }, llamada, guardia, .. } = self;
        // The key is free before the caller knows: it may come again at once.
        drop(guardia);
        let outcome = desenlace(resolucion.clone(), |decision| decision.pago(&nuevo).map_err(Failure::from));
        llamada.anunciar(outcome, move || anunciar(&resolucion));
    }

    /// Ends it with a failure that it shares with others.
    pub(super) fn fallar(self, error: &RepositoryError) {
        let failure = self.llamada.en_contexto(|| fallo(error));
        self.terminar(Keyed::Fresh(Err(failure)));
    }

    /// Ends it.
    pub(super) fn terminar(mut self, outcome: Outcome<Pago>) {
        self.iniciar();
        drop(self.guardia);
        self.llamada.responder(outcome);
    }
}

/// Tells in the log what happened, as against what had happened before.
fn anunciar(resolucion: &Resolucion<Decision>) {
    match resolucion {
        Resolucion::Nueva(Decision::Aceptado { pago, nuevo_saldo }) => {
            let Pago { id, cliente_id, monto, moneda, .. } = pago;
            let (cliente_id, pago_id) = (cliente_id.get(), id.get());
            info!(cliente_id, pago_id, %monto, moneda = moneda.as_str(), %nuevo_saldo, "Pago procesado exitosamente");
        }
        Resolucion::Repetida(Decision::Aceptado { pago, .. }, _) => {
            info!(cliente_id = pago.cliente_id.get(), pago_id = pago.id.get(), "Respuesta repetida de un pago ya procesado");
        }
        _ => {}
    }
}
