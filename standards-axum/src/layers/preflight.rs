//! Let CORS answer preflight requests, and no other `OPTIONS`.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::header::{ACCESS_CONTROL_REQUEST_METHOD, ORIGIN};
use http::{Method, Request, Response};
use pin_project_lite::pin_project;
use tower_http::cors::{Cors, CorsLayer};
use tower_layer::Layer;
use tower_service::Service;

/// `CorsLayer`, but for `OPTIONS` requests that no browser sent ahead of another (Fetch standard, "CORS-preflight request"): the
/// layer would answer those 200 as well, whatever the route.
#[derive(Clone, Debug)]
pub(crate) struct PreflightLayer(pub(crate) CorsLayer);

impl<S: Clone> Layer<S> for PreflightLayer {
    type Service = Preflight<S>;

    fn layer(&self, inner: S) -> Preflight<S> {
        Preflight { cors: self.0.layer(inner.clone()), plain: inner }
    }
}

/// The service of `PreflightLayer`.
#[derive(Clone, Debug)]
pub struct Preflight<S> {
    cors: Cors<S>,
    plain: S,
}

impl<S, B, R> Service<Request<B>> for Preflight<S>
where
    S: Service<Request<B>, Response = Response<R>>,
    R: Default,
{
    type Response = Response<R>;
    type Error = S::Error;
    type Future = PreflightFuture<<Cors<S> as Service<Request<B>>>::Future, S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        ready!(self.plain.poll_ready(cx))?;
        self.cors.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        if request.method() == Method::OPTIONS && !is_preflight(&request) {
            PreflightFuture::Plain { future: self.plain.call(request) }
        } else {
            PreflightFuture::Cors { future: self.cors.call(request) }
        }
    }
}

fn is_preflight<B>(request: &Request<B>) -> bool {
    request.headers().contains_key(ORIGIN) && request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}

pin_project! {
    /// The future of [`Preflight`].
    #[project = PreflightProjection]
    pub enum PreflightFuture<C, P> {
        /// CORS has its say.
        Cors {
            #[pin]
            future: C,
        },
        /// It has none.
        Plain {
            #[pin]
            future: P,
        },
    }
}

impl<C, P> Future for PreflightFuture<C, P>
where
    C: Future,
    P: Future<Output = C::Output>,
{
    type Output = C::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project() {
            PreflightProjection::Cors { future } => future.poll(cx),
            PreflightProjection::Plain { future } => future.poll(cx),
        }
    }
}
