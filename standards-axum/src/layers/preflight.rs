//! Let CORS answer preflight requests, and no other `OPTIONS`.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use http::header::{ACCESS_CONTROL_REQUEST_METHOD, ORIGIN};
use http::{Method, Request, Response};
use pin_project_lite::pin_project;
use tower_http::cors::{Cors, CorsLayer};
use tower_layer::Layer;
use tower_service::Service;

/// tower-http's `CorsLayer` for what a browser sends on behalf of a page.
///
/// The library's layer would answer any `OPTIONS` with 200, whatever the route; here one that no browser sent ahead of another request
/// (Fetch standard, "CORS-preflight request") goes on to the routes. [Closed](Self::closed), it takes no part in anything: where a
/// service inside has CORS of its own, preflights reach it and its headers pass; where none has, no page of another origin gets a
/// permission.
///
/// ```
/// use axum::Router;
/// use standards_axum::layers::PreflightLayer;
/// use tower_http::cors::CorsLayer;
///
/// let app: Router = Router::new().layer(PreflightLayer::new(CorsLayer::permissive()));
/// ```
#[derive(Clone, Debug, Default)]
pub struct PreflightLayer {
    cors: Option<CorsLayer>,
}

impl PreflightLayer {
    /// Answers other origins as `cors` says.
    #[must_use]
    pub const fn new(cors: CorsLayer) -> Self {
        Self { cors: Some(cors) }
    }

    /// Allows no other origin, and leaves it to the service inside whether it does.
    #[must_use]
    pub const fn closed() -> Self {
        Self { cors: None }
    }

    /// Whether it answers other origins.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.cors.is_some()
    }
}

impl<S> Layer<S> for PreflightLayer {
    type Service = Preflight<S>;

    fn layer(&self, inner: S) -> Preflight<S> {
        Preflight(match &self.cors {
            Some(cors) => Origins::Some(cors.layer(inner)),
            None => Origins::None(inner),
        })
    }
}

/// The service of [`PreflightLayer`].
#[derive(Clone, Debug)]
pub struct Preflight<S>(Origins<S>);

/// The other origins that may call.
#[expect(clippy::large_enum_variant, reason = "there is one per connection, and a box would cost each request a jump")]
#[derive(Clone, Debug)]
enum Origins<S> {
    Some(Cors<S>),
    None(S),
}

impl<S> Preflight<S> {
    fn inner(&mut self) -> &mut S {
        match &mut self.0 {
            Origins::Some(cors) => cors.get_mut(),
            Origins::None(inner) => inner,
        }
    }
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
        match &mut self.0 {
            Origins::Some(cors) => cors.poll_ready(cx),
            Origins::None(inner) => inner.poll_ready(cx),
        }
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let kind = match &mut self.0 {
            Origins::Some(cors) if request.method() != Method::OPTIONS || is_preflight(&request) => {
                Kind::Cors { future: cors.call(request) }
            }
            _ => Kind::Plain { future: self.inner().call(request) },
        };
        PreflightFuture { kind }
    }
}

/// Whether an `OPTIONS` is one.
fn is_preflight<B>(request: &Request<B>) -> bool {
    let headers = request.headers();
    headers.contains_key(ORIGIN) && headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}

pin_project! {
    /// The future of [`Preflight`].
    pub struct PreflightFuture<C, P> {
        #[pin]
        kind: Kind<C, P>,
    }
}

pin_project! {
    #[project = KindProjection]
    enum Kind<C, P> {
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

impl<C, P, R, E> Future for PreflightFuture<C, P>
where
    C: Future<Output = Result<Response<R>, E>>,
    P: Future<Output = Result<Response<R>, E>>,
{
    type Output = Result<Response<R>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().kind.project() {
            KindProjection::Cors { future } => future.poll(cx),
            KindProjection::Plain { future } => future.poll(cx),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;
    use std::convert::Infallible;
    use tower::{ServiceExt, service_fn};

    async fn answer(layer: PreflightLayer, method: Method, preflight: bool) -> Response<Body> {
        let mut request = Request::builder().method(method).header(ORIGIN, "https://a.cl");
        if preflight {
            request = request.header(ACCESS_CONTROL_REQUEST_METHOD, "GET");
        }
        let inner = service_fn(async |_: Request<Body>| {
            Ok::<_, Infallible>(Response::builder().status(418).body(Body::empty()).unwrap())
        });
        layer.layer(inner).oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
    }

    #[tokio::test]
    async fn cors_stands_only_where_it_is_configured() {
        let closed = answer(PreflightLayer::closed(), Method::GET, false).await;
        assert_eq!((closed.status().as_u16(), closed.headers().len()), (418, 0));
        let open = answer(PreflightLayer::new(CorsLayer::permissive()), Method::GET, false).await;
        assert_eq!(open.headers()["access-control-allow-origin"], "*");
    }

    #[tokio::test]
    async fn a_closed_layer_leaves_preflights_to_the_service_inside() {
        let closed = answer(PreflightLayer::closed(), Method::OPTIONS, true).await;
        assert_eq!((closed.status().as_u16(), closed.headers().len()), (418, 0));
        let open = answer(PreflightLayer::new(CorsLayer::permissive()), Method::OPTIONS, true).await;
        assert_eq!(open.status(), 200);
    }

    #[tokio::test]
    async fn options_that_no_browser_asks_is_the_routes_own() {
        for layer in [PreflightLayer::closed(), PreflightLayer::new(CorsLayer::permissive())] {
            assert_eq!(answer(layer, Method::OPTIONS, false).await.status(), 418);
        }
    }
}
