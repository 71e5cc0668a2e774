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
    if parts.status.is_success() && uri.starts_with("/docs") {
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
    let located = "\"url\": new URL(\"../api/v1/openapi.json\", document.baseURI).href";
    assert!(body.contains(located) && body.contains("\"validatorUrl\": \"none\""), "{body}");
    assert!(!body.contains("http:") && !body.contains("https:"), "{body}");
    for file in ["swagger-ui.css", "index.css", "swagger-ui-bundle.js", "swagger-ui-standalone-preset.js", "favicon-32x32.png"] {
        assert_eq!(fetch(&format!("/docs/{file}")).await.0, 200, "{file}");
    }
}

/// Where `reference` leads from a page or document at `base` (RFC 3986, section 5.2, for paths alone).
fn resolve(base: &str, reference: &str) -> String {
    let mut segments: Vec<_> = base.split('/').collect();
    segments.pop();
    for segment in reference.split('/') {
        match segment {
            ".." => drop(segments.pop()),
            "." | "" => {}
            name => segments.push(name),
        }
    }
    if reference.ends_with('/') || reference.ends_with('.') {
        segments.push("");
    }
    segments.join("/")
}

#[test]
fn references_are_resolved_as_a_browser_does() {
    assert_eq!(resolve("/p/docs", "docs/"), "/p/docs/");
    assert_eq!(resolve("/p/docs/", "./"), "/p/docs/");
    assert_eq!(resolve("/p/docs/", "../api/v1/openapi.json"), "/p/api/v1/openapi.json");
    assert_eq!(resolve("/p/api/v1/openapi.json", "../.."), "/p/");
    assert_eq!(resolve("/openapi.json", "."), "/");
}

/// What stands between the two marks, once.
fn between<'t>(text: &'t str, begin: &str, end: &str) -> &'t str {
    text.split_once(begin).unwrap().1.split_once(end).unwrap().0
}

/// Walks from the page to an answer of the API as a browser would behind a proxy that takes `prefix` away.
async fn try_it_out(prefix: &str, page: &str) {
    let behind = async |path: String| fetch(path.strip_prefix(prefix).unwrap()).await;
    let page = format!("{prefix}{page}");
    let (status, _, html) = behind(page.clone()).await;
    assert_eq!(status, 200, "{page}");
    let base = resolve(&page, between(&html, "<base href=\"", "\""));
    assert!(html.contains("<script src=\"./swagger-initializer.js\""), "{html}");
    let (_, _, script) = behind(resolve(&base, "./swagger-initializer.js")).await;
    let json = resolve(&base, between(&script, "new URL(\"", "\""));
    let (status, _, document) = behind(json.clone()).await;
    assert_eq!(status, 200, "{json}");
    let document: Value = serde_json::from_str(&document).unwrap();
    let server = resolve(&json, document["servers"][0]["url"].as_str().unwrap());
    let operation = document["paths"].as_object().unwrap().keys().find(|path| path.ends_with("/nombre")).unwrap();
    let (status, _, answer) = behind(format!("{}{operation}", server.trim_end_matches('/'))).await;
    assert_eq!((status, answer.as_str()), (200, r#"{"success":true,"data":"x","errors":[]}"#), "{server} {operation}");
}

#[tokio::test]
async fn page_document_and_api_are_found_behind_a_proxy_that_strips_a_prefix() {
    for prefix in ["", "/pagos-svc", "/a/b/c"] {
        for page in ["/docs", "/docs/"] {
            try_it_out(prefix, page).await;
        }
    }
}

#[tokio::test]
async fn a_document_at_the_root_and_servers_of_its_own() {
    let (_, document) = api().into_parts();
    let served = async |document| {
        let app: Router = openapi_routes(&document, "/openapi.json", "/a/docs");
        let body = app.clone().oneshot(get("/openapi.json")).await.unwrap().into_body().collect().await.unwrap().to_bytes();
        let script =
            app.oneshot(get("/a/docs/swagger-initializer.js")).await.unwrap().into_body().collect().await.unwrap().to_bytes();
        assert!(String::from_utf8_lossy(&script).contains("new URL(\"../../openapi.json\""));
        serde_json::from_slice::<Value>(&body).unwrap()["servers"].clone()
    };
    assert_eq!(served(document.clone()).await, serde_json::json!([{"url": "."}]));
    let mut own = document;
    own.servers = Some(vec![utoipa::openapi::Server::new("https://api.example")]);
    assert_eq!(served(own).await, serde_json::json!([{"url": "https://api.example"}]));
}

#[tokio::test]
async fn another_file_is_not_found() {
    let (status, _, body) = fetch("/docs/../secreto").await;
    assert_eq!(status, 404);
    assert!(body.contains("HTTP_ERROR"));
}
