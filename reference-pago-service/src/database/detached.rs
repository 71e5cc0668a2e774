//! Work that outlives its caller.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::Poll;

use standards_core::{Failure, catch_panic, context};

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
    match context::spawn(caught(work)).await {
        Ok(outcome) => outcome.unwrap_or_else(|panic| Err(RepositoryError::panicked(panic))),
        Err(cancelled) => Err(RepositoryError::unavailable(cancelled)),
    }
}

/// Awaits `work`, whose panic is a failure that knows its place: whoever logs the failure logs it, and nobody else.
///
/// # Errors
///
/// When `work` panics.
pub async fn caught<F: Future>(work: F) -> Result<F::Output, Failure> {
    let mut work = pin!(work);
    poll_fn(|cx| match catch_panic(|| work.as_mut().poll(cx)) {
        Ok(poll) => poll.map(Ok),
        Err(panic) => Poll::Ready(Err(panic)),
    })
    .await
}
