//! Dress every failure in the envelope, whoever made it.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::header::{ACCEPT_RANGES, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, ETAG, LAST_MODIFIED, TRANSFER_ENCODING};
use http::response::Parts;
use http::{HeaderMap, HeaderName, Request, Response};
use pin_project_lite::pin_project;
use standards_core::{ErrorStatus, Failure};
use tower_layer::Layer;
use tower_service::Service;

use crate::answer::{ApiError, FailureMark};
use crate::layers::body::Replaceable;

/// Replaces the body of every answer with status >= 400 that was not made from a [`Failure`] (contract section 1).
///
/// The foreign body is dropped unread: it may be large, endless, or say what no client should see. Its headers stay, so that
/// `Allow` and `WWW-Authenticate` keep their meaning, but for those that describe the dropped body.
///
/// ```
/// use axum::{Router, routing::get};
/// use http::StatusCode;
/// use standards_axum::layers::EnvelopeLayer;
///
/// let app: Router = Router::new().route("/", get(|| async { (StatusCode::CONFLICT, "texto") })).layer(EnvelopeLayer::new());
/// ```
///
/// # Example: an answer that is left alone
///
/// ```
/// use http::response::Parts;
/// use standards_axum::ApiError;
/// use standards_axum::layers::EnvelopeLayer;
///
/// // A part of the service speaks RFC 9457.
/// let problems = |head: &Parts| head.headers.get("content-type").is_some_and(|kind| kind == "application/problem+json");
/// let layer = EnvelopeLayer::dressing(move |head| if problems(head) { None } else { EnvelopeLayer::by_status(head) });
/// ```
#[derive(Clone, Copy, Debug)]
pub struct EnvelopeLayer<D = fn(&Parts) -> Option<ApiError>> {
    dress: D,
}

impl EnvelopeLayer {
    /// Dresses every failure by its status.
    #[must_use]
    pub const fn new() -> Self {
        Self { dress: Self::by_status }
    }

    /// Leaves every answer as it is.
    #[must_use]
    pub const fn off() -> Self {
        Self { dress: |_| None }
    }

    /// What stands in the place of a foreign failure unless the layer is told otherwise: one of the same status.
    #[must_use]
    pub fn by_status(foreign: &Parts) -> Option<ApiError> {
        ErrorStatus::try_from(foreign.status.as_u16()).ok().map(|status| Failure::http(status).into())
    }
}

impl Default for EnvelopeLayer {
    fn default() -> Self {
        Self::new()
    }
}

impl<D: Fn(&Parts) -> Option<ApiError>> EnvelopeLayer<D> {
    /// Puts what `dress` makes of a foreign failure's head in its place; `None` leaves it as it is.
    pub const fn dressing(dress: D) -> Self {
        Self { dress }
    }
}

impl<S, D: Clone> Layer<S> for EnvelopeLayer<D> {
    type Service = Envelope<S, D>;

    fn layer(&self, inner: S) -> Envelope<S, D> {
        Envelope { inner, dress: self.dress.clone() }
    }
}

/// The service of [`EnvelopeLayer`].
#[derive(Clone, Copy, Debug)]
pub struct Envelope<S, D = fn(&Parts) -> Option<ApiError>> {
    inner: S,
    dress: D,
}

impl<S, D, B, R> Service<Request<B>> for Envelope<S, D>
where
    S: Service<Request<B>, Response = Response<R>>,
    D: Fn(&Parts) -> Option<ApiError> + Clone,
{
    type Response = Response<Replaceable<R>>;
    type Error = S::Error;
    type Future = EnvelopeFuture<S::Future, D>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        EnvelopeFuture { inner: self.inner.call(request), dress: self.dress.clone() }
    }
}

pin_project! {
    /// The future of [`Envelope`].
    pub struct EnvelopeFuture<F, D = fn(&Parts) -> Option<ApiError>> {
        #[pin]
        inner: F,
        dress: D,
    }
}

impl<F, D, R, E> Future for EnvelopeFuture<F, D>
where
    F: Future<Output = Result<Response<R>, E>>,
    D: Fn(&Parts) -> Option<ApiError>,
{
    type Output = Result<Response<Replaceable<R>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let response = ready!(this.inner.poll(cx))?;
        Poll::Ready(Ok(if is_foreign(&response) { dress(response, &*this.dress) } else { response.map(Replaceable::inner) }))
    }
}

/// Whether it is a failure that was not made here.
fn is_foreign<R>(response: &Response<R>) -> bool {
    response.status().as_u16() >= 400 && !FailureMark::is_on(response.extensions())
}

fn dress<R>(response: Response<R>, dress: impl Fn(&Parts) -> Option<ApiError>) -> Response<Replaceable<R>> {
    let (head, body) = response.into_parts();
    match dress(&head) {
        Some(error) => replace(&head.headers, error),
        None => Response::from_parts(head, Replaceable::inner(body)),
    }
}

/// Headers that speak of the body that is dropped.
const OF_THE_BODY: [HeaderName; 7] =
    [ACCEPT_RANGES, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, ETAG, LAST_MODIFIED, TRANSFER_ENCODING];

fn replace<R>(foreign: &HeaderMap, error: ApiError) -> Response<Replaceable<R>> {
    let mut dressed = error.into_answer();
    for (name, value) in foreign {
        if !OF_THE_BODY.contains(name) {
            dressed.headers_mut().insert(name, value.clone());
        }
    }
    dressed.map(Replaceable::replaced)
}

#[cfg(test)]
mod tests;
