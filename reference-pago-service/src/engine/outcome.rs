//! How an operation ends for its caller.

use standards_core::Failure;
use standards_core::idempotency::Keyed;

use crate::database::RepositoryError;
use crate::repositories::Resolucion;

/// What became of an operation, and the failure where it is one.
pub type Outcome<T> = Keyed<Result<T, Failure>>;

/// The outcome of a resolution: fresh or replayed, and read by `leer`.
pub fn desenlace<T, U>(resolucion: Resolucion<T>, leer: impl FnOnce(T) -> Result<U, Failure>) -> Outcome<U> {
    match resolucion {
        Resolucion::Nueva(decision) => Keyed::Fresh(leer(decision)),
        Resolucion::Repetida(decision, idioma) => Keyed::Replayed(leer(decision), idioma),
        Resolucion::Reutilizada => Keyed::Reused,
    }
}

/// A failure that several share: each answer carries the same cause.
pub(super) fn fallo(error: &RepositoryError) -> Failure {
    error.clone().into()
}
