//! A service that lets other origins in by itself.

use axum::Router;
use axum::body::Body;
use axum::routing;
use http::Request;
use standards_axum::standardize;
use tower_http::cors::{AllowOrigin, CorsLayer};

use crate::support::send;

fn router() -> Router {
    let cors = CorsLayer::new().allow_origin(AllowOrigin::exact("https://a.cl".parse().unwrap()));
    standardize(Router::new().route("/saldo", routing::get(async || "7")).layer(cors))
}

#[tokio::test]
async fn its_own_permissions_stand_on_answers_and_on_failures() {
    for (path, status) in [("/saldo", 200), ("/otro", 404)] {
        let request = Request::get(path).header("origin", "https://a.cl").body(Body::empty()).unwrap();
        let exchange = send(&router(), request).await;
        assert_eq!(
            (exchange.status, &exchange.headers["access-control-allow-origin"]),
            (status, &"https://a.cl".parse().unwrap())
        );
    }
}

#[tokio::test]
async fn a_preflight_is_answered_by_it() {
    let request = Request::options("/saldo").header("origin", "https://a.cl").header("access-control-request-method", "GET");
    let exchange = send(&router(), request.body(Body::empty()).unwrap()).await;
    assert_eq!((exchange.status, &exchange.headers["access-control-allow-origin"]), (200, &"https://a.cl".parse().unwrap()));
}
