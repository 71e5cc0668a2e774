//! A page that routes for itself: every unknown path is its index.

use std::fs;

use axum::Router;
use axum::routing;
use standards_axum::layers::{EnvelopeLayer, Exemption};
use standards_axum::{StandardsLayer, ok, standardize, standardize_with};
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

#[tokio::test]
async fn a_page_for_what_is_not_found_stays_a_page_where_it_is_exempted() {
    let directory = tempfile::tempdir().unwrap();
    let index = directory.path().join("index.html");
    fs::write(&index, "<html>app</html>").unwrap();
    let page = ServeDir::new(directory.path()).not_found_service(ServeFile::new(index));
    let service = Router::new().route("/saldo", routing::get(async || http::StatusCode::NOT_FOUND)).fallback_service(page);
    let pages = EnvelopeLayer::new().exempting(Exemption::content_type("text/html"));
    let router = standardize_with(service.clone(), &StandardsLayer::new().with_envelope(pages));
    let page = get(&router, "/clientes/7").await;
    assert_eq!((page.status, page.text().as_str()), (404, "<html>app</html>"));
    assert_eq!(page.access_record()["context"]["exempt"], "content-type text/html");
    get(&router, "/saldo").await.assert_envelope(404, "HTTP_ERROR");
    // Whoever does not ask for it has the envelope everywhere.
    get(&standardize(service), "/clientes/7").await.assert_envelope(404, "HTTP_ERROR");
}
