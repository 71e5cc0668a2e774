//! Admit so many requests at once, and refuse the rest at once.

use std::future::Future;
use std::num::NonZeroUsize;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::{Request, Response};
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use standards_core::Failure;
use tower_layer::Layer;
use tower_service::Service;

use crate::answer::ApiError;

/// Answers 503 with `Retry-After`, at once, when as many requests are in flight as are allowed; nothing waits in a queue.
///
/// A request is in flight until its answer's body has ended or was dropped, whatever became of it. Paths that tell about the service
/// (`/health/..`, `/metrics`, `/admin/..`) are always let in, and do not count. Copies of the layer share one count.
///
/// ```
/// use std::convert::Infallible;
/// use std::num::NonZeroUsize;
///
/// use axum::body::Body;
/// use http::{Request, Response};
/// use standards_axum::layers::AdmissionLayer;
/// use tower::{Layer, ServiceExt, service_fn};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let admission = AdmissionLayer::new(NonZeroUsize::new(1).unwrap());
/// let app = admission.layer(service_fn(async |_: Request<Body>| Ok::<_, Infallible>(Response::new(Body::from("hola")))));
/// let answer = async || app.clone().oneshot(Request::new(Body::empty())).await.unwrap();
///
/// let first = answer().await;
/// assert_eq!((first.status().as_u16(), admission.in_flight()), (200, 1));
/// assert_eq!(answer().await.status(), 503);
/// drop(first);
/// assert_eq!(answer().await.status(), 200);
/// # }
/// ```
///
/// A service past its capacity that takes everything in answers nobody in time. One that refuses at once keeps what it has taken, and tells
/// the others when to come back. In a [`Service`](crate::Service) the limit is `MAX_IN_FLIGHT`, and the layer stands inside the access
/// record and the envelope: a refused request is one record with `context.in_flight`.
///
/// `Retry-After` is 1, 2 or 3 seconds (RFC 9110, section 10.2.3), not the same for all who were refused together.
///
/// # Example: what tells about the service is let in
///
/// ```
/// use std::num::NonZeroUsize;
///
/// use axum::body::Body;
/// use axum::{Router, routing::get};
/// use http::Request;
/// use standards_axum::layers::AdmissionLayer;
/// use tower::{Layer, ServiceExt};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let routes = Router::<()>::new().route("/pagos", get(async || "[]")).route("/health/live", get(async || "vivo"));
/// let app = AdmissionLayer::new(NonZeroUsize::new(1).unwrap()).layer(routes);
/// let answer = async |path| app.clone().oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap();
///
/// let _held = answer("/pagos").await;
/// let refused = answer("/pagos").await;
/// assert_eq!(refused.status(), 503);
/// assert!(refused.headers().contains_key("retry-after"));
/// assert_eq!(answer("/health/live").await.status(), 200);
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct AdmissionLayer {
    flight: Arc<Flight>,
}

#[derive(Debug)]
struct Flight {
    limit: usize,
    now: AtomicUsize,
    refused: AtomicU64,
}

/// What is shed first when many requests are in flight.
///
/// ```
/// use standards_axum::layers::Priority;
///
/// assert!(Priority::Low < Priority::Normal && Priority::Normal < Priority::High);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Priority {
    /// Refused once half of the allowed requests are in flight: lists and searches.
    Low,
    /// Refused once three quarters are.
    #[default]
    Normal,
    /// Refused with the last one: what the service is for.
    High,
}

impl Priority {
    /// How many of `limit` requests may be in flight for one of this priority to be let in.
    ///
    /// At least one for each priority, whatever the limit.
    const fn share(self, limit: usize) -> usize {
        match self {
            Self::Low => limit.div_ceil(2),
            Self::Normal => limit.div_ceil(4) * 3,
            Self::High => limit,
        }
    }
}

impl AdmissionLayer {
    /// Allows `limit` requests in flight.
    ///
    /// The count begins at none, and is this layer's and its copies'. Two layers that are made apart count apart.
    #[must_use]
    pub fn new(limit: NonZeroUsize) -> Self {
        Self { flight: Arc::new(Flight { limit: limit.get(), now: AtomicUsize::new(0), refused: AtomicU64::new(0) }) }
    }

    /// How many requests are in flight.
    ///
    /// For a metric, or a test. It may have changed by the time that it is read.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.flight.now.load(Ordering::Relaxed)
    }

    /// How many requests were refused since the layer was made, those that were shed by their priority included.
    ///
    /// ```
    /// use std::num::NonZeroUsize;
    ///
    /// use standards_axum::layers::AdmissionLayer;
    ///
    /// assert_eq!(AdmissionLayer::new(NonZeroUsize::MIN).refused(), 0);
    /// ```
    #[must_use]
    pub fn refused(&self) -> u64 {
        self.flight.refused.load(Ordering::Relaxed)
    }

    /// Whether a request of this priority, in flight already, may go on.
    ///
    /// ```
    /// use std::num::NonZeroUsize;
    ///
    /// use standards_axum::layers::{AdmissionLayer, Priority};
    ///
    /// let admission = AdmissionLayer::new(NonZeroUsize::new(100).unwrap());
    /// assert!(admission.admit(Priority::Low).is_ok());
    /// ```
    ///
    /// # Errors
    ///
    /// The answer that sheds it.
    pub fn admit(&self, priority: Priority) -> Result<(), ApiError> {
        let now = self.in_flight();
        if now <= priority.share(self.flight.limit) { Ok(()) } else { Err(self.flight.refuse(now)) }
    }

    /// A place in flight, where a request for `path` needs one.
    pub(crate) fn place(&self, path: &str) -> Result<Option<Permit>, ApiError> {
        if is_exempt(path) { Ok(None) } else { self.flight.enter().map(Some) }
    }
}

impl Flight {
    fn enter(self: &Arc<Self>) -> Result<Permit, ApiError> {
        let before = self.now.fetch_add(1, Ordering::Relaxed);
        // Made before it is judged, so that it gives back what was taken.
        let permit = Permit { flight: self.clone() };
        if before < self.limit { Ok(permit) } else { Err(self.refuse(before)) }
    }

    fn refuse(&self, in_flight: usize) -> ApiError {
        self.refused.fetch_add(1, Ordering::Relaxed);
        Failure::overload("too many requests in flight", in_flight).with_context("in_flight", in_flight as u64).into()
    }
}

/// A place in flight, given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Permit {
    flight: Arc<Flight>,
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.flight.now.fetch_sub(1, Ordering::Relaxed);
    }
}

/// What tells about the service must be heard when it is at its limit.
pub(super) fn is_exempt(path: &str) -> bool {
    path.starts_with("/health/") || path == "/metrics" || path.starts_with("/admin/")
}

impl<S> Layer<S> for AdmissionLayer {
    type Service = Admission<S>;

    fn layer(&self, inner: S) -> Admission<S> {
        Admission { inner, layer: self.clone() }
    }
}

/// The service of [`AdmissionLayer`].
#[derive(Clone, Debug)]
pub struct Admission<S> {
    inner: S,
    layer: AdmissionLayer,
}

impl<S, B, R> Service<Request<B>> for Admission<S>
where
    S: Service<Request<B>, Response = Response<R>>,
    R: From<Bytes>,
{
    type Response = Response<AdmittedBody<R>>;
    type Error = S::Error;
    type Future = AdmissionFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let kind = match self.layer.place(request.uri().path()) {
            Ok(permit) => Kind::Admitted { future: self.inner.call(request), permit },
            Err(error) => Kind::Refused { error: Some(error) },
        };
        AdmissionFuture { kind }
    }
}

pin_project! {
    /// The future of [`Admission`].
    pub struct AdmissionFuture<F> {
        #[pin]
        kind: Kind<F>,
    }
}

pin_project! {
    #[project = KindProjection]
    enum Kind<F> {
        /// The inner service is at work.
        Admitted {
            #[pin]
            future: F,
            permit: Option<Permit>,
        },
        /// There was no place.
        Refused {
            error: Option<ApiError>,
        },
    }
}

impl<F, R, E> Future for AdmissionFuture<F>
where
    F: Future<Output = Result<Response<R>, E>>,
    R: From<Bytes>,
{
    type Output = Result<Response<AdmittedBody<R>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let answer = match self.project().kind.project() {
            KindProjection::Admitted { future, permit } => {
                let answer = ready!(future.poll(cx))?;
                let permit = permit.take();
                answer.map(|inner| AdmittedBody::new(inner, permit))
            }
            KindProjection::Refused { error } => match error.take() {
                Some(error) => error.into_answer().map(AdmittedBody::from),
                None => return Poll::Pending,
            },
        };
        Poll::Ready(Ok(answer))
    }
}

pin_project! {
    /// The inner service's body, in flight until it has ended.
    pub struct AdmittedBody<B> {
        #[pin]
        inner: B,
        permit: Option<Permit>,
    }
}

impl<B> AdmittedBody<B> {
    pub(crate) const fn new(inner: B, permit: Option<Permit>) -> Self {
        Self { inner, permit }
    }
}

/// In the place of an answer: nothing is in flight for it.
impl<B: From<Bytes>> From<Bytes> for AdmittedBody<B> {
    fn from(bytes: Bytes) -> Self {
        Self { inner: B::from(bytes), permit: None }
    }
}

/// An empty body, as CORS answers with: nothing is in flight for it.
impl<B: From<Bytes>> Default for AdmittedBody<B> {
    fn default() -> Self {
        Self::from(Bytes::new())
    }
}

impl<B: Body<Data = Bytes>> Body for AdmittedBody<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let this = self.project();
        let frame = ready!(this.inner.poll_frame(cx));
        if frame.is_none() {
            this.permit.take();
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::convert::Infallible;
    use std::panic::AssertUnwindSafe;

    use axum::body;
    use futures_util::FutureExt;
    use http_body_util::BodyExt;
    use tower::{ServiceExt, service_fn};

    fn admission(limit: usize) -> AdmissionLayer {
        AdmissionLayer::new(NonZeroUsize::new(limit).unwrap())
    }

    fn at(path: &str) -> Request<body::Body> {
        Request::get(path).body(body::Body::empty()).unwrap()
    }

    async fn hello(_: Request<body::Body>) -> Result<Response<body::Body>, Infallible> {
        Ok(Response::new(body::Body::from("hola")))
    }

    #[tokio::test]
    async fn a_place_is_held_until_the_body_has_ended() {
        let layer = admission(1);
        let app = layer.layer(service_fn(hello));
        let mut answer = app.clone().oneshot(at("/")).await.unwrap();
        let refused = app.clone().oneshot(at("/")).await.unwrap();
        assert_eq!((refused.status().as_u16(), layer.in_flight()), (503, 1));
        assert!(["1", "2", "3"].contains(&refused.headers()["retry-after"].to_str().unwrap()));
        while answer.frame().await.is_some() {}
        assert_eq!((layer.in_flight(), layer.refused()), (0, 1));
    }

    #[tokio::test]
    async fn a_request_that_is_dropped_or_panics_gives_its_place_back() {
        let layer = admission(1);
        let stuck = layer.layer(service_fn(async |_: Request<body::Body>| {
            std::future::pending::<Result<Response<body::Body>, Infallible>>().await
        }));
        assert!(stuck.oneshot(at("/")).now_or_never().is_none());
        assert_eq!(layer.in_flight(), 0);
        let fails = layer.layer(service_fn(async |request: Request<body::Body>| -> Result<Response<body::Body>, Infallible> {
            panic!("{}", request.uri())
        }));
        assert!(AssertUnwindSafe(fails.oneshot(at("/"))).catch_unwind().await.is_err());
        assert_eq!(layer.in_flight(), 0);
    }

    #[tokio::test]
    async fn what_tells_about_the_service_is_always_let_in() {
        let layer = admission(1);
        let app = layer.layer(service_fn(hello));
        let _held = app.clone().oneshot(at("/")).await.unwrap();
        for (path, status) in
            [("/health/live", 200), ("/health/ready", 200), ("/metrics", 200), ("/admin/requests", 200), ("/healthy", 503)]
        {
            assert_eq!(app.clone().oneshot(at(path)).await.unwrap().status(), status, "{path}");
        }
        assert_eq!(layer.in_flight(), 1);
    }

    #[test]
    fn the_lowest_priority_is_shed_first() {
        let layer = admission(8);
        let mut held = Vec::new();
        let admitted = |layer: &AdmissionLayer| {
            [Priority::Low, Priority::Normal, Priority::High].map(|priority| layer.admit(priority).is_ok())
        };
        for expected in
            [[true; 3], [true; 3], [true; 3], [true; 3], [false, true, true], [false, true, true], [false, false, true]]
        {
            held.push(layer.flight.enter().unwrap());
            assert_eq!(admitted(&layer), expected, "{}", held.len());
        }
        held.push(layer.flight.enter().unwrap());
        assert_eq!((admitted(&layer), layer.flight.enter().is_err()), ([false, false, true], true));
        assert_eq!(layer.in_flight(), 8);
    }
}
