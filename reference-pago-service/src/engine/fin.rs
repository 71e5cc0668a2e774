//! How an operation ends for its caller.

use standards_axum::idempotency::{IdempotencyError, Outcome};
use standards_core::Failure;

use crate::database::RepositoryError;
use crate::repositories::Resolucion;

/// The outcome of a resolution: fresh or replayed, and read by `leer`.
pub fn desenlace<T, U>(resolucion: Resolucion<T>, leer: impl FnOnce(T) -> Result<U, Failure>) -> Outcome<U> {
    match resolucion {
        Resolucion::Nueva(decision) => Outcome::fresh(leer(decision)),
        Resolucion::Repetida(decision, idioma) => Outcome::replayed(leer(decision), idioma),
        Resolucion::Reutilizada => Outcome::fresh(Err(IdempotencyError::ReusedKey.into())),
    }
}

/// A failure that several share: each answer carries the same cause.
pub(super) fn fallo(error: &RepositoryError) -> Failure {
    error.clone().into()
}
