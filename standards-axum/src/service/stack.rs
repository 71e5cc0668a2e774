//! The one place that orders the layers.

use std::fmt::Display;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::Router;
use bytes::Bytes;
use http::header::X_CONTENT_TYPE_OPTIONS;
use http::request::Parts;
use http::{HeaderValue, Request, Response};
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use tokio_util::either::Either;
use tower_http::cors::{self, CorsLayer};
use tower_layer::Layer;
use tower_service::Service;

use crate::answer::ApiError;
use crate::forwarded::TrustedProxies;
use crate::layers::{
    AccessLog, AccessLogFuture, AccessLogLayer, Admission, AdmissionFuture, AdmissionLayer, AdmittedBody, AwaitedBody,
    CatchPanic, CatchPanicFuture, CatchPanicLayer, CorrelatedBody, Correlation, CorrelationFuture, CorrelationLayer, Deadline,
    DeadlineFuture, DeadlineLayer, Envelope, EnvelopeFuture, EnvelopeLayer, Guard, GuardFuture, HeadCheck, InFlight, LoggedBody,
    Preflight, PreflightFuture, PreflightLayer, RateLimit, RateLimitLayer, Replaceable, RequestObserver, Spans, framing,
    noting_routes,
};

/// Everything of the standard that a layer can enforce, around any service.
///
/// From the outside in: security header, correlation, access record, CORS, envelope, framing, trusted proxies, rate limit, admission, panic,
/// deadline. CORS stands outside the envelope so that a browser may read failures too; who asks too often takes no place in flight; the
/// deadline stands innermost, so that its answer is dressed and logged like any other.
///
/// ```
/// use axum::body::Body;
/// use axum::{Router, routing::get};
/// use http::{HeaderValue, Request};
/// use standards_axum::StandardsLayer;
/// use tower::ServiceExt;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let app: Router = Router::new().route("/", get(|| async { "hola" })).layer(StandardsLayer::new());
/// let answer = app.oneshot(Request::new(Body::empty())).await.unwrap();
/// assert_eq!((answer.status().as_u16(), &answer.headers()["x-content-type-options"]), (200, &HeaderValue::from_static("nosniff")));
/// assert!(answer.headers().contains_key("x-correlation-id"));
/// # }
/// ```
///
/// A router's layer does not see what matches no route: [`standardize`] does.
///
/// # Example: each part switched
///
/// ```
/// use standards_axum::StandardsLayer;
/// use standards_axum::layers::{AccessLogLayer, EnvelopeLayer};
/// use tower_http::cors::CorsLayer;
///
/// let layer = StandardsLayer::new()
///     .with_deadline(Some(std::time::Duration::from_secs(10)))
///     .with_cors(Some(CorsLayer::permissive()))
///     .with_access_log(AccessLogLayer::failures_only())
///     .with_envelope(EnvelopeLayer::off());
/// ```
#[derive(Clone, Debug)]
pub struct StandardsLayer {
    correlation: CorrelationLayer,
    pub(super) deadline: DeadlineLayer,
    pub(super) cors: Option<PreflightLayer>,
    access_log: AccessLogLayer,
    pub(super) envelope: EnvelopeLayer,
    pub(super) admission: Option<AdmissionLayer>,
    pub(super) entrance: Entrance,
    in_flight: Option<Arc<InFlight>>,
    pub(super) spans: Spans,
}

impl Default for StandardsLayer {
    fn default() -> Self {
        Self {
            correlation: CorrelationLayer::new().giving_request_id(),
            deadline: DeadlineLayer::unlimited(),
            cors: None,
            access_log: AccessLogLayer::new(),
            envelope: EnvelopeLayer::new(),
            admission: None,
            entrance: Entrance::default(),
            in_flight: None,
            spans: Spans::none(),
        }
    }
}

impl StandardsLayer {
    /// Every request correlated and logged, every failure dressed. Any time to answer, any size of body, no CORS: what would change an
    /// existing service is off unless it is asked for.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Notes the requests there while they are in flight.
    pub(super) fn noting(self, in_flight: Option<Arc<InFlight>>) -> Self {
        Self { in_flight, ..self }
    }

    /// Names requests as `correlation` says.
    #[must_use]
    pub fn with_correlation(mut self, correlation: CorrelationLayer) -> Self {
        self.correlation = correlation;
        self
    }

    /// Allows `limit` for each answer's head; `None` allows any time.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use axum::body::Body;
    /// use axum::{Router, routing::get};
    /// use http::Request;
    /// use standards_axum::{StandardsLayer, standardize_with};
    /// use tower::ServiceExt;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let layer = StandardsLayer::new().with_deadline(Some(Duration::from_millis(5)));
    /// let app = standardize_with(Router::new().route("/", get(async || std::future::pending::<()>().await)), &layer);
    /// assert_eq!(app.oneshot(Request::new(Body::empty())).await.unwrap().status(), 503);
    /// # }
    /// ```
    #[must_use]
    pub fn with_deadline(mut self, limit: Option<Duration>) -> Self {
        self.deadline = limit.map_or(DeadlineLayer::unlimited(), DeadlineLayer::new);
        self
    }

    /// Answers other origins as `cors` says; `None` allows none, and then CORS takes no part in requests.
    ///
    /// ```
    /// use axum::body::Body;
    /// use axum::{Router, routing::get};
    /// use http::Request;
    /// use standards_axum::{StandardsLayer, standardize_with};
    /// use tower::ServiceExt;
    /// use tower_http::cors::CorsLayer;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let layer = StandardsLayer::new().with_cors(Some(CorsLayer::permissive()));
    /// let app = standardize_with(Router::new().route("/", get(async || "hola")), &layer);
    /// let request = Request::get("/").header("origin", "https://a.cl").body(Body::empty()).unwrap();
    /// assert_eq!(app.oneshot(request).await.unwrap().headers()["access-control-allow-origin"], "*");
    /// # }
    /// ```
    #[must_use]
    pub fn with_cors(mut self, cors: Option<CorsLayer>) -> Self {
        self.cors = cors.map(PreflightLayer::new);
        self
    }

    /// Logs requests as `access_log` says: at another level, or failures only.
    ///
    /// ```
    /// use standards_axum::StandardsLayer;
    /// use standards_axum::core::log::LogLevel;
    /// use standards_axum::layers::AccessLogLayer;
    ///
    /// let quiet = StandardsLayer::new().with_access_log(AccessLogLayer::new().with_level(LogLevel::Debug));
    /// ```
    #[must_use]
    pub fn with_access_log(mut self, access_log: AccessLogLayer) -> Self {
        self.access_log = access_log.observed_as(self.access_log);
        self
    }

    /// Tells `observer` of every request, beside those that are told already; see [`RequestObserver`].
    #[must_use]
    pub fn observed_by(mut self, observer: Arc<dyn RequestObserver>) -> Self {
        self.access_log = self.access_log.observed_by(observer);
        self
    }

    /// Exports a span of each request; see [`otel`](crate::otel).
    #[cfg(feature = "otel")]
    #[must_use]
    pub fn traced_by(mut self, tracing: crate::otel::Tracing) -> Self {
        self.spans = Spans::of(tracing);
        self
    }

    /// Allows so many requests in flight as `admission` says; `None` allows any number.
    ///
    /// ```
    /// use std::num::NonZeroUsize;
    ///
    /// use standards_axum::StandardsLayer;
    /// use standards_axum::layers::AdmissionLayer;
    ///
    /// let layer = StandardsLayer::new().with_admission(NonZeroUsize::new(512).map(AdmissionLayer::new));
    /// ```
    #[must_use]
    pub fn with_admission(mut self, admission: Option<AdmissionLayer>) -> Self {
        self.admission = admission;
        self
    }

    /// Refuses who asks more often than `limit` says; `None` refuses nobody for that.
    ///
    /// ```
    /// use std::num::NonZeroU32;
    ///
    /// use standards_axum::StandardsLayer;
    /// use standards_axum::layers::{Rate, RateLimitLayer};
    ///
    /// let layer = StandardsLayer::new().with_rate_limit(NonZeroU32::new(50).map(Rate::new).map(RateLimitLayer::new));
    /// ```
    #[must_use]
    pub fn with_rate_limit(mut self, limit: Option<RateLimitLayer>) -> Self {
        self.entrance.rate_limit = limit.map(RateLimitLayer::check);
        self
    }

    /// Takes the word of `proxies` for whom a request is from; where there are none, it is from whom the connection is with.
    ///
    /// ```
    /// use standards_axum::core::settings::SettingValue;
    /// use standards_axum::{StandardsLayer, TrustedProxies};
    ///
    /// let layer = StandardsLayer::new().with_trusted_proxies(TrustedProxies::parse("10.0.0.0/8").unwrap());
    /// ```
    #[must_use]
    pub fn with_trusted_proxies(mut self, proxies: TrustedProxies) -> Self {
        self.entrance.proxies = Some(proxies).filter(|proxies| !proxies.is_empty());
        self
    }

    /// Dresses other people's failures as `envelope` says.
    ///
    /// ```
    /// use axum::body::Body;
    /// use axum::Router;
    /// use http::Request;
    /// use standards_axum::layers::EnvelopeLayer;
    /// use standards_axum::{StandardsLayer, standardize_with};
    /// use tower::ServiceExt;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let layer = StandardsLayer::new().with_envelope(EnvelopeLayer::off());
    /// let app = standardize_with(Router::new(), &layer);
    /// let bare = app.oneshot(Request::get("/nada").body(Body::empty()).unwrap()).await.unwrap();
    /// assert_eq!(bare.status(), 404);
    /// assert!(!bare.headers().contains_key("content-type"));
    /// # }
    /// ```
    #[must_use]
    pub fn with_envelope(mut self, envelope: EnvelopeLayer) -> Self {
        self.envelope = envelope;
        self
    }
}

/// What is asked of a head before its request takes a place in flight. One check, since the parts that are off then cost nothing.
#[derive(Clone, Debug, Default)]
pub(super) struct Entrance {
    pub(super) proxies: Option<TrustedProxies>,
    pub(super) rate_limit: Option<RateLimit>,
}

impl HeadCheck for Entrance {
    fn check(&self, head: &mut Parts) -> Result<(), ApiError> {
        framing(head)?;
        if let Some(proxies) = &self.proxies {
            proxies.check(head)?;
        }
        self.rate_limit.as_ref().map_or(Ok(()), |limit| limit.check(head))
    }
}

type Stack<S> = Correlation<AccessLog<Origins<Envelope<Guard<Admission<CatchPanic<Settled<Deadline<S>>>>, Entrance>>>>>;
type InnerBody<B> = AdmittedBody<Replaceable<Replaceable<B>>>;
type InnerFuture<F> = CatchPanicFuture<Pin<Box<DeadlineFuture<F>>>>;
type DressedFuture<F, B> = EnvelopeFuture<GuardFuture<AdmissionFuture<InnerFuture<F>>>, InnerBody<B>>;
type StackFuture<F, B> = CorrelationFuture<AccessLogFuture<OriginsFuture<DressedFuture<F, B>>>>;
type StackBody<B> = CorrelatedBody<LoggedBody<Replaceable<InnerBody<B>>>>;

impl<S> Layer<S> for StandardsLayer {
    type Service = Standardized<S>;

    fn layer(&self, inner: S) -> Standardized<S> {
        let timed = CatchPanicLayer::new().layer(Settled(self.deadline.layer(inner)));
        let admitted = Admission::new(timed, self.admission.as_ref());
        let dressed = self.envelope.layer(Guard::new(admitted, self.entrance.clone()));
        let answered = match &self.cors {
            Some(cors) => Origins::Some(cors.layer(dressed)),
            None => Origins::None(dressed),
        };
        let correlated = self.correlation.layer(self.access_log.layer(answered));
        Standardized(correlated.noting(self.in_flight.clone()).traced(self.spans.clone()))
    }
}

/// A service whose futures stay where they are: each layer around it moves the future within it once more, and that of a router with a
/// deadline takes half a kilobyte.
#[derive(Clone, Debug)]
struct Settled<S>(S);

impl<S: Service<R>, R> Service<R> for Settled<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<S::Future>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, request: R) -> Self::Future {
        Box::pin(self.0.call(request))
    }
}

/// The other origins that may call: where there are none, CORS is not in the stack.
#[expect(clippy::large_enum_variant, reason = "there is one per connection, and a box would cost each request a jump")]
#[derive(Clone, Debug)]
enum Origins<S> {
    Some(Preflight<S>),
    None(S),
}

type OriginsFuture<F> = Either<PreflightFuture<cors::ResponseFuture<F>, F>, F>;

impl<S, B, R> Service<Request<B>> for Origins<S>
where
    S: Service<Request<B>, Response = Response<R>>,
    R: Default,
{
    type Response = Response<R>;
    type Error = S::Error;
    type Future = OriginsFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        match self {
            Self::Some(cors) => cors.poll_ready(cx),
            Self::None(inner) => inner.poll_ready(cx),
        }
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        match self {
            Self::Some(cors) => Either::Left(cors.call(request)),
            Self::None(inner) => Either::Right(inner.call(request)),
        }
    }
}

/// A service inside the standard: what [`StandardsLayer`] makes of a `S`.
#[derive(Clone, Debug)]
pub struct Standardized<S>(Stack<S>);

impl<S, B, R> Service<Request<B>> for Standardized<S>
where
    S: Service<Request<AwaitedBody<B>>, Response = Response<R>>,
    R: Body<Data = Bytes>,
{
    type Response = Response<StandardizedBody<R>>;
    type Error = S::Error;
    type Future = StandardizedFuture<S::Future, R>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        Service::<Request<B>>::poll_ready(&mut self.0, cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        StandardizedFuture { inner: self.0.call(request) }
    }
}

pin_project! {
    /// The future of [`Standardized`].
    pub struct StandardizedFuture<F, R> {
        #[pin]
        inner: StackFuture<F, R>,
    }
}

impl<F, R, E> Future for StandardizedFuture<F, R>
where
    F: Future<Output = Result<Response<R>, E>>,
    R: Body<Data = Bytes>,
{
    type Output = Result<Response<StandardizedBody<R>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut response = ready!(self.project().inner.poll(cx))?;
        // No browser is to guess at the type of an answer.
        response.headers_mut().insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        Poll::Ready(Ok(response.map(|inner| StandardizedBody { inner })))
    }
}

pin_project! {
    /// The body of a [`Standardized`] service's answer: the inner service's, or that of a failure in its place.
    pub struct StandardizedBody<B> {
        #[pin]
        inner: StackBody<B>,
    }
}

impl<B> Body for StandardizedBody<B>
where
    B: Body<Data = Bytes>,
    B::Error: Display,
{
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        self.project().inner.poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

/// Puts an axum service that exists already inside the standard, its unknown routes included.
///
/// Unlike the bare layer it knows the router, so the access record names each route's template. Around a service that is inside the
/// standard already it adds nothing: one id, one access record.
///
/// ```
/// use axum::body::Body;
/// use axum::{Router, routing::get};
/// use http::{HeaderValue, Request};
/// use tower::ServiceExt;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let app = standards_axum::standardize(Router::new().route("/", get(|| async { "hola" })));
/// let unknown = app.oneshot(Request::get("/nada").body(Body::empty()).unwrap()).await.unwrap();
/// assert_eq!((unknown.status().as_u16(), &unknown.headers()["content-type"]), (404, &HeaderValue::from_static("application/json")));
/// # }
/// ```
pub fn standardize(router: Router) -> Router {
    standardize_with(router, &StandardsLayer::new())
}

/// The same, with a layer of one's own settings.
///
/// ```
/// use std::time::Duration;
///
/// use axum::Router;
/// use standards_axum::{StandardsLayer, standardize_with};
///
/// let app = standardize_with(Router::new(), &StandardsLayer::new().with_deadline(Some(Duration::from_secs(2))));
/// ```
pub fn standardize_with(router: Router, layer: &StandardsLayer) -> Router {
    // With its state, or axum makes each route anew for each request.
    let router = noting_routes(router).with_state(());
    // A router's own layers do not see the requests that match no route, hence the empty router around it.
    Router::new().fallback_service(layer.layer(router))
}
