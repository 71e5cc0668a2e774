//! Static files, in part and as they were before.

use std::fs;

use axum::Router;
use axum::body::Body;
use http::Request;
use standards_axum::standardize;
use tempfile::TempDir;
use tower_http::services::ServeDir;

use crate::support::{Exchange, get, send};

fn files() -> (TempDir, Router) {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("manual.txt"), "0123456789").unwrap();
    let app = Router::new().nest_service("/files", ServeDir::new(directory.path()));
    (directory, standardize(app))
}

async fn with_header(router: &Router, name: &str, value: &str) -> Exchange {
    send(router, Request::get("/files/manual.txt").header(name, value).body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn a_range_is_a_part_with_its_own_headers() {
    let (_directory, router) = files();
    let part = with_header(&router, "range", "bytes=2-4").await;
    assert_eq!(
        (part.status, part.text().as_str(), &part.headers["content-range"]),
        (206, "234", &"bytes 2-4/10".parse().unwrap())
    );
    assert_eq!(part.headers["content-length"], "3");
}

#[tokio::test]
async fn a_file_that_has_not_changed_is_not_sent_again() {
    let (_directory, router) = files();
    let whole = get(&router, "/files/manual.txt").await;
    let since = whole.headers["last-modified"].to_str().unwrap();
    let again = with_header(&router, "if-modified-since", since).await;
    assert_eq!((again.status, again.body.len()), (304, 0));
}

#[tokio::test]
async fn what_is_not_there_is_in_the_envelope() {
    let (_directory, router) = files();
    get(&router, "/files/otro.txt").await.assert_envelope(404, "HTTP_ERROR");
    let beyond = with_header(&router, "range", "bytes=50-60").await;
    beyond.assert_envelope(416, "HTTP_ERROR");
    assert_eq!(beyond.headers["content-range"], "bytes */10");
}
