//! Dress every failure in the envelope, whoever made it.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::header::{ACCEPT_RANGES, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, ETAG, LAST_MODIFIED, TRANSFER_ENCODING};
use http::{HeaderName, Request, Response};
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
#[derive(Clone, Copy, Debug, Default)]
pub struct EnvelopeLayer;

impl<S> Layer<S> for EnvelopeLayer {
    type Service = Envelope<S>;

    fn layer(&self, inner: S) -> Envelope<S> {
        Envelope { inner }
    }
}

/// The service of [`EnvelopeLayer`].
#[derive(Clone, Debug)]
pub struct Envelope<S> {
    inner: S,
}

impl<S, B, R> Service<Request<B>> for Envelope<S>
where
    S: Service<Request<B>, Response = Response<R>>,
{
    type Response = Response<Replaceable<R>>;
    type Error = S::Error;
    type Future = EnvelopeFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        EnvelopeFuture { inner: self.inner.call(request) }
    }
}

pin_project! {
    /// The future of [`Envelope`].
    pub struct EnvelopeFuture<F> {
        #[pin]
        inner: F,
    }
}

impl<F, R, E> Future for EnvelopeFuture<F>
where
    F: Future<Output = Result<Response<R>, E>>,
{
    type Output = Result<Response<Replaceable<R>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let response = ready!(self.project().inner.poll(cx))?;
        Poll::Ready(Ok(dress(response)))
    }
}

/// Leaves successes and our own failures as they are, and puts a failure of the same status in the place of any other.
fn dress<R>(response: Response<R>) -> Response<Replaceable<R>> {
    let status = response.status().as_u16();
    let marked = response.extensions().get::<FailureMark>().is_some();
    match ErrorStatus::try_from(status) {
        Ok(status) if !marked => replace(&response, status),
        _ => response.map(Replaceable::inner),
    }
}

/// Headers that speak of the body that is dropped.
const OF_THE_BODY: [HeaderName; 7] =
    [ACCEPT_RANGES, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, ETAG, LAST_MODIFIED, TRANSFER_ENCODING];

fn replace<R>(foreign: &Response<R>, status: ErrorStatus) -> Response<Replaceable<R>> {
    let mut dressed = ApiError::from(Failure::http(status)).into_answer();
    for (name, value) in foreign.headers() {
        if !OF_THE_BODY.contains(name) {
            dressed.headers_mut().insert(name, value.clone());
        }
    }
    dressed.map(Replaceable::replaced)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;
    use http::HeaderValue;
    use http::header::ALLOW;
    use http_body_util::BodyExt;
    use std::convert::Infallible;
    use tower::{ServiceExt, service_fn};

    async fn through(foreign: Response<Body>) -> (Response<()>, String) {
        let foreign = std::sync::Mutex::new(Some(foreign));
        let inner = service_fn(move |_: Request<()>| {
            let foreign = foreign.lock().unwrap().take().unwrap();
            async move { Ok::<_, Infallible>(foreign) }
        });
        let (parts, body) = EnvelopeLayer.layer(inner).oneshot(Request::new(())).await.unwrap().into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        (Response::from_parts(parts, ()), String::from_utf8(bytes.to_vec()).unwrap())
    }

    fn plain(status: u16, body: &'static str) -> Response<Body> {
        Response::builder().status(status).header(CONTENT_TYPE, "text/plain").body(Body::from(body)).unwrap()
    }

    #[tokio::test]
    async fn a_foreign_failure_is_dressed_and_its_text_is_gone() {
        let (head, body) = through(plain(404, "no such table: secreto")).await;
        assert_eq!(head.status(), 404);
        assert_eq!(head.headers()[CONTENT_TYPE], "application/json");
        assert_eq!(body, r#"{"success":false,"data":null,"errors":[{"code":"HTTP_ERROR","message":"Recurso no encontrado"}]}"#);
    }

    #[tokio::test]
    async fn headers_that_do_not_speak_of_the_body_stay() {
        let mut foreign = plain(405, "");
        foreign.headers_mut().insert(ALLOW, HeaderValue::from_static("GET,HEAD"));
        foreign.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from_static("7"));
        let (head, _) = through(foreign).await;
        assert_eq!(head.headers()[ALLOW], "GET,HEAD");
        assert_eq!(head.headers().get(CONTENT_LENGTH), None);
    }

    #[tokio::test]
    async fn what_is_no_failure_passes_untouched() {
        for status in [200, 204, 301, 304] {
            let (head, body) = through(plain(status, "tal cual")).await;
            assert_eq!((head.status().as_u16(), body.as_str()), (status, "tal cual"));
            assert_eq!(head.headers()[CONTENT_TYPE], "text/plain");
        }
    }

    #[tokio::test]
    async fn our_own_failures_keep_their_words() {
        let own = ApiError::from(Failure::unavailable("no")).into_answer().map(Body::from);
        let (_, body) = through(own).await;
        assert!(body.contains("SERVICE_UNAVAILABLE"), "{body}");
    }
}
