//! The document and its page, as a browser fetches them.

use axum::Router;
use http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};

use super::*;
use crate::openapi::openapi_routes;

async fn fetch(uri: &str) -> (u16, String, String) {
    let (router, document) = api().into_parts();
    let app: Router = router.merge(openapi_routes(&document, "/api/v1/openapi.json", "/docs"));
    let response = app.oneshot(get(uri)).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    if parts.status.is_success() && !uri.ends_with("json") {
        assert!(parts.headers[CONTENT_SECURITY_POLICY].to_str().unwrap().starts_with("default-src 'self'"));
    }
    let content_type = parts.headers[CONTENT_TYPE].to_str().unwrap().to_owned();
    (parts.status.as_u16(), content_type, String::from_utf8_lossy(&body).into_owned())
}

#[tokio::test]
async fn the_document_is_served_as_it_is() {
    let (status, content_type, body) = fetch("/api/v1/openapi.json").await;
    assert_eq!((status, content_type.as_str()), (200, "application/json"));
    assert_eq!(serde_json::from_str::<Value>(&body).unwrap()["info"]["title"], "Pagos");
}

#[tokio::test]
async fn the_page_works_with_and_without_a_slash() {
    for (uri, base) in [("/docs", "<base href=\"docs/\">"), ("/docs/", "<base href=\"./\">")] {
        let (status, content_type, body) = fetch(uri).await;
        assert_eq!((status, content_type.as_str()), (200, "text/html"), "{uri}");
        assert!(body.contains(base) && !body.contains("http:") && !body.contains("https:") && !body.contains("\"//"), "{body}");
    }
}

#[tokio::test]
async fn the_page_asks_nobody_else() {
    let (status, _, body) = fetch("/docs/swagger-initializer.js").await;
    assert_eq!(status, 200);
    assert!(body.contains("\"/api/v1/openapi.json\"") && body.contains("\"validatorUrl\": \"none\""), "{body}");
    assert!(!body.contains("http:") && !body.contains("https:"), "{body}");
    for file in ["swagger-ui.css", "index.css", "swagger-ui-bundle.js", "swagger-ui-standalone-preset.js", "favicon-32x32.png"] {
        assert_eq!(fetch(&format!("/docs/{file}")).await.0, 200, "{file}");
    }
}

#[tokio::test]
async fn another_file_is_not_found() {
    let (status, _, body) = fetch("/docs/../secreto").await;
    assert_eq!(status, 404);
    assert!(body.contains("HTTP_ERROR"));
}
