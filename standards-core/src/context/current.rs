//! Opening the context, and reading it.

use std::borrow::Cow;
use std::cell::RefCell;
use std::future::Future;
use std::marker::PhantomData;
use std::mem;
use std::time::Duration;

use tracing::{Dispatch, Span, Subscriber};
use tracing_subscriber::registry::{LookupSpan, Registry, SpanRef};

use super::lazy_spans::part_of;
use super::request_span::RequestSpan;
use super::{InContext, RequestContext};
use crate::value::Value;

thread_local! {
    static LENT: Lent = const { Lent { request: RefCell::new(None), span: RefCell::new(RequestSpan::none()) } };
}

/// What is lent to this thread just now.
struct Lent {
    /// The request on whose behalf it works.
    request: RefCell<Option<RequestContext>>,
    /// The span of that, where it is made for whoever asks.
    span: RefCell<RequestSpan>,
}

/// Runs `future` on behalf of `request`.
///
/// The future is polled inside a span of its own, which no level filter switches off: threads that know no task-local, such as a
/// database driver's, find the request through it. Where the log is [`init`](crate::log::init)'s, that span is made when somebody asks for
/// it: for the current span, or for one within it.
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
#[inline]
pub fn scope<F: Future>(request: RequestContext, future: F) -> InContext<F> {
    let own = own_span(&request);
    within(request, own, future)
}

/// Has this thread work on behalf of `request` until the guard is dropped, or goes on to [scope](Entered::scope) a future: as a middleware does that
/// calls a service.
///
/// ```
/// use standards_core::{CorrelationId, RequestContext, context};
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let id = || context::current().unwrap().correlation_id().to_string();
/// let request = RequestContext::new(CorrelationId::parse("abc").unwrap(), "/pagos", "POST");
/// let entered = context::enter(request);
/// let early = id();
/// let called = entered.scope(async move { (early, id()) });
/// assert!(context::current().is_none());
/// assert_eq!(called.await, ("abc".to_owned(), "abc".to_owned()));
/// # });
/// ```
#[must_use = "it ends when it is dropped"]
pub fn enter(request: RequestContext) -> Entered {
    let own = own_span(&request);
    have_span_around();
    Entered { span: RequestSpan::in_place_of(own, &request), lending: Lending::begin(request) }
}

/// Made by [`enter`].
// No closure: what is called in the context is given large things, and each closure moves them once more.
#[derive(Debug)]
pub struct Entered {
    /// That of the future that comes.
    span: RequestSpan,
    lending: Lending,
}

impl Entered {
    /// Ends, and runs `future` on behalf of the request from now on.
    #[inline]
    pub fn scope<F: Future>(self, future: F) -> InContext<F> {
        InContext::new(self.lending.end(), self.span, future)
    }
}

/// The span of `request` where this is within its own scope: it has one already.
fn own_span(request: &RequestContext) -> Span {
    if with_task(|current| current.is_some_and(|current| current.is(request))) { Span::current() } else { Span::none() }
}

/// The same, in `span` where there is one.
#[inline]
pub(super) fn within<F: Future>(request: RequestContext, span: Span, future: F) -> InContext<F> {
    let span = RequestSpan::in_place_of(span, &request);
    InContext::new(Some(request), span, future)
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
    have_span_around();
    let _lending = Lending::begin(request);
    work()
}

/// A request that is lent to this thread without a span.
#[derive(Debug)]
struct Lending {
    /// What was lent before, and then the request again.
    other: Option<RequestContext>,
    other_span: RequestSpan,
    has_ended: bool,
    _of_this_thread: PhantomData<*const ()>,
}

impl Lending {
    fn begin(request: RequestContext) -> Self {
        let (mut other, mut other_span) = (Some(request), RequestSpan::none());
        exchange(&mut other, &mut other_span);
        Self { other, other_span, has_ended: false, _of_this_thread: PhantomData }
    }

    /// Gives the request back.
    fn end(mut self) -> Option<RequestContext> {
        self.take_back();
        self.other.take()
    }

    fn take_back(&mut self) {
        if !mem::replace(&mut self.has_ended, true) {
            exchange(&mut self.other, &mut self.other_span);
        }
    }
}

impl Drop for Lending {
    fn drop(&mut self) {
        self.take_back();
    }
}

/// What is lent without a span has whoever asks be in that of the request around it.
fn have_span_around() {
    if awaits_span() {
        drop(Span::current());
    }
}

/// The same of a request that is lent with its span: both are in their places again when `work` is done, and when it panics. In a span that is
/// made meanwhile `work` goes on.
pub(super) fn lend<R>(request: &mut Option<RequestContext>, span: &mut RequestSpan, work: impl FnOnce() -> R) -> R {
    struct Guard<'a>(&'a mut Option<RequestContext>, &'a mut RequestSpan);

    impl Drop for Guard<'_> {
        fn drop(&mut self) {
            exchange(self.0, self.1);
            self.1.end();
        }
    }

    span.begin();
    exchange(request, span);
    let _guard = Guard(request, span);
    work()
}

/// Changes what is lent for the other one. A thread that is ending is lent nothing.
fn exchange(request: &mut Option<RequestContext>, span: &mut RequestSpan) {
    let _ = LENT.try_with(|lent| {
        if let (Ok(mut lent_request), Ok(mut lent_span)) = (lent.request.try_borrow_mut(), lent.span.try_borrow_mut()) {
            mem::swap(&mut *lent_request, request);
            mem::swap(&mut *lent_span, span);
        }
    });
}

/// Whether the span of the request at hand is yet to be made.
pub(super) fn awaits_span() -> bool {
    LENT.try_with(|lent| lent.span.try_borrow().is_ok_and(|span| span.is_unasked())).unwrap_or_default()
}

/// Has `open` make and enter the span of the request at hand, where whoever asks would be in it.
pub(super) fn ask_for_span(open: impl FnOnce(&RequestContext) -> Span) {
    let _ = LENT.try_with(|lent| {
        if !lent.span.try_borrow().is_ok_and(|span| span.is_due()) {
            return;
        }
        if let Some(request) = of_task() {
            lent.span.replace(RequestSpan::none());
            lent.span.replace(RequestSpan::Open(open(&request)));
        }
    });
}

/// The request on whose behalf this code runs, if any.
///
/// The task knows it; where it does not, the span around this code does, if it is the request's or within it: so a `tokio::spawn` whose
/// future was instrumented, and a thread that entered the span, are the request's too. (Only where the log is ours: the span of a
/// subscriber without a [`RecordLayer`](crate::log::RecordLayer) tells nothing.)
///
/// ```
/// use standards_core::log::{DirectSink, LogOptions, RecordLayer};
/// use standards_core::{CorrelationId, RequestContext, context};
/// use tracing::{Instrument, Span};
/// use tracing_subscriber::layer::SubscriberExt;
///
/// let layer = RecordLayer::new(&LogOptions::new("ms-pago-service", "1.2.3"), DirectSink::new(std::io::sink()));
/// # let log = tracing_subscriber::registry().with(layer);
/// # tracing::subscriber::with_default(log, || {
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let request = RequestContext::new(CorrelationId::parse("abc").unwrap(), "/pagos", "POST");
/// let known = context::scope(request, async {
///     tokio::spawn(async { context::current().is_some() }.instrument(Span::current())).await
/// });
/// assert!(known.await.unwrap());
/// # });
/// # });
/// ```
#[must_use]
pub fn current() -> Option<RequestContext> {
    of_task().or_else(of_current_span)
}

/// Reads the request at hand ([`current`]) without cloning it.
///
/// ```
/// use standards_core::context;
///
/// let endpoint = context::with_current(|request| request.map(|request| request.endpoint().to_owned()));
/// assert_eq!(endpoint, None, "nobody asked");
/// ```
pub fn with_current<R>(mut read: impl FnMut(Option<&RequestContext>) -> R) -> R {
    with_task(|request| request.is_some().then(|| read(request))).unwrap_or_else(|| read(of_current_span().as_ref()))
}

/// Reads the request that the task knows, whatever span this is.
pub(crate) fn with_task<R>(mut read: impl FnMut(Option<&RequestContext>) -> R) -> R {
    LENT.try_with(|lent| read(lent.request.borrow().as_ref())).unwrap_or_else(|_| read(None))
}

/// The request that the task knows.
pub(crate) fn of_task() -> Option<RequestContext> {
    LENT.try_with(|lent| lent.request.borrow().clone()).ok().flatten()
}

fn of_current_span() -> Option<RequestContext> {
    tracing::dispatcher::get_default(of_span_in)
}

/// The request of the span that this thread is in.
pub(crate) fn of_span_in(dispatch: &Dispatch) -> Option<RequestContext> {
    let registry = part_of::<Registry>(dispatch)?;
    let span = registry.current_span();
    of_span(&registry.span(span.id()?)?)
}

/// The request whose span this is, or is within.
pub(crate) fn of_span<'a, R: LookupSpan<'a>>(span: &SpanRef<'a, R>) -> Option<RequestContext> {
    span.scope().find_map(|span| span.extensions().get::<RequestContext>().cloned())
}

/// Adds a field to every record of the request at hand from now on, its access record included. Outside of a request it does nothing.
///
/// See [`RequestContext::add`].
///
/// ```
/// use standards_core::{CorrelationId, RequestContext, context};
///
/// let request = RequestContext::new(CorrelationId::generate(), "/pagos", "POST");
/// context::sync_scope(request, || {
///     context::add("cliente_id", 7);
///     tracing::info!("Pago procesado exitosamente"); // … "context":{"cliente_id":7}
/// });
/// ```
pub fn add(name: impl Into<Cow<'static, str>>, value: impl Into<Value>) {
    if let Some(request) = current() {
        request.add(name, value);
    }
}

/// How long the request at hand may still take: nothing once its deadline has passed, `None` where it has none, and outside of a request.
///
/// What has no deadline is limited by whoever does it.
///
/// ```
/// use std::time::{Duration, Instant};
///
/// use standards_core::{CorrelationId, RequestContext, context};
/// use tokio::time::timeout;
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// let request = RequestContext::new(CorrelationId::generate(), "/pagos", "POST");
/// // The deadline layer of standards-axum does this for every request.
/// request.set_deadline(Instant::now() + Duration::from_millis(20));
///
/// let asked = context::scope(request, async {
///     let limit = context::time_left().unwrap_or(Duration::from_secs(2));
///     timeout(limit, std::future::pending::<()>()).await
/// });
/// assert!(asked.await.is_err());
/// # });
/// ```
///
/// See [`RequestContext::deadline`].
#[must_use]
pub fn time_left() -> Option<Duration> {
    with_current(|request| request.and_then(RequestContext::time_left))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::context::CorrelationId;

    pub(in crate::context) fn request(id: &str) -> RequestContext {
        RequestContext::new(CorrelationId::parse(id).unwrap(), "/", "GET")
    }

    pub(in crate::context) fn id() -> Option<String> {
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
}
