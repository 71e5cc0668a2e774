//! Tell the extractors how large a body may be.

use std::task::{Context, Poll};

use axum::extract::DefaultBodyLimit;
use http::Request;
use tower_layer::Layer;
use tower_service::Service;

/// The largest body of a service that does not say otherwise: 16 KiB.
pub const DEFAULT_MAX_BODY_BYTES: usize = 16_384;

/// Sets the largest body, in bytes, that the standard's extractors read, and that axum's own do; a route may set another.
///
/// A body past it is 413, and is read no further than that. Without the layer, as around an existing service, axum's own limit holds
/// ([`DefaultBodyLimit`]: two megabytes unless it is told otherwise).
///
/// ```
/// use axum::body::{Body, Bytes};
/// use axum::{Router, routing::post};
/// use http::Request;
/// use standards_axum::layers::BodyLimitLayer;
/// use tower::ServiceExt;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let read = async |body: Bytes| body.len().to_string();
/// let app: Router = Router::new()
///     .route("/notas", post(read))
///     .route("/documentos", post(read).layer(BodyLimitLayer::new(1 << 20)))
///     .layer(BodyLimitLayer::new(16));
/// let status = async |path| app.clone().oneshot(Request::post(path).body(Body::from([7; 17].as_slice())).unwrap()).await.unwrap().status();
/// assert_eq!(status("/notas").await, 413);
/// assert_eq!(status("/documentos").await, 200);
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct BodyLimitLayer {
    limit: usize,
}

/// The limit as the extractors find it in a request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BodyLimit(pub(crate) usize);

impl BodyLimitLayer {
    /// Allows so many bytes.
    #[must_use]
    pub const fn new(limit: usize) -> Self {
        Self { limit }
    }
}

impl Default for BodyLimitLayer {
    fn default() -> Self {
        Self::new(DEFAULT_MAX_BODY_BYTES)
    }
}

/// The service of [`BodyLimitLayer`].
// Around the router and not a layer of it: axum boxes each layer of a router, and clones the boxes with every request.
#[derive(Clone, Copy, Debug)]
pub struct BodyLimited<S> {
    inner: S,
    limit: usize,
}

impl<S> Layer<S> for BodyLimitLayer {
    type Service = BodyLimited<S>;

    fn layer(&self, inner: S) -> BodyLimited<S> {
        BodyLimited { inner, limit: self.limit }
    }
}

impl<S: Service<Request<B>>, B> Service<Request<B>> for BodyLimited<S> {
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
