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
/// (Fetch standard, "CORS-preflight request") goes on to the routes.
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
#[derive(Clone, Debug)]
pub struct PreflightLayer {
    cors: CorsLayer,
}

impl PreflightLayer {
    /// Answers other origins as `cors` says.
    #[must_use]
    pub const fn new(cors: CorsLayer) -> Self {
        Self { cors }
    }
}

impl<S> Layer<S> for PreflightLayer {
    type Service = Preflight<S>;

    fn layer(&self, inner: S) -> Preflight<S> {
        Preflight(self.cors.layer(inner))
    }
}

/// The service of [`PreflightLayer`].
#[derive(Clone, Debug)]
pub struct Preflight<S>(Cors<S>);

impl<S, B, R> Service<Request<B>> for Preflight<S>
where
    S: Service<Request<B>, Response = Response<R>>,
    R: Default,
{
    type Response = Response<R>;
    type Error = S::Error;
    type Future = PreflightFuture<<Cors<S> as Service<Request<B>>>::Future, S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let kind = if request.method() != Method::OPTIONS || is_preflight(&request) {
            Kind::Cors { future: self.0.call(request) }
        } else {
            Kind::Plain { future: self.0.get_mut().call(request) }
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
    async fn what_a_browser_sends_is_answered_by_cors() {
        let simple = answer(PreflightLayer::new(CorsLayer::permissive()), Method::GET, false).await;
        assert_eq!((simple.status().as_u16(), &simple.headers()["access-control-allow-origin"].as_bytes()), (418, &&b"*"[..]));
        let preflight = answer(PreflightLayer::new(CorsLayer::permissive()), Method::OPTIONS, true).await;
        assert_eq!(preflight.status(), 200);
    }

    #[tokio::test]
    async fn options_that_no_browser_asks_is_the_routes_own() {
        assert_eq!(answer(PreflightLayer::new(CorsLayer::permissive()), Method::OPTIONS, false).await.status(), 418);
    }
}
