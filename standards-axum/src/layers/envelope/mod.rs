//! Dress every failure in the envelope, whoever made it.

mod foreign;

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::header::CONTENT_TYPE;
use http::response::Parts;
use http::{HeaderValue, Request, Response};
use pin_project_lite::pin_project;
use standards_core::{ErrorStatus, Failure};
use tower_layer::Layer;
use tower_service::Service;

use crate::answer::{ApiError, FailureMark, JSON};
use crate::layers::body::Replaceable;

/// Replaces the body of every answer with status >= 400 that was not made from a [`Failure`] (contract section 1).
///
/// The foreign body is dropped unread: it may be large, endless, or say what no client should see. Its headers stay, each as often as
/// it stands there, so that `Allow`, `Set-Cookie` and `WWW-Authenticate` keep their meaning, but for those that describe the dropped
/// body. A status that HTTP does not know (600 to 999) becomes 500. No failure may be kept in a cache, ours included.
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

    /// What stands in the place of a foreign failure unless the layer is told otherwise: one of the same status, or 500 where HTTP
    /// knows no such status.
    #[must_use]
    pub fn by_status(foreign: &Parts) -> Option<ApiError> {
        let status = foreign.status.as_u16();
        let known = || ErrorStatus::try_from(status).map_or_else(|_| unknown(status), Failure::http);
        (status >= 400).then(known).map(ApiError::from)
    }
}

/// A status that no client could make sense of.
fn unknown(status: u16) -> Failure {
    Failure::http(ErrorStatus::INTERNAL_SERVER_ERROR).with_context("foreign_status", i64::from(status))
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
        Poll::Ready(Ok(if response.status().as_u16() < 400 {
            response.map(Replaceable::inner)
        } else if is_ours(&response) {
            foreign::uncached(response.map(Replaceable::inner))
        } else {
            dress(response, &*this.dress)
        }))
    }
}

/// Whether it was made from a failure, and is still the envelope that it was.
fn is_ours<R>(response: &Response<R>) -> bool {
    let is_json = |kind: &HeaderValue| kind == JSON;
    FailureMark::is_on(response.extensions()) && response.headers().get(CONTENT_TYPE).is_some_and(is_json)
}

fn dress<R>(response: Response<R>, dress: impl Fn(&Parts) -> Option<ApiError>) -> Response<Replaceable<R>> {
    let (head, body) = response.into_parts();
    match dress(&head) {
        Some(error) => foreign::replaced(head, error).map(Replaceable::replaced),
        None => Response::from_parts(head, Replaceable::inner(body)),
    }
}

#[cfg(test)]
mod tests;
