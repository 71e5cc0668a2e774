//! Convert panics into answers.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use pin_project_lite::pin_project;
use standards_core::{Failure, catch_panic};
use tower_layer::Layer;
use tower_service::Service;

use crate::answer::ApiError;
use crate::layers::body::Replaceable;

/// Answers 500 `INTERNAL_ERROR` where the inner service panics, while it is called or while its future is polled.
///
/// The process lives on. The panic's text goes to the log alone.
#[derive(Clone, Copy, Debug, Default)]
pub struct CatchPanicLayer;

impl<S> Layer<S> for CatchPanicLayer {
    type Service = CatchPanic<S>;

    fn layer(&self, inner: S) -> CatchPanic<S> {
        CatchPanic { inner }
    }
}

/// The service of [`CatchPanicLayer`].
#[derive(Clone, Debug)]
pub struct CatchPanic<S> {
    inner: S,
}

impl<S, B, R> Service<Request<B>> for CatchPanic<S>
where
    S: Service<Request<B>, Response = Response<R>>,
{
    type Response = Response<Replaceable<R>>;
    type Error = S::Error;
    type Future = CatchPanicFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        match catch_panic(|| self.inner.call(request)) {
            Ok(future) => CatchPanicFuture::Running { future },
            Err(failure) => CatchPanicFuture::Panicked { response: Some(answer(failure)) },
        }
    }
}

pin_project! {
    /// The future of [`CatchPanic`].
    #[project = CatchPanicProjection]
    pub enum CatchPanicFuture<F> {
        /// The inner service is at work.
        Running {
            #[pin]
            future: F,
        },
        /// It panicked while it was called.
        Panicked {
            response: Option<Response<Bytes>>,
        },
    }
}

impl<F, R, E> Future for CatchPanicFuture<F>
where
    F: Future<Output = Result<Response<R>, E>>,
{
    type Output = Result<Response<Replaceable<R>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project() {
            CatchPanicProjection::Running { future } => match catch_panic(|| future.poll(cx)) {
                Ok(poll) => poll.map_ok(|response| response.map(Replaceable::inner)),
                Err(failure) => Poll::Ready(Ok(answer(failure).map(Replaceable::replaced))),
            },
            CatchPanicProjection::Panicked { response } => {
                response.take().map_or(Poll::Pending, |response| Poll::Ready(Ok(response.map(Replaceable::replaced))))
            }
        }
    }
}

fn answer(failure: Failure) -> Response<Bytes> {
    ApiError::from(failure).into_answer()
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
        let response = CatchPanicLayer.layer(service_fn(handler)).oneshot(Request::new(())).await.unwrap();
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
}
