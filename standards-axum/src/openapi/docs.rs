//! The document and its page, served from memory.

use std::borrow::Cow;
use std::sync::Arc;

use axum::Router;
use axum::extract::RawPathParams;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use http::{HeaderName, HeaderValue};
use standards_core::{ErrorStatus, Failure};
use utoipa::openapi::{OpenApi, Server};
use utoipa_swagger_ui::Config;

use crate::answer::ApiError;

/// Serves `document` at `json_path`, and a page that shows it at `docs_path`.
///
/// The document is written once. The page is Swagger UI from the assets inside this crate; it asks no other host for anything, and
/// its content security policy sees to that. Both paths are whole ones, as this service sees them.
///
/// A proxy may strip a prefix before them: page and document find each other, and the document's server is told relative to where the
/// document lies (OpenAPI 3.1, "Server Object"), unless it names servers of its own.
///
/// ```
/// use axum::Router;
/// use axum::body::Body;
/// use axum::http::Request;
/// use standards_axum::openapi::{ApiRouter, openapi_routes};
/// use tower::ServiceExt;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let (routes, document) = ApiRouter::<()>::new().describe("Pagos", "1.0.0").into_parts();
/// let app: Router = routes.merge(openapi_routes(&document, "/openapi.json", "/docs"));
/// for (path, content_type) in [("/openapi.json", "application/json"), ("/docs", "text/html")] {
///     let answer = app.clone().oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap();
///     assert_eq!(answer.status(), 200);
///     assert!(answer.headers()["content-type"].to_str().unwrap().starts_with(content_type));
/// }
/// # }
/// ```
///
/// # Panics
///
/// As [`Router::route`] does, when a path is not well formed.
pub fn openapi_routes<S: Clone + Send + Sync + 'static>(document: &OpenApi, json_path: &str, docs_path: &str) -> Router<S> {
    let json = with_server(document, json_path).to_json().map(Bytes::from).map_err(Arc::new);
    let document_url = format!("{}{}", "../".repeat(depth(docs_path)), json_path.trim_start_matches('/'));
    let config = Config::new([document_url.clone()]).validator_url("none").display_operation_id(true);
    let page = Page { config: Arc::new(config), folder: folder(docs_path), document_url: document_url.into() };
    let (beside, inside, files) = (page.clone(), page.clone(), page);
    let docs_path = docs_path.trim_end_matches('/');
    Router::new()
        .route(json_path, get(async move || document_answer(json.clone())))
        .route(docs_path, get(async move || beside.index(&beside.folder)))
        .route(&format!("{docs_path}/"), get(async move || inside.index("./")))
        .route(&format!("{docs_path}/{{*file}}"), get(async move |params: RawPathParams| files.file(&params)))
}

/// The document, whose paths begin where its own does, whatever a proxy has put before both.
fn with_server(document: &OpenApi, json_path: &str) -> OpenApi {
    let mut document = document.clone();
    let root = match depth(json_path) {
        0 | 1 => ".".to_owned(),
        depth => vec![".."; depth - 1].join("/"),
    };
    document.servers.get_or_insert_with(|| vec![Server::new(root)]);
    document
}

/// How many segments a path has.
fn depth(path: &str) -> usize {
    path.split('/').filter(|segment| !segment.is_empty()).count()
}

fn document_answer(json: Result<Bytes, Arc<serde_json::Error>>) -> Response {
    match json {
        Ok(json) => ([(CONTENT_TYPE, HeaderValue::from_static("application/json"))], json).into_response(),
        Err(error) => ApiError::from(Failure::internal(error.to_string())).into_response(),
    }
}

/// The page's files lie beneath its own path, which without a slash at its end is not the folder that links are relative to.
fn folder(docs_path: &str) -> String {
    format!("{}/", docs_path.trim_end_matches('/').rsplit('/').next().unwrap_or_default())
}

#[derive(Clone)]
struct Page {
    config: Arc<Config<'static>>,
    folder: String,
    /// Where the document lies, from that folder.
    document_url: Arc<str>,
}

impl Page {
    /// The page itself; its links start at `base`.
    fn index(&self, base: &str) -> Response {
        let with_base = |page: Cow<'static, [u8]>| {
            let page = String::from_utf8_lossy(&page).replacen("<head>", &format!("<head><base href=\"{base}\">"), 1);
            Cow::Owned(page.into_bytes())
        };
        self.serve("index.html", with_base)
    }

    fn file(&self, params: &RawPathParams) -> Response {
        let name = params.iter().last().map_or("", |(_, name)| name);
        self.serve(name, |file| if name == INITIALIZER { self.located(&file) } else { file })
    }

    /// Tells Swagger UI the document's whole address: "Try it out" resolves the server against it, and would take the page's own in its place.
    fn located(&self, initializer: &[u8]) -> Cow<'static, [u8]> {
        let quoted = format!("\"{}\"", self.document_url);
        let located = format!("new URL({quoted}, document.baseURI).href");
        Cow::Owned(String::from_utf8_lossy(initializer).replacen(&quoted, &located, 1).into_bytes())
    }

    fn serve(&self, name: &str, change: impl FnOnce(Cow<'static, [u8]>) -> Cow<'static, [u8]>) -> Response {
        match utoipa_swagger_ui::serve(name, Arc::clone(&self.config)) {
            Ok(Some(file)) => {
                let content_type = HeaderValue::from_str(&file.content_type).unwrap_or(OCTETS);
                let headers: [(HeaderName, HeaderValue); 2] = [(CONTENT_TYPE, content_type), (CONTENT_SECURITY_POLICY, ONLY_US)];
                (headers, Bytes::from(change(file.bytes).into_owned())).into_response()
            }
            Ok(None) => ApiError::from(Failure::http(ErrorStatus::NOT_FOUND)).into_response(),
            Err(error) => ApiError::from(Failure::internal(error.to_string())).into_response(),
        }
    }
}

/// The one script of the page that knows the document.
const INITIALIZER: &str = "swagger-initializer.js";

const OCTETS: HeaderValue = HeaderValue::from_static("application/octet-stream");

/// Swagger UI writes styles into its elements and draws icons from `data:`; all else comes from here.
const ONLY_US: HeaderValue = HeaderValue::from_static(
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'",
);
