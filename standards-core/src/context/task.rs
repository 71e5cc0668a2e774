//! Opening the context, reading it, and carrying it into tasks.

use std::future::Future;
use std::pin::Pin;

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
pub(crate) const REQUEST_SPAN_TARGET: &str = "standards::request";

/// A future with its request context; it can be named, so a middleware needs no box.
pub type InContext<F> = Instrumented<TaskLocalFuture<RequestContext, F>>;

/// Runs `future` on behalf of `request`.
///
/// The future is polled inside a span of its own, which no level filter switches off: threads that know no task-local, such as a
/// database driver's, find the request through it.
///
/// ```
/// use standards_core::{CorrelationId, RequestContext, context};
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let request = RequestContext::new(CorrelationId::parse("abc").unwrap(), "/pagos", "POST");
/// let id = context::scope(request, async {
///     tokio::task::yield_now().await;
///     context::current().unwrap().correlation_id().to_string()
/// });
/// assert_eq!(id.await, "abc");
/// assert!(context::current().is_none());
/// # });
/// ```
pub fn scope<F: Future>(request: RequestContext, future: F) -> InContext<F> {
    // Within its own scope a request has its span already.
    let own = with_current(|current| current.is_some_and(|current| current.is(&request))).then(Span::current);
    let span = own.filter(|span| !span.is_none()).unwrap_or_else(|| span_of(&request));
    CURRENT.scope(request, future).instrument(span)
}

fn span_of(request: &RequestContext) -> Span {
    // Other layers of the subscriber know the request by this field; ours does not read it.
    let id = || tracing::error_span!(target: REQUEST_SPAN_TARGET, "request", correlation_id = request.correlation_id().as_str());
    CURRENT.sync_scope(request.clone(), id)
}

/// Runs `work` on behalf of `request`, on this thread.
///
/// ```
/// use standards_core::{CorrelationId, RequestContext, context};
///
/// let request = RequestContext::new(CorrelationId::parse("abc").unwrap(), "/pagos", "POST");
/// let id = context::sync_scope(request, || context::current().unwrap().correlation_id().to_string());
/// assert_eq!(id, "abc");
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
///
/// ```
/// use standards_core::context;
///
/// let endpoint = context::with_current(|request| request.map(|request| request.endpoint().to_owned()));
/// assert_eq!(endpoint, None, "nobody asked");
/// ```
pub fn with_current<R>(mut read: impl FnMut(Option<&RequestContext>) -> R) -> R {
    CURRENT.try_with(|request| read(Some(request))).unwrap_or_else(|_| read(None))
}

/// Spawns a task that goes on working for the request at hand.
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
/// use standards_core::context::WithContext;
/// use standards_core::{CorrelationId, RequestContext, context};
/// use tokio::task::JoinSet;
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let request = RequestContext::new(CorrelationId::parse("abc").unwrap(), "/pagos", "POST");
/// let known = context::scope(request, async {
///     let mut set = JoinSet::new();
///     set.spawn(async { context::current().is_some() }.with_context());
///     set.join_next().await.unwrap().unwrap()
/// });
/// assert!(known.await);
/// # });
/// ```
pub trait WithContext: Future + Sized {
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

/// Lets a callback that somebody else will spawn carry the context: axum's `on_upgrade`, which hands a WebSocket to a task of its own.
///
/// ```
/// use standards_core::{CorrelationId, RequestContext, context};
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// /// As axum's `WebSocketUpgrade::on_upgrade` does.
/// fn on_upgrade<F: Future<Output = bool> + Send + 'static>(callback: impl FnOnce(u8) -> F + Send + 'static) -> tokio::task::JoinHandle<bool> {
///     tokio::spawn(async { callback(7).await })
/// }
///
/// let request = RequestContext::new(CorrelationId::parse("abc").unwrap(), "/ws", "GET");
/// let task = context::sync_scope(request, || on_upgrade(context::carried(async |_socket| context::current().is_some())));
/// assert!(task.await.unwrap());
/// # });
/// ```
pub fn carried<A, F>(callback: impl FnOnce(A) -> F) -> impl FnOnce(A) -> Carried<F::Output>
where
    F: Future + Send + 'static,
{
    let (request, span) = (current(), Span::current());
    move |argument| {
        let future = {
            let _entered = span.enter();
            match &request {
                Some(request) => sync_scope(request.clone(), || callback(argument)),
                None => callback(argument),
            }
        };
        match request {
            Some(request) if span.is_none() => Box::pin(scope(request, future)),
            Some(request) => Box::pin(CURRENT.scope(request, future).instrument(span)),
            None => Box::pin(future.instrument(span)),
        }
    }
}

/// The future of a callback that was [`carried`].
pub type Carried<T> = Pin<Box<dyn Future<Output = T> + Send>>;

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
    async fn a_callback_that_somebody_else_spawns_carries_it() {
        let within = |number: u8| {
            let called = id();
            async move { (number, called, id()) }
        };
        let task = sync_scope(request("a"), || carried(within));
        let a = Some("a".to_owned());
        let mut set = tokio::task::JoinSet::new();
        set.spawn(async { task(7).await });
        set.spawn(async move { carried(within)(8).await });
        let mut seen = set.join_all().await;
        seen.sort();
        assert_eq!(seen, [(7, a.clone(), a), (8, None, None)]);
    }

    #[tokio::test]
    async fn outside_a_request_tasks_have_none() {
        assert_eq!((spawn(async { id() }).await.unwrap(), spawn_blocking(id).await.unwrap()), (None, None));
        assert_eq!(async { id() }.with_context().await, None);
    }
}
