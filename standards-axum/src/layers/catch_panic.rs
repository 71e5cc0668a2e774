//! Convert panics into answers.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use http::{Request, Response};
use pin_project_lite::pin_project;
use standards_core::{Failure, catch_panic};
use tower_layer::Layer;
use tower_service::Service;

use crate::answer::ApiError;
use crate::layers::body::Replaceable;

/// Answers where the inner service panics, while it is called or while its future is polled: 500 `INTERNAL_ERROR`, or as it is told.
///
/// The process lives on. The panic's text and place go to the log alone.
///
/// ```
/// use axum::body::Body;
/// use axum::{Router, routing::get};
/// use http::Request;
/// use standards_axum::layers::CatchPanicLayer;
/// use tower::ServiceExt;
///
/// async fn unlucky() {
///     panic!("nunca")
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let app: Router = Router::new().route("/", get(unlucky)).layer(CatchPanicLayer::new());
/// assert_eq!(app.oneshot(Request::new(Body::empty())).await.unwrap().status(), 500);
/// # }
/// ```
///
/// # Example: another answer
///
/// ```
/// use std::convert::Infallible;
///
/// use axum::body::Body;
/// use http::header::CONNECTION;
/// use http::{HeaderValue, Request, Response};
/// use standards_axum::ApiError;
/// use standards_axum::layers::CatchPanicLayer;
/// use tower::{Layer, ServiceExt, service_fn};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let close = |failure| ApiError::from(failure).with_header(CONNECTION, HeaderValue::from_static("close"));
/// let unlucky = service_fn(async |_: Request<Body>| -> Result<Response<Body>, Infallible> { panic!("nunca") });
/// let service = CatchPanicLayer::answering(close).layer(unlucky);
/// assert_eq!(service.oneshot(Request::new(Body::empty())).await.unwrap().headers()[CONNECTION], "close");
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct CatchPanicLayer<A = fn(Failure) -> ApiError> {
    answer: A,
}

impl CatchPanicLayer {
    /// Answers 500 `INTERNAL_ERROR`.
    #[must_use]
    pub const fn new() -> Self {
        Self { answer: internal_error }
    }
}

impl Default for CatchPanicLayer {
    fn default() -> Self {
        Self::new()
    }
}

impl<A: Fn(Failure) -> ApiError> CatchPanicLayer<A> {
    /// Answers as `answer` makes of what the panic left behind.
    pub const fn answering(answer: A) -> Self {
        Self { answer }
    }
}

fn internal_error(panic: Failure) -> ApiError {
    panic.into()
}

impl<S, A: Clone> Layer<S> for CatchPanicLayer<A> {
    type Service = CatchPanic<S, A>;

    fn layer(&self, inner: S) -> CatchPanic<S, A> {
        CatchPanic { inner, answer: self.answer.clone() }
    }
}

/// The service of [`CatchPanicLayer`].
#[derive(Clone, Copy, Debug)]
pub struct CatchPanic<S, A = fn(Failure) -> ApiError> {
    inner: S,
    answer: A,
}

impl<S, A, B, R> Service<Request<B>> for CatchPanic<S, A>
where
    S: Service<Request<B>, Response = Response<R>>,
    A: Fn(Failure) -> ApiError + Clone,
{
    type Response = Response<Replaceable<R>>;
    type Error = S::Error;
    type Future = CatchPanicFuture<S::Future, A>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let kind = match catch_panic(|| self.inner.call(request)) {
            Ok(future) => Kind::Running { future, answer: self.answer.clone() },
            Err(failure) => Kind::Panicked { error: Some((self.answer)(failure)) },
        };
        CatchPanicFuture { kind }
    }
}

pin_project! {
    /// The future of [`CatchPanic`].
    pub struct CatchPanicFuture<F, A = fn(Failure) -> ApiError> {
        #[pin]
        kind: Kind<F, A>,
    }
}

pin_project! {
    #[project = KindProjection]
    enum Kind<F, A> {
        /// The inner service is at work.
        Running {
            #[pin]
            future: F,
            answer: A,
        },
        /// It panicked while it was called.
        Panicked {
            error: Option<ApiError>,
        },
    }
}

impl<F, A, R, E> Future for CatchPanicFuture<F, A>
where
    F: Future<Output = Result<Response<R>, E>>,
    A: Fn(Failure) -> ApiError,
{
    type Output = Result<Response<Replaceable<R>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let replaced = |error: ApiError| Poll::Ready(Ok(error.into_answer().map(Replaceable::replaced)));
        match self.project().kind.project() {
            KindProjection::Running { future, answer } => match catch_panic(|| future.poll(cx)) {
                Ok(poll) => poll.map_ok(|response| response.map(Replaceable::inner)),
                Err(failure) => replaced(answer(failure)),
            },
            KindProjection::Panicked { error } => error.take().map_or(Poll::Pending, replaced),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;
    use http_body_util::BodyExt;
    use std::convert::Infallible;
    use tower::{ServiceExt, service_fn};

    const BODY: &str =
        r#"{"success":false,"data":null,"errors":[{"code":"INTERNAL_ERROR","message":"Error interno del servidor"}]}"#;

    async fn assert_internal_error<F>(handler: impl FnMut(Request<()>) -> F)
    where
        F: Future<Output = Result<Response<Body>, Infallible>>,
    {
        let response = CatchPanicLayer::new().layer(service_fn(handler)).oneshot(Request::new(())).await.unwrap();
        assert_eq!(response.status(), 500);
        assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), BODY);
    }

    #[tokio::test]
    async fn a_panic_in_the_future_becomes_internal_error() {
        assert_internal_error(async |_| panic!("secreto")).await;
    }

    #[tokio::test]
    async fn a_panic_in_the_call_becomes_internal_error() {
        assert_internal_error(|_| -> std::future::Ready<Result<Response<Body>, Infallible>> { panic!("secreto") }).await;
    }

    #[tokio::test]
    async fn a_panic_is_answered_as_the_layer_is_told() {
        let inner = service_fn(|_: Request<()>| -> std::future::Ready<Result<Response<Body>, Infallible>> { panic!("secreto") });
        let unavailable = |panic: Failure| ApiError::from(Failure::unavailable(panic.message()));
        let response = CatchPanicLayer::answering(unavailable).layer(inner).oneshot(Request::new(())).await.unwrap();
        assert_eq!(response.status(), 503);
    }
}
