//! Work that outlives its caller.

use std::panic::resume_unwind;
use std::pin::Pin;

use standards_core::context;

use super::RepositoryError;

/// The answer of a database, to be awaited.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, RepositoryError>> + Send + 'a>>;

/// Run a unit of work in a task of its own, so that a caller whose future is dropped (a deadline,
/// a client that left) cannot stop it half-way.
///
/// Its records keep the id of the request. A panic of the work goes on in the caller.
///
/// # Errors
///
/// Those of the work, and [`ErrorKind::Unavailable`](crate::database::ErrorKind::Unavailable) when the runtime is shutting down.
pub async fn detached<T, F>(work: F) -> Result<T, RepositoryError>
where
    T: Send + 'static,
    F: Future<Output = Result<T, RepositoryError>> + Send + 'static,
{
    match context::spawn(work).await {
        Ok(outcome) => outcome,
        Err(stopped) => match stopped.try_into_panic() {
            Ok(panic) => resume_unwind(panic),
            Err(cancelled) => Err(RepositoryError::unavailable(cancelled)),
        },
    }
}
