//! Requests that carry an `Idempotency-Key`.

use std::sync::Arc;

use standards_core::idempotency::{IdempotencyError, InFlight, InFlightGuard};
use standards_core::{Failure, Language, RequestContext, context};

use crate::repositories::{Clave, OutcomeRepository, Resolucion, Stored};

/// The keys that are being worked on, and the outcomes of those that were. Clones share them.
#[derive(Clone)]
pub struct Keys {
    en_proceso: InFlight,
    guardadas: Arc<dyn OutcomeRepository>,
}

/// How a request may go on.
pub(super) enum Entrada<T> {
    /// It is to be done, with its key taken if it has one.
    Libre(Option<InFlightGuard>),
    /// It was done before.
    Resuelta(Resolucion<T>),
}

impl Keys {
    /// Keys on top of a repository.
    #[must_use]
    pub fn new(guardadas: Arc<dyn OutcomeRepository>) -> Self {
        Self { en_proceso: InFlight::default(), guardadas }
    }

    /// Takes the key. Where another request has it, a finished outcome is still an outcome: that one may be a repetition too.
    ///
    /// # Errors
    ///
    /// [`IdempotencyError::InProgress`] while the first request with the key is being worked on.
    pub(super) async fn entrar<T: Stored>(&self, clave: Option<&Clave>) -> Result<Entrada<T>, Failure> {
        let Some(clave) = clave else { return Ok(Entrada::Libre(None)) };
        match self.en_proceso.enter(clave.scope()) {
            Ok(guardia) => Ok(Entrada::Libre(Some(guardia))),
            Err(en_proceso) => self.resuelta(clave, en_proceso).await.map(Entrada::Resuelta),
        }
    }

    async fn resuelta<T: Stored>(&self, clave: &Clave, en_proceso: IdempotencyError) -> Result<Resolucion<T>, Failure> {
        match self.guardadas.buscar(clave.clone()).await? {
            Some(stored) => Ok(stored.resolver(clave)?),
            None => Err(en_proceso.into()),
        }
    }
}

/// The language in which the request at hand is answered.
pub(super) fn idioma() -> Language {
    context::with_current(|request| request.map(RequestContext::language)).unwrap_or_default()
}
