//! Tell the extractors how large a body may be.

use std::task::{Context, Poll};

use axum::extract::DefaultBodyLimit;
use http::Request;
use tower_layer::Layer;
use tower_service::Service;

use super::marks::Marks;

/// The largest body of a service that does not say otherwise: 16 KiB.
pub const DEFAULT_MAX_BODY_BYTES: usize = 16_384;

/// Sets the largest body, in bytes, that the standard's extractors read, and that axum's own do; a route may set another.
///
/// A body past it is 413, and is read no further than that, whether its length was announced (`Content-Length`) or not. The layer that is
/// nearest to the handler decides: one around a route may allow more than the service's `MAX_BODY_BYTES`, or less.
///
/// What is counted is the body's content: neither its head, nor the framing of chunks, nor trailers, which the server bounds by itself (16 KiB in
/// HTTP/1). Of a multipart form the heads of its parts and its boundaries count too.
///
/// It binds whoever takes the body in by an extractor: `Json`, `Form`, `Multipart`, those of axum too, and its `Bytes` and `String`. It does not bind a handler that
/// takes the body as a stream (`axum::body::Body`, `Request`): that one counts for itself, or puts `http_body_util::Limited` around it.
/// Without the layer, as around an existing service, axum's own limit holds
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
        Marks::of_mut(request.extensions_mut()).body_limit = Some(self.limit);
        self.inner.call(request)
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use axum::Router;
    use axum::body::{Body, Bytes};
    use axum::routing::post;
    use futures_util::stream;
    use garde::Validate;
    use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
    use http_body_util::BodyExt;
    use serde::Deserialize;
    use tower::ServiceExt;

    use super::*;
    use crate::extract::{Form, Json};
    use crate::ok;

    #[derive(Deserialize, Validate)]
    struct Nota {
        #[garde(skip)]
        texto: String,
    }

    fn routes() -> Router {
        Router::new()
            .route("/json", post(async |Json(nota): Json<Nota>| ok(nota.texto.len())))
            .route("/form", post(async |Form(nota): Form<Nota>| ok(nota.texto.len())))
            .route("/bytes", post(async |bytes: Bytes| ok(bytes.len())))
            .route("/text", post(async |text: String| ok(text.len())))
            .route("/stream", post(async |body: Body| ok(body.collect().await.map_or(0, |body| body.to_bytes().len()))))
    }

    /// A service that allows 64 bytes, with routes that allow 32 or 128.
    fn app() -> Router {
        let limited = |limit| routes().layer(BodyLimitLayer::new(limit));
        let app = Router::new().merge(routes()).nest("/less", limited(32)).nest("/more", limited(128));
        app.layer(BodyLimitLayer::new(64))
    }

    fn body_of(kind: &str, length: usize) -> String {
        match kind {
            "/json" => format!(r#"{{"texto":"{}"}}"#, "a".repeat(length - 12)),
            "/form" => format!("texto={}", "a".repeat(length - 6)),
            _ => "a".repeat(length),
        }
    }

    async fn status(path: &str, kind: &str, body: Body, announced: Option<&str>) -> u16 {
        let content_type = if kind == "/form" { "application/x-www-form-urlencoded" } else { "application/json" };
        let request = Request::post(format!("{path}{kind}")).header(CONTENT_TYPE, content_type);
        let request = announced.into_iter().fold(request, |request, length| request.header(CONTENT_LENGTH, length));
        app().oneshot(request.body(body).unwrap()).await.unwrap().status().as_u16()
    }

    fn chunks(text: String) -> Body {
        let bytes = text.into_bytes();
        let chunks: Vec<_> = bytes.chunks(7).map(|chunk| Ok::<_, Infallible>(Bytes::copy_from_slice(chunk))).collect();
        Body::from_stream(stream::iter(chunks))
    }

    #[tokio::test]
    async fn the_layer_nearest_to_the_handler_decides() {
        for kind in ["/json", "/form", "/bytes", "/text"] {
            for (path, limit) in [("", 64), ("/less", 32), ("/more", 128)] {
                for (length, expected) in [(limit, 200), (limit + 1, 413)] {
                    let whole = Body::from(body_of(kind, length));
                    assert_eq!(status(path, kind, whole, None).await, expected, "{path}{kind} of {length}");
                    let chunked = chunks(body_of(kind, length));
                    assert_eq!(status(path, kind, chunked, None).await, expected, "{path}{kind} of {length} in chunks");
                }
            }
        }
    }

    #[tokio::test]
    async fn trailers_do_not_count() {
        let trailers = http::HeaderMap::from_iter([(
            http::header::ETAG,
            http::HeaderValue::from_static("\"a-long-one-of-thirty-two-bytes\""),
        )]);
        for kind in ["/json", "/form", "/bytes", "/text"] {
            for (length, expected) in [(32, 200), (33, 413)] {
                let data = http_body::Frame::data(Bytes::from(body_of(kind, length)));
                let frames = [Ok::<_, Infallible>(data), Ok(http_body::Frame::trailers(trailers.clone()))];
                let body = Body::new(http_body_util::StreamBody::new(stream::iter(frames)));
                assert_eq!(status("/less", kind, body, None).await, expected, "{kind} of {length}");
            }
        }
    }

    #[tokio::test]
    async fn an_announced_length_is_not_believed_when_it_is_too_small() {
        for kind in ["/json", "/form", "/bytes", "/text"] {
            assert_eq!(status("/less", kind, chunks(body_of(kind, 33)), Some("20")).await, 413, "{kind}");
        }
    }

    #[tokio::test]
    async fn one_that_is_too_large_is_refused_before_anything_is_read() {
        let never = || Body::from_stream(stream::pending::<Result<Bytes, Infallible>>());
        for kind in ["/json", "/form"] {
            assert_eq!(status("/less", kind, never(), Some("33")).await, 413, "{kind}");
        }
    }

    #[tokio::test]
    async fn an_endless_body_is_read_no_further_than_the_limit() {
        for kind in ["/json", "/form", "/bytes", "/text"] {
            let endless = stream::repeat(Ok::<_, Infallible>(Bytes::from_static(b"a")));
            assert_eq!(status("/more", kind, Body::from_stream(endless), None).await, 413, "{kind}");
        }
    }

    #[tokio::test]
    async fn a_handler_that_takes_the_stream_counts_for_itself() {
        assert_eq!(status("/less", "/stream", Body::from("a".repeat(999)), None).await, 200);
    }
}
