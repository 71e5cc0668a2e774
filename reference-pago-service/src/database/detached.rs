//! Work that outlives its caller.

use std::pin::Pin;

use standards_core::{catch_panic_async, context};

use super::RepositoryError;

/// The answer of a database, to be awaited.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, RepositoryError>> + Send + 'a>>;

/// Run a unit of work in a task of its own, so that a caller whose future is dropped (a deadline,
/// a client that left) cannot stop it half-way.
///
/// Its records keep the id of the request.
///
/// # Errors
///
/// Those of the work, its panic, and [`ErrorKind::Unavailable`](super::ErrorKind::Unavailable) when the runtime is shutting down.
pub async fn detached<T, F>(work: F) -> Result<T, RepositoryError>
where
    T: Send + 'static,
    F: Future<Output = Result<T, RepositoryError>> + Send + 'static,
{
    match context::spawn(catch_panic_async(work)).await {
        Ok(outcome) => outcome.unwrap_or_else(|panic| Err(RepositoryError::panicked(panic))),
        Err(cancelled) => Err(RepositoryError::unavailable(cancelled)),
    }
}
