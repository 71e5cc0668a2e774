//! Let CORS answer preflight requests, and no other `OPTIONS`.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use http::header::{ACCESS_CONTROL_REQUEST_METHOD, ORIGIN, VARY};
use http::{HeaderValue, Method, Request, Response};
use pin_project_lite::pin_project;
use tower_http::cors::{Cors, CorsLayer};
use tower_layer::Layer;
use tower_service::Service;

/// tower-http's `CorsLayer` for what a browser sends on behalf of a page.
///
/// The library's layer would answer any `OPTIONS` with 200, whatever the route; here one that no browser sent ahead of another request
/// (Fetch standard, "CORS-preflight request") goes on to the routes. [Closed](Self::closed), no other origin may call: CORS takes no
/// part in requests, and a preflight is answered without any permission.
///
/// ```
/// use axum::body::Body;
/// use axum::{Router, routing::get};
/// use http::Request;
/// use standards_axum::layers::PreflightLayer;
/// use tower::ServiceExt;
/// use tower_http::cors::CorsLayer;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let app: Router = Router::new().route("/", get(async || "hola")).layer(PreflightLayer::new(CorsLayer::permissive()));
/// let asked = Request::options("/").header("origin", "https://a.cl");
/// let preflight = asked.header("access-control-request-method", "GET").body(Body::empty()).unwrap();
/// assert_eq!(app.clone().oneshot(preflight).await.unwrap().headers()["access-control-allow-origin"], "*");
/// // Any other OPTIONS is the route's own affair.
/// assert_eq!(app.oneshot(Request::options("/").body(Body::empty()).unwrap()).await.unwrap().status(), 405);
/// # }
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

    /// Allows no other origin.
    #[must_use]
    pub const fn closed() -> Self {
        Self { cors: None }
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
        let preflight = is_preflight(&request);
        let kind = match &mut self.0 {
            Origins::Some(cors) if preflight || request.method() != Method::OPTIONS => Kind::Cors { future: cors.call(request) },
            Origins::None(_) if preflight => Kind::Closed,
            _ => Kind::Plain { future: self.inner().call(request) },
        };
        PreflightFuture { kind }
    }
}

fn is_preflight<B>(request: &Request<B>) -> bool {
    let headers = request.headers();
    request.method() == Method::OPTIONS && headers.contains_key(ORIGIN) && headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD)
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
        /// A browser asks, and no other origin may call.
        Closed,
    }
}

impl<C, P, R, E> Future for PreflightFuture<C, P>
where
    C: Future<Output = Result<Response<R>, E>>,
    P: Future<Output = Result<Response<R>, E>>,
    R: Default,
{
    type Output = Result<Response<R>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().kind.project() {
            KindProjection::Cors { future } => future.poll(cx),
            KindProjection::Plain { future } => future.poll(cx),
            KindProjection::Closed => Poll::Ready(Ok(without_permission())),
        }
    }
}

/// What `CorsLayer` answers where it allows nothing.
fn without_permission<R: Default>() -> Response<R> {
    let mut response = Response::new(R::default());
    response.headers_mut().insert(VARY, HeaderValue::from_static("origin"));
    response
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
    async fn a_closed_service_answers_a_preflight_as_cors_without_origins_does() {
        let closed = answer(PreflightLayer::closed(), Method::OPTIONS, true).await;
        let empty = answer(PreflightLayer::new(CorsLayer::new()), Method::OPTIONS, true).await;
        assert_eq!((closed.status(), closed.headers()), (empty.status(), empty.headers()));
    }

    #[tokio::test]
    async fn options_that_no_browser_asks_is_the_routes_own() {
        for layer in [PreflightLayer::closed(), PreflightLayer::new(CorsLayer::permissive())] {
            assert_eq!(answer(layer, Method::OPTIONS, false).await.status(), 418);
        }
    }
}
