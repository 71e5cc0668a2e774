//! The one place that orders the layers.

use std::fmt::Display;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::Router;
use bytes::Bytes;
use http::header::X_CONTENT_TYPE_OPTIONS;
use http::request::Parts;
use http::{HeaderValue, Request, Response};
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use tower_http::cors::{self, CorsLayer};
use tower_layer::Layer;
use tower_service::Service;

use crate::answer::ApiError;
use crate::layers::{
    AccessLog, AccessLogFuture, AccessLogLayer, AwaitedBody, CatchPanic, CatchPanicFuture, CatchPanicLayer, CorrelatedBody,
    Correlation, CorrelationFuture, CorrelationLayer, Deadline, DeadlineFuture, DeadlineLayer, Envelope, EnvelopeFuture,
    EnvelopeLayer, Guard, GuardFuture, GuardLayer, LoggedBody, Preflight, PreflightFuture, PreflightLayer, Replaceable, framing,
    noting_routes,
};

/// Everything of the standard that a layer can enforce, around any service.
///
/// From the outside in: security header, correlation, access record, CORS, envelope, framing, panic, deadline. CORS stands outside the
/// envelope so that a browser may read failures too; the deadline stands innermost, so that its answer is dressed and logged like
/// any other.
///
/// ```
/// use axum::{Router, routing::get};
/// use standards_axum::StandardsLayer;
///
/// let app: Router = Router::new().route("/", get(|| async { "hola" })).layer(StandardsLayer::new());
/// ```
///
/// # Example: each part switched
///
/// ```
/// use standards_axum::StandardsLayer;
/// use standards_axum::layers::{AccessLogLayer, EnvelopeLayer};
/// use tower_http::cors::CorsLayer;
///
/// let layer = StandardsLayer::new()
///     .with_deadline(None)
///     .with_cors(Some(CorsLayer::permissive()))
///     .with_access_log(AccessLogLayer::failures_only())
///     .with_envelope(EnvelopeLayer::off());
/// ```
#[derive(Clone, Debug)]
pub struct StandardsLayer {
    pub(super) deadline: DeadlineLayer,
    pub(super) cors: PreflightLayer,
    access_log: AccessLogLayer,
    pub(super) envelope: EnvelopeLayer,
}

impl Default for StandardsLayer {
    fn default() -> Self {
        Self {
            deadline: DeadlineLayer::new(Duration::from_secs(10)),
            cors: PreflightLayer::closed(),
            access_log: AccessLogLayer::new(),
            envelope: EnvelopeLayer::new(),
        }
    }
}

impl StandardsLayer {
    /// Ten seconds to answer, no other origin allowed, every request logged and every failure dressed.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Allows `limit` for each answer's head; `None` allows any time.
    #[must_use]
    pub fn with_deadline(mut self, limit: Option<Duration>) -> Self {
        self.deadline = limit.map_or(DeadlineLayer::unlimited(), DeadlineLayer::new);
        self
    }

    /// Answers other origins as `cors` says; `None` allows none.
    #[must_use]
    pub fn with_cors(mut self, cors: Option<CorsLayer>) -> Self {
        self.cors = cors.map_or(PreflightLayer::closed(), PreflightLayer::new);
        self
    }

    /// Logs requests as `access_log` says.
    #[must_use]
    pub fn with_access_log(mut self, access_log: AccessLogLayer) -> Self {
        self.access_log = access_log;
        self
    }

    /// Dresses other people's failures as `envelope` says.
    #[must_use]
    pub fn with_envelope(mut self, envelope: EnvelopeLayer) -> Self {
        self.envelope = envelope;
        self
    }
}

type Check = fn(&Parts) -> Result<(), ApiError>;
type Stack<S> = Correlation<AccessLog<Preflight<Envelope<Guard<CatchPanic<Deadline<S>>, Check>>>>>;
type InnerBody<B> = Replaceable<Replaceable<B>>;
type DressedFuture<F, B> = EnvelopeFuture<GuardFuture<CatchPanicFuture<DeadlineFuture<F>>>, InnerBody<B>>;
type StackFuture<F, B> =
    CorrelationFuture<AccessLogFuture<PreflightFuture<cors::ResponseFuture<DressedFuture<F, B>>, DressedFuture<F, B>>>>;
type StackBody<B> = CorrelatedBody<LoggedBody<Replaceable<InnerBody<B>>>>;

impl<S> Layer<S> for StandardsLayer {
    type Service = Standardized<S>;

    fn layer(&self, inner: S) -> Standardized<S> {
        let timed = CatchPanicLayer::new().layer(self.deadline.layer(inner));
        let dressed = self.envelope.layer(GuardLayer::<Check>::new(framing).layer(timed));
        Standardized(CorrelationLayer.layer(self.access_log.layer(self.cors.layer(dressed))))
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
/// Unlike the bare layer it knows the router, so the access record names each route's template.
///
/// ```
/// use axum::{Router, routing::get};
///
/// let app = standards_axum::standardize(Router::new().route("/", get(|| async { "hola" })));
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
    // A router's own layers do not see the requests that match no route, hence the empty router around it.
    Router::new().fallback_service(layer.layer(noting_routes(router)))
}
