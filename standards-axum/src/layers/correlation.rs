//! Open the request's context around everything that serves it, and name the request in the answer.

use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::header::{ACCEPT_LANGUAGE, Entry};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response};
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use standards_core::context::{self, InContext, TraceParent};
use standards_core::{CorrelationId, Language, RequestContext};
use tower_layer::Layer;
use tower_service::Service;

use super::in_flight::{InFlight, Ticket};
use super::marks::Marks;
use super::request_span::{RequestSpan, SpanGuard, Spans};

/// The header that names a request, in both directions: `X-Correlation-ID`.
pub const X_CORRELATION_ID: HeaderName = HeaderName::from_static("x-correlation-id");

/// `X-Request-ID`, by which other layers and proxies name a request.
const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

pub(crate) const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// Gives each request its [`RequestContext`] (guideline section 3, "Middleware para Correlation ID").
///
/// The client's `X-Correlation-ID` is taken where there is one and it is well formed, else a new one is made; the answer carries
/// it whatever happened, and so do the request's own headers, for whoever forwards them. The context lasts while the answer's body streams, and while that
/// is dropped. Well formed is an id of up to 128 letters, digits and `._:-`; two headers are none. `Accept-Language` and `traceparent` go into the context
/// too.
///
/// Inside another such layer the request keeps the context that it has.
///
/// ```
/// use axum::body::{Body, to_bytes};
/// use axum::{Router, routing::get};
/// use http::Request;
/// use standards_axum::core::context;
/// use standards_axum::layers::{CorrelationLayer, X_CORRELATION_ID};
/// use tower::ServiceExt;
///
/// // Whatever is done for a request knows its id, however deep.
/// fn current_id() -> String {
///     context::current().map(|request| request.correlation_id().to_string()).unwrap_or_default()
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let app: Router = Router::new().route("/", get(async || current_id())).layer(CorrelationLayer::new());
///
/// let named = Request::get("/").header(X_CORRELATION_ID, "pedido-7").body(Body::empty()).unwrap();
/// let answer = app.clone().oneshot(named).await.unwrap();
/// assert_eq!(answer.headers()[X_CORRELATION_ID], "pedido-7");
/// assert_eq!(to_bytes(answer.into_body(), 64).await.unwrap(), "pedido-7");
///
/// let answer = app.oneshot(Request::new(Body::empty())).await.unwrap();
/// assert_eq!(answer.headers()[X_CORRELATION_ID].len(), 36);
/// # }
/// ```
///
/// # Example: a service that names its requests by `X-Request-ID`
///
/// ```
/// use standards_axum::StandardsLayer;
/// use standards_axum::layers::CorrelationLayer;
///
/// // What a proxy or a client has named is called so here too, in the answer, the log and the handlers.
/// let layer = StandardsLayer::new().with_correlation(CorrelationLayer::new().adopting_request_id());
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct CorrelationLayer {
    request_id: RequestId,
}

/// What becomes of `X-Request-ID`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum RequestId {
    /// It is none of ours.
    #[default]
    Ignored,
    /// A request without one is given the id, so that a layer inside which would make another one does not.
    Given,
    /// It is the id, where the client sends no `X-Correlation-ID`; inside, both are the same.
    Adopted,
}

impl CorrelationLayer {
    /// Knows `X-Correlation-ID` and no other header.
    #[must_use]
    pub const fn new() -> Self {
        Self { request_id: RequestId::Ignored }
    }

    /// Gives a request without `X-Request-ID` its id under that name too: layers of the service that would make one (tower-http's
    /// `SetRequestIdLayer`) then say the same id.
    #[must_use]
    pub const fn giving_request_id(self) -> Self {
        Self { request_id: RequestId::Given }
    }

    pub(crate) const fn naming(self, in_flight: Option<Arc<InFlight>>, spans: Spans) -> Naming {
        Naming { request_id: self.request_id, in_flight, spans }
    }

    /// Takes the client's `X-Request-ID` for the id, where it is well formed and no `X-Correlation-ID` is there.
    #[must_use]
    pub const fn adopting_request_id(self) -> Self {
        Self { request_id: RequestId::Adopted }
    }
}

impl<S> Layer<S> for CorrelationLayer {
    type Service = Correlation<S>;

    fn layer(&self, inner: S) -> Correlation<S> {
        Correlation { inner, naming: self.naming(None, Spans::none()) }
    }
}

/// The service of [`CorrelationLayer`].
#[derive(Clone, Debug)]
pub struct Correlation<S> {
    inner: S,
    naming: Naming,
}

impl<S, B, R> Service<Request<B>> for Correlation<S>
where
    S: Service<Request<B>, Response = Response<R>>,
{
    type Response = Response<CorrelatedBody<R>>;
    type Error = S::Error;
    type Future = CorrelationFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let (context, named) = self.naming.name(&mut request);
        let begun = named.begin(context);
        CorrelationFuture { inner: begun.scope(self.inner.call(request)), named }
    }
}

/// How requests are named, and who is told of them.
#[derive(Clone, Debug)]
pub(crate) struct Naming {
    request_id: RequestId,
    in_flight: Option<Arc<InFlight>>,
    spans: Spans,
}

impl Naming {
    /// The request's context, and what its answer is to have of it; the request says its id itself.
    pub(crate) fn name<B>(&self, request: &mut Request<B>) -> (RequestContext, NamedAnswer) {
        let was_named = mem::replace(&mut Marks::of_mut(request.extensions_mut()).is_named, true);
        let (context, span) = context_of(request, was_named, self);
        let id = Some(name(request.headers_mut(), context.correlation_id(), self.request_id));
        // One within another has nothing to note.
        let ticket = self.in_flight.as_ref().filter(|_| !was_named).map(|in_flight| in_flight.enter(&context));
        (context, NamedAnswer { id, ticket, span })
    }
}

/// What an answer is to have of its request.
pub(crate) struct NamedAnswer {
    id: Option<HeaderValue>,
    ticket: Option<Ticket>,
    span: RequestSpan,
}

impl NamedAnswer {
    /// Begins the work for the request within its context: the inner service may already log while it is called.
    pub(crate) fn begin(&self, context: RequestContext) -> Begun {
        let _span = self.span.enter();
        Begun { context: context::enter(context), _span }
    }

    /// What `work` gives, within the request's span.
    pub(crate) fn within<R>(&self, work: impl FnOnce() -> R) -> R {
        let _entered = self.span.enter();
        work()
    }

    /// Has the answer say its request's id, and its span end. What is given back is held until its body has gone.
    pub(crate) fn end<R>(&mut self, response: &mut Response<R>) -> Option<Ticket> {
        self.span.end(response);
        if let Some(id) = self.id.take() {
            response.headers_mut().insert(X_CORRELATION_ID, id);
        }
        self.ticket.take()
    }
}

/// Work for a request that has begun, until the future is there that goes on with it.
pub(crate) struct Begun {
    context: context::Entered,
    _span: SpanGuard,
}

impl Begun {
    pub(crate) fn scope<F: Future>(self, future: F) -> InContext<F> {
        self.context.scope(future)
    }
}

/// That of the layer around this one, which has named the request, else a new one, and its span.
fn context_of<B>(request: &Request<B>, was_named: bool, naming: &Naming) -> (RequestContext, RequestSpan) {
    if let Some(outer) = was_named.then(context::current).flatten() {
        return (outer, RequestSpan::none());
    }
    let [own, other, language, trace] =
        told(request.headers(), [&X_CORRELATION_ID, &X_REQUEST_ID, &ACCEPT_LANGUAGE, &TRACEPARENT]);
    let adopted = || other.filter(|_| naming.request_id == RequestId::Adopted);
    let id = own.and_then(CorrelationId::parse).or_else(|| adopted().and_then(CorrelationId::parse));
    let id = id.unwrap_or_else(CorrelationId::generate);
    let (trace, mut span) = naming.spans.begin(request, &id, trace.and_then(TraceParent::parse));
    let (path, method) = (request.uri().path(), request.method().as_str());
    let language = language.map(Language::negotiate).unwrap_or_default();
    let context = RequestContext::with_details(id, path, method, language, trace);
    span.belongs_to(&context);
    (context, span)
}

/// Has the request's headers say its id.
fn name(headers: &mut HeaderMap, id: &CorrelationId, request_id: RequestId) -> HeaderValue {
    let value = match headers.entry(X_CORRELATION_ID) {
        Entry::Occupied(known) if known.get().as_bytes() == id.as_str().as_bytes() => known.get().clone(),
        Entry::Occupied(mut other) => {
            other.insert(header_value(id.clone()));
            other.get().clone()
        }
        Entry::Vacant(place) => place.insert(header_value(id.clone())).clone(),
    };
    if request_id != RequestId::Ignored {
        name_other(headers, &value, request_id);
    }
    value
}

/// Has `X-Request-ID` say it too.
fn name_other(headers: &mut HeaderMap, value: &HeaderValue, request_id: RequestId) {
    match headers.entry(X_REQUEST_ID) {
        Entry::Vacant(place) => {
            place.insert(value.clone());
        }
        Entry::Occupied(mut other) if request_id == RequestId::Adopted => {
            other.insert(value.clone());
        }
        Entry::Occupied(_) => {}
    }
}

/// The id as a header: request and answer share it.
fn header_value(id: CorrelationId) -> HeaderValue {
    struct Id(CorrelationId);

    impl AsRef<[u8]> for Id {
        fn as_ref(&self) -> &[u8] {
            self.0.as_str().as_bytes()
        }
    }

    // An id is visible ASCII.
    HeaderValue::from_maybe_shared(Bytes::from_owner(Id(id))).unwrap_or(HeaderValue::from_static(""))
}

/// The values of these headers, each where it stands once and is visible ASCII. In one walk: most requests have few headers, and a hash of each
/// name takes longer than to look at them all.
fn told<'h, const N: usize>(headers: &'h HeaderMap, names: [&HeaderName; N]) -> [Option<&'h str>; N] {
    let mut seen = [(0, None); N];
    for (name, value) in headers {
        if let Some((times, first)) = names.iter().zip(&mut seen).find_map(|(wanted, seen)| (*wanted == name).then_some(seen)) {
            *times += 1;
            *first = Some(value);
        }
    }
    seen.map(|(times, value)| value.filter(|_| times == 1)?.to_str().ok())
}

/// The header's value where it stands once and is visible ASCII.
#[cfg(any(feature = "otel", test))]
pub(super) fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok(),
        _ => None,
    }
}

pin_project! {
    /// The future of [`Correlation`].
    pub struct CorrelationFuture<F> {
        #[pin]
        inner: InContext<F>,
        // Behind what is within its span, which is dropped first.
        named: NamedAnswer,
    }
}

impl<F, R, E> Future for CorrelationFuture<F>
where
    F: Future<Output = Result<Response<R>, E>>,
{
    type Output = Result<Response<CorrelatedBody<R>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let mut response = ready!(this.named.within(|| this.inner.as_mut().poll(cx)))?;
        let ticket = this.named.end(&mut response);
        Poll::Ready(Ok(response.map(|body| CorrelatedBody::new(this.inner.hand_on(body), ticket))))
    }
}

pin_project! {
    /// A body that is produced on behalf of its request.
    pub struct CorrelatedBody<B> {
        #[pin]
        body: InContext<B>,
        _ticket: Option<Ticket>,
    }
}

impl<B> CorrelatedBody<B> {
    pub(crate) const fn new(body: InContext<B>, ticket: Option<Ticket>) -> Self {
        Self { body, _ticket: ticket }
    }
}

type NextFrame<B> = Option<Result<Frame<<B as Body>::Data>, <B as Body>::Error>>;

/// One frame; with the last one the body goes, so that its end needs no scope of its own.
fn poll_once<B: Body>(mut body: Pin<&mut Option<B>>, cx: &mut Context<'_>) -> Poll<NextFrame<B>> {
    let Some(frames) = body.as_mut().as_pin_mut() else { return Poll::Ready(None) };
    let poll = frames.poll_frame(cx);
    let has_ended = match &poll {
        Poll::Ready(Some(_)) => body.as_ref().get_ref().as_ref().is_some_and(Body::is_end_stream),
        Poll::Ready(None) => true,
        Poll::Pending => false,
    };
    if has_ended {
        body.set(None);
    }
    poll
}

impl<B: Body> Body for CorrelatedBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        self.project().body.within(|body| poll_once(body, cx))
    }

    fn is_end_stream(&self) -> bool {
        self.body.get().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.get().map_or_else(|| SizeHint::with_exact(0), Body::size_hint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body as AxumBody;
    use http_body_util::BodyExt;
    use std::convert::Infallible;
    use tower::{ServiceExt, service_fn};

    async fn answer(values: &[&[u8]]) -> (Option<String>, String) {
        let mut request = Request::new(());
        for value in values {
            request.headers_mut().append(X_CORRELATION_ID, HeaderValue::from_bytes(value).unwrap());
        }
        let inner = service_fn(async |_: Request<()>| {
            Ok::<_, Infallible>(Response::new(AxumBody::from(current_id().unwrap_or_default())))
        });
        let response = CorrelationLayer::new().layer(inner).oneshot(request).await.unwrap();
        let header = response.headers().get(X_CORRELATION_ID).map(|value| value.to_str().unwrap().to_owned());
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (header, String::from_utf8(body.to_vec()).unwrap())
    }

    fn current_id() -> Option<String> {
        context::current().map(|context| context.correlation_id().to_string())
    }

    #[tokio::test]
    async fn a_well_formed_id_is_taken() {
        assert_eq!(answer(&[b"abc-123"]).await, (Some("abc-123".into()), "abc-123".into()));
    }

    #[tokio::test]
    async fn anything_else_is_replaced_by_a_new_uuid() {
        let long = [b'a'; 129];
        let cases: [&[&[u8]]; 6] = [&[], &[b""], &[b"a b"], &[b"\xe9\xff"], &[&long], &[b"a", b"b"]];
        for values in cases {
            let (header, inside) = answer(values).await;
            assert_eq!(header.as_deref(), Some(inside.as_str()));
            assert_eq!(inside.len(), 36, "{values:?} gave {inside}");
        }
    }

    /// A body that tells which request it is produced for.
    struct WhoseBody;

    impl Body for WhoseBody {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            Poll::Ready(Some(Ok(Frame::data(current_id().unwrap_or_default().into()))))
        }
    }

    #[tokio::test]
    async fn the_body_streams_inside_the_context() {
        let inner = service_fn(async |_: Request<()>| Ok::<_, Infallible>(Response::new(WhoseBody)));
        let mut request = Request::new(());
        request.headers_mut().insert(X_CORRELATION_ID, HeaderValue::from_static("streamed"));
        let mut response = CorrelationLayer::new().layer(inner).oneshot(request).await.unwrap();
        let frame = response.frame().await.unwrap().unwrap();
        assert_eq!(frame.into_data().unwrap(), "streamed");
    }

    /// The ids that the inner service finds in its headers, and that of the answer.
    async fn ids(layer: CorrelationLayer, sent: &[(&HeaderName, &'static str)]) -> (Option<String>, Option<String>, String) {
        let mut request = Request::new(());
        for (name, id) in sent {
            request.headers_mut().insert(*name, HeaderValue::from_static(id));
        }
        let inner = service_fn(async |request: Request<()>| {
            let mut response = Response::new(AxumBody::empty());
            response.extensions_mut().insert(request.headers().clone());
            Ok::<_, Infallible>(response)
        });
        let response = layer.layer(inner).oneshot(request).await.unwrap();
        let seen = response.extensions().get::<HeaderMap>().unwrap();
        let id = |name| only(seen, &name).map(str::to_owned);
        (id(X_CORRELATION_ID), id(X_REQUEST_ID), only(response.headers(), &X_CORRELATION_ID).unwrap().to_owned())
    }

    #[tokio::test]
    async fn the_requests_own_headers_say_its_id() {
        let (inside, other, answered) = ids(CorrelationLayer::new(), &[]).await;
        assert_eq!((inside.as_deref(), other), (Some(answered.as_str()), None));
        let (inside, _, answered) = ids(CorrelationLayer::new(), &[(&X_CORRELATION_ID, "no es")]).await;
        assert_eq!(inside.as_deref(), Some(answered.as_str()));
        assert_eq!(answered.len(), 36);
    }

    #[tokio::test]
    async fn a_request_without_a_request_id_is_given_one() {
        let layer = CorrelationLayer::new().giving_request_id();
        let (_, given, answered) = ids(layer, &[]).await;
        assert_eq!(given.as_deref(), Some(answered.as_str()));
        let (_, kept, answered) = ids(layer, &[(&X_REQUEST_ID, "suyo")]).await;
        assert_eq!((kept.as_deref(), answered.len()), (Some("suyo"), 36));
    }

    #[tokio::test]
    async fn a_request_id_is_adopted_where_the_layer_says_so() {
        let layer = CorrelationLayer::new().adopting_request_id();
        let all = |id: &str| (Some(id.to_owned()), Some(id.to_owned()), id.to_owned());
        assert_eq!(ids(layer, &[(&X_REQUEST_ID, "suyo")]).await, all("suyo"));
        assert_eq!(ids(layer, &[(&X_REQUEST_ID, "suyo"), (&X_CORRELATION_ID, "nuestro")]).await, all("nuestro"));
        let (inside, other, answered) = ids(layer, &[(&X_REQUEST_ID, "no es")]).await;
        assert_eq!((inside.as_deref(), other.as_deref()), (Some(answered.as_str()), Some(answered.as_str())));
    }

    /// Tells where it is dropped.
    struct WhereDropped(std::sync::mpsc::Sender<Option<String>>);

    impl Drop for WhereDropped {
        fn drop(&mut self) {
            self.0.send(current_id()).unwrap();
        }
    }

    impl Body for WhereDropped {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            Poll::Pending
        }
    }

    #[tokio::test]
    async fn a_body_that_nobody_reads_to_its_end_is_dropped_inside_the_context() {
        let (tell, told) = std::sync::mpsc::channel();
        let inner = service_fn(move |_: Request<()>| {
            let body = WhereDropped(tell.clone());
            async { Ok::<_, Infallible>(Response::new(body)) }
        });
        let mut request = Request::new(());
        request.headers_mut().insert(X_CORRELATION_ID, HeaderValue::from_static("left"));
        drop(CorrelationLayer::new().layer(inner).oneshot(request).await.unwrap());
        assert_eq!(told.recv().unwrap().as_deref(), Some("left"));
    }

    #[tokio::test]
    async fn the_id_stands_in_the_headers_of_the_request() {
        let echo = service_fn(async |request: Request<()>| {
            let values = request.headers().get_all(X_CORRELATION_ID).iter().map(|value| value.to_str().unwrap().to_owned());
            Ok::<_, Infallible>(Response::new(AxumBody::from(values.collect::<Vec<_>>().join(" "))))
        });
        for given in [&[][..], &["abc-123"], &["a b"], &["a", "b"]] {
            let mut request = Request::new(());
            for value in given {
                request.headers_mut().append(X_CORRELATION_ID, HeaderValue::from_static(value));
            }
            let response = CorrelationLayer::new().layer(echo).oneshot(request).await.unwrap();
            let id = response.headers()[X_CORRELATION_ID].clone();
            assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), id.as_bytes(), "{given:?}");
        }
    }
}
