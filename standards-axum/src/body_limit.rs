//! Tell the extractors how large a body may be.

use std::task::{Context, Poll};

use axum::extract::DefaultBodyLimit;
use http::Request;
use tower_layer::Layer;
use tower_service::Service;

use crate::extract::BodyLimit;

/// Sets the limit of the standard's extractors and that of axum's own; a route may set another.
///
/// Around the router and not a layer of it: axum boxes each layer of a router, and clones the boxes with every request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BodyLimitLayer(pub(crate) usize);

/// The service of [`BodyLimitLayer`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limited<S> {
    inner: S,
    limit: usize,
}

impl<S> Layer<S> for BodyLimitLayer {
    type Service = Limited<S>;

    fn layer(&self, inner: S) -> Limited<S> {
        Limited { inner, limit: self.0 }
    }
}

impl<S: Service<Request<B>>, B> Service<Request<B>> for Limited<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        DefaultBodyLimit::max(self.limit).apply(&mut request);
        request.extensions_mut().insert(BodyLimit(self.limit));
        self.inner.call(request)
    }
}
