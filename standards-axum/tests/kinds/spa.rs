//! A page that routes for itself: every unknown path is its index.

use std::fs;

use axum::Router;
use axum::routing;
use standards_axum::{ok, standardize};
use tower_http::services::{ServeDir, ServeFile};

use crate::support::get;

#[tokio::test]
async fn unknown_paths_are_the_page_and_the_api_stays_in_the_envelope() {
    let directory = tempfile::tempdir().unwrap();
    let index = directory.path().join("index.html");
    fs::write(&index, "<html>app</html>").unwrap();
    let api = Router::new().route("/saldo", routing::get(async || ok(7))).fallback(async || http::StatusCode::NOT_FOUND);
    let page = ServeDir::new(directory.path()).fallback(ServeFile::new(index));
    let router = standardize(Router::new().nest("/api", api).fallback_service(page));
    for path in ["/", "/clientes/7"] {
        let page = get(&router, path).await;
        assert_eq!((page.status, page.text().as_str()), (200, "<html>app</html>"), "{path}");
    }
    assert_eq!(get(&router, "/api/saldo").await.json()["data"], 7);
    get(&router, "/api/otro").await.assert_envelope(404, "HTTP_ERROR");
}
