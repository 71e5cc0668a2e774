//! Carrying the context to where no task takes it by itself.

use std::future::Future;
use std::pin::Pin;

use tracing::{Instrument, Span};

use super::RequestContext;
use super::current::{current, sync_scope, within};
use super::place::{of_process, sync_of_process};

/// The request at hand and its span, to be taken to another thread: for the closures of a pool that are called more than once.
///
/// ```
/// use standards_core::context::Carrier;
/// use standards_core::{CorrelationId, RequestContext, context};
///
/// let request = RequestContext::new(CorrelationId::parse("abc").unwrap(), "/pagos", "POST");
/// let known = context::sync_scope(request, || {
///     let carrier = Carrier::current();
///     // As with `pagos.par_iter().map(|pago| carrier.run(|| check(pago)))`.
///     std::thread::scope(|pool| {
///         let threads = [1, 2].map(|_| pool.spawn(|| carrier.run(|| context::current().is_some())));
///         threads.into_iter().all(|thread| thread.join().unwrap())
///     })
/// });
/// assert!(known);
/// ```
#[derive(Clone, Debug)]
pub struct Carrier {
    pub(super) request: Option<RequestContext>,
    pub(super) span: Span,
}

impl Carrier {
    /// What is at hand here. Outside of a request that is the process, and what is run belongs to it.
    #[must_use]
    pub fn current() -> Self {
        Self { request: current(), span: Span::current() }
    }

    /// Runs `work` on this thread, on behalf of whatever is carried.
    pub fn run<R>(&self, work: impl FnOnce() -> R) -> R {
        self.span.in_scope(|| match &self.request {
            Some(request) => sync_scope(request.clone(), work),
            None => sync_of_process(work),
        })
    }
}

/// Lets a closure carry the context to wherever it is called: a thread of its own, the pool of `rayon`.
///
/// A closure that is called more than once uses a [`Carrier`], a future [`with_context`](WithContext::with_context).
///
/// ```
/// use standards_core::{CorrelationId, RequestContext, context};
///
/// let request = RequestContext::new(CorrelationId::parse("abc").unwrap(), "/pagos", "POST");
/// let thread = context::sync_scope(request, || {
///     std::thread::spawn(context::wrap(|| context::current().map(|request| request.correlation_id().to_string())))
/// });
/// assert_eq!(thread.join().unwrap().as_deref(), Some("abc"));
/// ```
pub fn wrap<R, F: FnOnce() -> R>(work: F) -> impl FnOnce() -> R + use<R, F> {
    let carrier = Carrier::current();
    move || carrier.run(work)
}

/// Lets a future carry the context to wherever it is polled: another task, a streamed body.
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
        let Carrier { request, span } = Carrier::current();
        async move {
            match request {
                Some(request) => within(request, span, self).await,
                None => of_process(self).instrument(span).await,
            }
        }
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
    let carrier = Carrier::current();
    move |argument| {
        let future = carrier.run(|| callback(argument));
        let Carrier { request, span } = carrier;
        match request {
            Some(request) => Box::pin(within(request, span, future)),
            None => Box::pin(of_process(future).instrument(span)),
        }
    }
}

/// The future of a callback that was [`carried`].
pub type Carried<T> = Pin<Box<dyn Future<Output = T> + Send>>;

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "what is carried along in them")]
mod tests {
    use tokio::task::JoinSet;

    use super::*;
    use crate::context::current::tests::{id, request};
    use crate::context::{JoinSetExt, scope, spawn, spawn_blocking, spawn_thread, spawn_worker};

    #[tokio::test]
    async fn tasks_and_blocking_work_carry_it() {
        let seen = scope(request("a"), async {
            let mut set = JoinSet::new();
            set.spawn_in_context(async { id() });
            set.spawn_blocking_in_context(id);
            set.spawn(async { id() }.with_context());
            set.spawn(async { spawn(async { id() }).await.unwrap() }.with_context());
            let spawned = [spawn(async { id() }).await, spawn_blocking(id).await].map(Result::unwrap);
            (set.join_all().await, spawned, spawn_thread(id).join().unwrap())
        });
        let a = Some("a".to_owned());
        assert_eq!(seen.await, (vec![a.clone(); 4], [a.clone(), a.clone()], a));
    }

    #[test]
    fn a_carrier_gives_the_context_to_each_call_and_takes_it_back() {
        let (carrier, wrapped) = sync_scope(request("a"), || (Carrier::current(), wrap(id)));
        let a = Some("a".to_owned());
        assert_eq!((carrier.run(id), carrier.run(id), id()), (a.clone(), a.clone(), None));
        assert_eq!((std::thread::spawn(wrapped).join().unwrap(), wrap(id)()), (a, None));
    }

    #[tokio::test]
    async fn a_worker_leaves_the_request_behind() {
        let worker = scope(request("a"), async { spawn_worker(async { (id(), Span::current().is_none()) }).await });
        assert_eq!(worker.await.unwrap(), (None, true));
    }

    #[tokio::test]
    async fn a_callback_that_somebody_else_spawns_carries_it() {
        let within = |number: u8| {
            let called = id();
            async move { (number, called, id()) }
        };
        let task = sync_scope(request("a"), || carried(within));
        let a = Some("a".to_owned());
        let mut set = JoinSet::new();
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
