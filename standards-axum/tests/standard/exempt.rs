//! Failures that are left as they are, by route and by predicate, and what the log says of them.

use axum::Router;
use axum::body::Body;
use axum::response::{Extension, Html, IntoResponse, Response};
use axum::routing::get;
use http::{Request, StatusCode};
use serde_json::{Value, json};
use standards_axum::layers::{AlreadyLogged, EnvelopeLayer, Exempt, Exemption, exempt};
use standards_axum::{ApiResult, StandardsLayer, standardize, standardize_with};
use standards_core::Failure;

use crate::support::{Exchange, get as send_get, send};

const PAGE: &str = "<p>No está</p>";

async fn page() -> (StatusCode, Html<&'static str>) {
    (StatusCode::NOT_FOUND, Html(PAGE))
}

async fn problem() -> Response {
    (StatusCode::CONFLICT, [("content-type", "application/problem+json; charset=utf-8")], "{}").into_response()
}

fn routes() -> Router {
    let own = async || -> ApiResult<()> { Err(Failure::unavailable("no").into()) };
    Router::new()
        .route("/app/{id}", get(page))
        .route("/apple", get(page))
        .route("/problem", get(problem))
        .route("/own", get(own))
        .route("/grpc", get(|| async { (StatusCode::BAD_REQUEST, [("content-type", "application/grpc-web+proto")], "x") }))
}

fn exempting(exemptions: impl IntoIterator<Item = Exemption>) -> Router {
    let envelope = exemptions.into_iter().fold(EnvelopeLayer::new(), EnvelopeLayer::exempting);
    standardize_with(routes(), &StandardsLayer::new().with_envelope(envelope))
}

#[track_caller]
fn assert_left_alone(exchange: &Exchange, status: u16, body: &str, by: &str) {
    assert_eq!((exchange.status, exchange.body.as_str()), (status, body));
    assert!(exchange.headers.contains_key("x-correlation-id"));
    let record = exchange.access_record();
    assert_eq!((&record["context"]["exempt"], &record["level"]), (&json!(by), &json!("WARNING")));
}

#[track_caller]
fn assert_dressed(exchange: &Exchange) {
    assert_eq!(exchange.headers["content-type"], "application/json");
    assert!(exchange.body.starts_with(r#"{"success":false,"#), "{}", exchange.body);
    assert_eq!(exchange.access_record()["context"]["exempt"], Value::Null);
}

#[tokio::test]
async fn a_route_is_left_alone_and_no_other() {
    let router = exempting([Exemption::route("/app/{id}")]);
    assert_left_alone(&send_get(&router, "/app/7").await, 404, PAGE, "route /app/{id}");
    for path in ["/apple", "/problem", "/own", "/nope"] {
        assert_dressed(&send_get(&router, path).await);
    }
}

#[tokio::test]
async fn a_route_is_known_to_the_bare_layer_too() {
    let layer = StandardsLayer::new().with_envelope(EnvelopeLayer::new().exempting(Exemption::route("/app/{id}")));
    let router = routes().layer(layer);
    assert_left_alone(&send_get(&router, "/app/7").await, 404, PAGE, "route /app/{id}");
    assert_dressed(&send_get(&router, "/apple").await);
}

#[tokio::test]
async fn predicates_look_at_path_accept_and_content_type() {
    let router = exempting([Exemption::path("/app")]);
    assert_left_alone(&send_get(&router, "/app/7").await, 404, PAGE, "path /app");
    assert_dressed(&send_get(&router, "/apple").await);

    let router = exempting([Exemption::accept("text/html")]);
    let asking = |accept: &str| Request::get("/apple").header("accept", accept).body(Body::empty()).unwrap();
    let browser = send(&router, asking("text/html,application/xhtml+xml,*/*;q=0.8")).await;
    assert_left_alone(&browser, 404, PAGE, "accept text/html");
    assert_dressed(&send(&router, asking("*/*")).await);

    let grpc =
        Exemption::of_answers("gRPC-web", |head| head.headers["content-type"].as_bytes().starts_with(b"application/grpc-web"));
    let router = exempting([Exemption::content_type("application/problem+json"), grpc]);
    assert_left_alone(&send_get(&router, "/problem").await, 409, "{}", "content-type application/problem+json");
    assert_left_alone(&send_get(&router, "/grpc").await, 400, "x", "gRPC-web");
    assert_dressed(&send_get(&router, "/apple").await);
}

#[tokio::test]
async fn a_layer_around_a_route_and_a_handler_mark_their_own_answers() {
    let marked = async || (Extension(Exempt::because("página de error")), page().await);
    let pages = Router::new().route("/page", get(page)).layer(exempt("páginas"));
    let router = standardize(pages.route("/marked", get(marked)).merge(routes()));
    assert_left_alone(&send_get(&router, "/page").await, 404, PAGE, "páginas");
    assert_left_alone(&send_get(&router, "/marked").await, 404, PAGE, "página de error");
    assert_dressed(&send_get(&router, "/apple").await);
    let listed = StandardsLayer::new().inventory().into_iter().flat_map(|layer| layer.exemptions).collect::<Vec<_>>();
    assert!(listed.iter().any(|line| line.contains("exempt.rs:") && line.ends_with(": páginas")), "{listed:?}");
}

#[tokio::test]
async fn a_failure_of_ours_is_an_envelope_all_the_same() {
    let router = exempting([Exemption::path("/"), Exemption::of_requests("todo", |_| true)]);
    let own = send_get(&router, "/own").await;
    own.assert_failure(503, "SERVICE_UNAVAILABLE", "Servicio no disponible, intente más tarde");
    assert_dressed(&own);
}

#[tokio::test]
async fn what_a_service_has_logged_itself_is_not_told_again() {
    let foreign = async || (StatusCode::INTERNAL_SERVER_ERROR, Extension(AlreadyLogged), "x");
    let own = async || -> ApiResult<()> { Err(Failure::internal("libro perdido").already_logged().into()) };
    let router = standardize(Router::new().route("/foreign", get(foreign)).route("/own", get(own)));
    for path in ["/foreign", "/own"] {
        let exchange = send_get(&router, path).await;
        exchange.assert_failure(500, "INTERNAL_ERROR", "Error interno del servidor");
        let record = exchange.access_record();
        assert_eq!((&record["level"], &record["error"], &record["traceback"]), (&json!("INFO"), &Value::Null, &Value::Null));
        assert_eq!(record["context"]["error_code"], "INTERNAL_ERROR");
    }
}
