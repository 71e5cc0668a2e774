//! Starting tasks that belong to somebody.

use std::future::Future;
use std::thread;

use tokio::task::{AbortHandle, JoinHandle, JoinSet};
use tracing::{Instrument, Span};

use super::Carrier;
use super::current::within;
use super::place::of_process;
use super::running::{Counted, Running};

/// Spawns a task that goes on working for the request at hand.
///
/// When the service stops, the tasks of requests are waited for within the grace period ([`running_tasks`](super::running_tasks)). Outside of a
/// request the task is the process's, and is not waited for: nobody knows whether it ever ends.
///
/// # Panics
///
/// Outside a Tokio runtime, as [`tokio::spawn`] does.
///
/// ```
/// use standards_core::{CorrelationId, RequestContext, context};
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let request = RequestContext::new(CorrelationId::parse("abc").unwrap(), "/pagos", "POST");
/// let task = context::scope(request, async {
///     context::spawn(async { context::current().map(|request| request.correlation_id().to_string()) })
/// });
/// assert_eq!(task.await.await.unwrap().as_deref(), Some("abc"));
/// # });
/// ```
#[expect(clippy::disallowed_methods, reason = "the one place where the context is carried into a task")]
pub fn spawn<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    let Carrier { request, span } = Carrier::current();
    match request {
        Some(request) => tokio::spawn(within(request, span, Counted::new(future))),
        None => tokio::spawn(of_process(future).instrument(span)),
    }
}

/// Spawns a task of the process's own, be it started while a request is served: a worker, the keeper of a connection, a cache that is refreshed.
///
/// Its records carry the process's id, and nobody waits for it. What outlives the request must not go on under its name.
///
/// # Panics
///
/// Outside a Tokio runtime, as [`tokio::spawn`] does.
///
/// ```
/// use standards_core::{CorrelationId, RequestContext, context};
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let request = RequestContext::new(CorrelationId::generate(), "/pagos", "POST");
/// let worker = context::sync_scope(request, || context::spawn_worker(async { context::current().is_none() }));
/// assert!(worker.await.unwrap());
/// # });
/// ```
#[expect(clippy::disallowed_methods, reason = "a task that says that it is the process's")]
pub fn spawn_worker<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    tokio::spawn(of_process(future).instrument(Span::none()))
}

/// Runs blocking work on Tokio's blocking threads, for the request at hand.
///
/// # Panics
///
/// Outside a Tokio runtime, as [`tokio::task::spawn_blocking`] does.
///
/// ```
/// use standards_core::{CorrelationId, RequestContext, context};
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let request = RequestContext::new(CorrelationId::parse("abc").unwrap(), "/pagos", "POST");
/// let hashed = context::scope(request, async { context::spawn_blocking(|| context::current().is_some()).await });
/// assert!(hashed.await.unwrap());
/// # });
/// ```
#[expect(clippy::disallowed_methods, reason = "the one place where the context is carried into blocking work")]
pub fn spawn_blocking<R: Send + 'static>(work: impl FnOnce() -> R + Send + 'static) -> JoinHandle<R> {
    tokio::task::spawn_blocking(blocking(work))
}

/// Starts a thread that works for the request at hand. Within a Tokio runtime [`spawn_blocking`] has threads ready.
///
/// # Panics
///
/// When the system has no thread to give, as [`std::thread::spawn`] does.
///
/// ```
/// use standards_core::{CorrelationId, RequestContext, context};
///
/// let request = RequestContext::new(CorrelationId::parse("abc").unwrap(), "/pagos", "POST");
/// let thread = context::sync_scope(request, || context::spawn_thread(|| context::current().is_some()));
/// assert!(thread.join().unwrap());
/// ```
#[expect(clippy::disallowed_methods, reason = "the one place where the context is carried into a thread")]
pub fn spawn_thread<R: Send + 'static>(work: impl FnOnce() -> R + Send + 'static) -> thread::JoinHandle<R> {
    thread::spawn(blocking(work))
}

/// The work, with its context, counted where it is a request's.
fn blocking<R>(work: impl FnOnce() -> R) -> impl FnOnce() -> R {
    let carrier = Carrier::current();
    let running = carrier.request.is_some().then(Running::begin);
    move || {
        let _running = running;
        carrier.run(work)
    }
}

/// Lets a [`JoinSet`] spawn tasks that go on working for the request at hand.
///
/// They are counted as those of [`spawn`] are, so that one which is [detached](JoinSet::detach_all) is waited for.
///
/// ```
/// use standards_core::context::JoinSetExt;
/// use standards_core::{CorrelationId, RequestContext, context};
/// use tokio::task::JoinSet;
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let request = RequestContext::new(CorrelationId::parse("abc").unwrap(), "/pagos", "POST");
/// let known = context::scope(request, async {
///     let mut set = JoinSet::new();
///     set.spawn_in_context(async { context::current().is_some() });
///     set.spawn_blocking_in_context(|| context::current().is_some());
///     set.join_all().await
/// });
/// assert_eq!(known.await, [true, true]);
/// # });
/// ```
pub trait JoinSetExt<T> {
    /// [`JoinSet::spawn`], for the request at hand.
    ///
    /// # Panics
    ///
    /// Outside a Tokio runtime.
    fn spawn_in_context(&mut self, future: impl Future<Output = T> + Send + 'static) -> AbortHandle;

    /// [`JoinSet::spawn_blocking`], for the request at hand.
    ///
    /// # Panics
    ///
    /// Outside a Tokio runtime.
    fn spawn_blocking_in_context(&mut self, work: impl FnOnce() -> T + Send + 'static) -> AbortHandle;
}

#[expect(clippy::disallowed_methods, reason = "the one place where the context is carried into a set")]
impl<T: Send + 'static> JoinSetExt<T> for JoinSet<T> {
    fn spawn_in_context(&mut self, future: impl Future<Output = T> + Send + 'static) -> AbortHandle {
        let Carrier { request, span } = Carrier::current();
        match request {
            Some(request) => self.spawn(within(request, span, Counted::new(future))),
            None => self.spawn(of_process(future).instrument(span)),
        }
    }

    fn spawn_blocking_in_context(&mut self, work: impl FnOnce() -> T + Send + 'static) -> AbortHandle {
        self.spawn_blocking(blocking(work))
    }
}
