//! A service that compresses its answers.

use axum::Router;
use axum::body::Body;
use axum::routing;
use http::{Request, StatusCode};
use standards_axum::{ok, standardize};
use tower_http::compression::CompressionLayer;

use crate::support::{Exchange, send};

async fn ask(path: &str) -> Exchange {
    let routes = Router::new()
        .route("/largo", routing::get(async || ok("a".repeat(10_000))))
        .route("/roto", routing::get(async || (StatusCode::CONFLICT, "b".repeat(10_000))));
    let router = standardize(routes.layer(CompressionLayer::new()));
    send(&router, Request::get(path).header("accept-encoding", "gzip").body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn successes_stay_compressed() {
    let answer = ask("/largo").await;
    assert_eq!((answer.status, &answer.headers["content-encoding"]), (200, &"gzip".parse().unwrap()));
    assert!(answer.body.starts_with(&[0x1f, 0x8b]) && answer.body.len() < 1000);
}

#[tokio::test]
async fn an_envelope_in_the_place_of_a_compressed_failure_is_plain() {
    let refused = ask("/roto").await;
    refused.assert_envelope(409, "HTTP_ERROR");
    assert_eq!(refused.headers.get("content-encoding"), None);
}
