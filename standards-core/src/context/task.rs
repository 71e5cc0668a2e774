//! Opening the context, reading it, and carrying it into tasks.

use std::future::Future;

use tokio::task::JoinHandle;
use tokio::task::futures::TaskLocalFuture;
use tracing::instrument::Instrumented;
use tracing::{Instrument, Span};

use super::RequestContext;

tokio::task_local! {
    static CURRENT: RequestContext;
}

/// The target of the span around each request. No level filter may switch it off: threads that know no task-local, such as a
/// database driver's worker, find the request through it.
pub const REQUEST_SPAN_TARGET: &str = "standards::request";

/// A future with its request context; it can be named, so a middleware needs no box.
pub type InContext<F> = Instrumented<TaskLocalFuture<RequestContext, F>>;

/// Runs `future` on behalf of `request`.
///
/// The context is entered at each poll and left after it, so that other tasks of the same thread see nothing of it. A span around
/// the future tells threads that no task-local reaches.
///
/// ```
/// use standards_core::context::{self, CorrelationId, RequestContext};
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let request = RequestContext::new(CorrelationId::generate(), "/api/v1/pagos", "POST");
/// let endpoint = context::scope(request, async { context::current().unwrap().endpoint().to_owned() }).await;
/// assert_eq!(endpoint, "/api/v1/pagos");
/// # });
/// ```
pub fn scope<F: Future>(request: RequestContext, future: F) -> InContext<F> {
    let span = span_of(&request);
    CURRENT.scope(request, future).instrument(span)
}

fn span_of(request: &RequestContext) -> Span {
    CURRENT.sync_scope(request.clone(), || tracing::error_span!(target: REQUEST_SPAN_TARGET, "request"))
}

/// Runs `future` on behalf of `request` without a span. Threads that it hands work to do not learn whose it is; tasks do, by
/// [`spawn`]. For the inside of a service, where each microsecond counts and no such thread is met.
pub fn task_scope<F: Future>(request: RequestContext, future: F) -> TaskLocalFuture<RequestContext, F> {
    CURRENT.scope(request, future)
}

/// Runs `work` on behalf of `request`, on this thread.
///
/// ```
/// use standards_core::context::{self, CorrelationId, RequestContext};
///
/// let request = RequestContext::new(CorrelationId::generate(), "/cierre", "POST");
/// assert!(context::sync_scope(request, || context::current().is_some()));
/// assert!(context::current().is_none());
/// ```
pub fn sync_scope<R>(request: RequestContext, work: impl FnOnce() -> R) -> R {
    CURRENT.sync_scope(request, work)
}

/// The request on whose behalf this code runs, if any.
#[must_use]
pub fn current() -> Option<RequestContext> {
    CURRENT.try_with(Clone::clone).ok()
}

/// Reads the request at hand without cloning it.
pub fn with_current<R>(mut read: impl FnMut(Option<&RequestContext>) -> R) -> R {
    CURRENT.try_with(|request| read(Some(request))).unwrap_or_else(|_| read(None))
}

/// Spawns a task that goes on working for the request at hand.
///
/// # Panics
///
/// Outside a Tokio runtime, as [`tokio::spawn`] does.
///
/// # Example: a task after the answer keeps the request's id
///
/// ```
/// use standards_core::context::{self, CorrelationId, RequestContext};
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let request = RequestContext::new(CorrelationId::parse("abc-123").unwrap(), "/", "GET");
/// let task = context::scope(request, async { context::spawn(async { context::current().unwrap() }) }).await;
/// assert_eq!(task.await.unwrap().correlation_id().as_str(), "abc-123");
/// # });
/// ```
#[expect(clippy::disallowed_methods, reason = "the one place where the context is carried into a task")]
pub fn spawn<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    let span = Span::current();
    match current() {
        Some(request) if span.is_none() => tokio::spawn(scope(request, future)),
        Some(request) => tokio::spawn(CURRENT.scope(request, future).instrument(span)),
        None => tokio::spawn(future.instrument(span)),
    }
}

/// Runs blocking work on Tokio's blocking threads, for the request at hand.
///
/// # Panics
///
/// Outside a Tokio runtime, as [`tokio::task::spawn_blocking`] does.
///
/// # Example: a hash that takes its time
///
/// ```
/// use standards_core::context::{self, CorrelationId, RequestContext};
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let request = RequestContext::new(CorrelationId::parse("abc-123").unwrap(), "/", "GET");
/// let work = || context::current().unwrap().correlation_id().to_string();
/// let seen = context::scope(request, async move { context::spawn_blocking(work).await.unwrap() });
/// assert_eq!(seen.await, "abc-123");
/// # });
/// ```
#[expect(clippy::disallowed_methods, reason = "the one place where the context is carried into blocking work")]
pub fn spawn_blocking<R: Send + 'static>(work: impl FnOnce() -> R + Send + 'static) -> JoinHandle<R> {
    let (span, request) = (Span::current(), current());
    tokio::task::spawn_blocking(move || {
        span.in_scope(|| match request {
            Some(request) => sync_scope(request, work),
            None => work(),
        })
    })
}

/// Lets a future carry the context to wherever it is polled: a `JoinSet`, another task, a streamed body.
///
/// ```
/// use standards_core::context::{self, CorrelationId, RequestContext, WithContext};
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let request = RequestContext::new(CorrelationId::parse("abc-123").unwrap(), "/", "GET");
/// let seen = context::scope(request, async {
///     let mut set = tokio::task::JoinSet::new();
///     set.spawn(async { context::current().unwrap() }.with_context());
///     set.join_next().await.unwrap().unwrap()
/// });
/// assert_eq!(seen.await.correlation_id().as_str(), "abc-123");
/// # });
/// ```
pub trait WithContext: Future + Sized {
    /// Carries `request`, in a span of its own.
    fn in_request(self, request: RequestContext) -> InContext<Self> {
        scope(request, self)
    }

    /// Carries the request at hand, if there is one.
    fn with_context(self) -> impl Future<Output = Self::Output> + use<Self>;
}

impl<F: Future> WithContext for F {
    fn with_context(self) -> impl Future<Output = Self::Output> + use<F> {
        let (request, span) = (current(), Span::current());
        async move {
            match request {
                Some(request) => CURRENT.scope(request, self).await,
                None => self.await,
            }
        }
        .instrument(span)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::CorrelationId;

    fn request(id: &str) -> RequestContext {
        RequestContext::new(CorrelationId::parse(id).unwrap(), "/", "GET")
    }

    fn id() -> Option<String> {
        with_current(|request| request.map(|request| request.correlation_id().to_string()))
    }

    #[tokio::test]
    async fn the_context_ends_with_its_future() {
        assert_eq!(scope(request("a"), async { id() }).await.as_deref(), Some("a"));
        assert_eq!(id(), None);
    }

    #[tokio::test]
    async fn a_nested_scope_gives_way_to_the_outer_one() {
        let inner_then_outer = scope(request("outer"), async { (scope(request("inner"), async { id() }).await, id()) });
        assert_eq!(inner_then_outer.await, (Some("inner".into()), Some("outer".into())));
    }

    #[tokio::test]
    async fn tasks_and_blocking_work_carry_it() {
        let seen = scope(request("a"), async {
            let mut set = tokio::task::JoinSet::new();
            set.spawn(async { id() }.with_context());
            (spawn(async { id() }).await.unwrap(), spawn_blocking(id).await.unwrap(), set.join_next().await.unwrap().unwrap())
        });
        let a = Some("a".to_owned());
        assert_eq!(seen.await, (a.clone(), a.clone(), a));
    }

    #[tokio::test]
    async fn what_runs_without_a_span_has_the_context_and_so_have_its_tasks() {
        let seen = task_scope(request("a"), async { (id(), spawn(async { id() }).await.unwrap()) });
        assert_eq!(seen.await, (Some("a".into()), Some("a".into())));
        assert_eq!(id(), None);
    }

    #[tokio::test]
    async fn outside_a_request_tasks_have_none() {
        assert_eq!((spawn(async { id() }).await.unwrap(), spawn_blocking(id).await.unwrap()), (None, None));
        assert_eq!(async { id() }.with_context().await, None);
    }
}
