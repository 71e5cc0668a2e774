//! CORS is the service's own where the standard was told of no origin, and the standard's where it was.

use axum::Router;
use axum::body::Body;
use axum::routing::get;
use http::{HeaderValue, Method, Request, StatusCode};
use standards_axum::{StandardsLayer, standardize, standardize_with};
use tower_http::cors::CorsLayer;

use crate::support::{Exchange, send};

const PAGE: &str = "https://tienda.cl";

fn routes() -> Router {
    let conflict = get(|| async { (StatusCode::CONFLICT, "texto") });
    Router::new().route("/page", get(|| async { "tal cual" })).route("/conflict", conflict)
}

fn cors() -> CorsLayer {
    let page = HeaderValue::from_static(PAGE);
    CorsLayer::new().allow_origin([page]).allow_methods([Method::GET]).expose_headers([http::header::ETAG])
}

async fn ask(router: &Router, method: Method, path: &str) -> Exchange {
    let request = Request::builder().method(&method).uri(path).header("origin", PAGE);
    let request = if method == Method::OPTIONS { request.header("access-control-request-method", "GET") } else { request };
    send(router, request.body(Body::empty()).unwrap()).await
}

fn values(exchange: &Exchange, name: &str) -> Vec<String> {
    exchange.headers.get_all(name).iter().map(|value| value.to_str().unwrap().to_owned()).collect()
}

/// Neither `vary` nor a permission: whoever answered, no CORS had its say.
#[track_caller]
fn assert_untouched(exchange: &Exchange) {
    let touches = |name: &str| name == "vary" || name.starts_with("access-control-");
    assert!(!exchange.headers.keys().any(|name| touches(name.as_str())), "{:?}", exchange.headers);
}

#[tokio::test]
async fn a_service_with_cors_of_its_own_answers_its_preflights() {
    let standard = standardize(routes().layer(cors()));
    let bare = routes().layer(cors());
    let asked = ask(&standard, Method::OPTIONS, "/page").await;
    assert_eq!((asked.status, values(&asked, "access-control-allow-methods")), (200, vec!["GET".to_owned()]));
    let alone = tower::ServiceExt::oneshot(bare, preflight("/page")).await.unwrap();
    for (name, value) in alone.headers() {
        assert_eq!(asked.headers.get(name), Some(value), "{name}");
    }
}

fn preflight(path: &str) -> Request<Body> {
    let request = Request::options(path).header("origin", PAGE).header("access-control-request-method", "GET");
    request.body(Body::empty()).unwrap()
}

#[tokio::test]
async fn its_headers_pass_on_successes_and_on_dressed_failures() {
    let router = standardize(routes().layer(cors()));
    for path in ["/page", "/conflict", "/nope"] {
        let answer = ask(&router, Method::GET, path).await;
        assert_eq!(values(&answer, "access-control-allow-origin"), [PAGE], "{path}");
        assert_eq!(values(&answer, "access-control-expose-headers"), ["etag"], "{path}");
        assert!(answer.headers.contains_key("vary"), "{path}");
    }
    ask(&router, Method::GET, "/conflict").await.assert_failure(409, "HTTP_ERROR", "Solicitud no válida");
}

#[tokio::test]
async fn where_nobody_has_cors_no_page_gets_a_permission() {
    let router = standardize(routes());
    let asked = ask(&router, Method::OPTIONS, "/page").await;
    asked.assert_failure(405, "HTTP_ERROR", "Método no permitido");
    assert_untouched(&asked);
    assert_untouched(&ask(&router, Method::GET, "/page").await);
}

#[tokio::test]
async fn origins_of_ours_are_answered_by_ours() {
    let router = standardize_with(routes(), &StandardsLayer::new().with_cors(Some(cors())));
    let asked = ask(&router, Method::OPTIONS, "/page").await;
    assert_eq!((asked.status, values(&asked, "access-control-allow-origin")), (200, vec![PAGE.to_owned()]));
    for path in ["/page", "/conflict"] {
        let answer = ask(&router, Method::GET, path).await;
        assert_eq!(values(&answer, "access-control-allow-origin"), [PAGE], "{path}");
        assert!(answer.headers.contains_key("vary"), "{path}");
    }
}

#[tokio::test]
async fn options_that_no_browser_asks_is_a_verb_like_any_other() {
    for layer in [StandardsLayer::new(), StandardsLayer::new().with_cors(Some(cors()))] {
        let router = standardize_with(routes(), &layer);
        let plain = send(&router, Request::options("/page").body(Body::empty()).unwrap()).await;
        plain.assert_failure(405, "HTTP_ERROR", "Método no permitido");
    }
}
