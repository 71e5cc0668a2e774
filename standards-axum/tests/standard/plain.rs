//! The same routes in axum with tower-http's layers and in the standard, asked the same questions: the table of `docs/why.md`.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use http::{HeaderName, Request, StatusCode};
use http_body_util::BodyExt;
use serde::Deserialize;
use standards_axum::openapi::{ApiRouter, Operation};
use standards_axum::prelude::Validate;
use standards_axum::{Service, extract, ok, service_info};
use standards_core::settings::Environment;
use tower::{ServiceBuilder, ServiceExt};
use tower_http::ServiceBuilderExt;
use tower_http::cors::CorsLayer;
use tower_http::request_id::MakeRequestUuid;
use tower_http::timeout::TimeoutLayer;

const ID: HeaderName = HeaderName::from_static("x-correlation-id");

/// In the order of the table's columns.
const CONTENDERS: [fn() -> Router; 2] = [plain, standard];

#[derive(Deserialize, Validate, utoipa::ToSchema)]
struct Alta {
    #[garde(skip)]
    nombre: String,
    #[garde(skip)]
    edad: u8,
}

fn routes() -> Router {
    Router::new()
        .route("/rota", get(async || panic!("rota") as ()))
        .route("/lenta", get(async || tokio::time::sleep(Duration::from_secs(60)).await))
        .route("/bien", get(async || "bien"))
}

/// With the layers that people add: an id, a record, a panic that is answered, a time to answer in, a largest body, CORS.
fn plain() -> Router {
    let layers = ServiceBuilder::new()
        .set_request_id(ID, MakeRequestUuid)
        .trace_for_http()
        .propagate_request_id(ID)
        .layer(CorsLayer::new())
        .catch_panic()
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, Duration::from_secs(10)))
        .layer(DefaultBodyLimit::max(16_384));
    let create = post(async |axum::Json(alta): axum::Json<Alta>| format!("{} {}", alta.nombre, alta.edad));
    routes().route("/api/v1/altas", create).layer(layers)
}

fn standard() -> Router {
    let settings = Environment::from_pairs([("MAX_IN_FLIGHT", "2")]).settings().unwrap();
    let create = async |extract::Json(alta): extract::Json<Alta>| ok(format!("{} {}", alta.nombre, alta.edad));
    let api = ApiRouter::new().operation(Operation::post("/altas", "crear_alta"), create);
    Service::new(service_info!(), settings).routes(routes()).api(api).into_router()
}

struct Answer {
    status: u16,
    id: String,
    body: String,
}

async fn send(contender: fn() -> Router, request: Request<Body>) -> Answer {
    let (parts, body) = contender().oneshot(request).await.unwrap().into_parts();
    let body = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
    let id = parts.headers.get(ID).map(|id| id.to_str().unwrap().to_owned()).unwrap_or_default();
    Answer { status: parts.status.as_u16(), id, body }
}

async fn ask(contender: fn() -> Router, path: &str) -> Answer {
    send(contender, Request::get(path).header(ID, "pregunta-de-why").body(Body::empty()).unwrap()).await
}

/// The answer to a body under a content type.
async fn sent(contender: fn() -> Router, content_type: &str, body: String) -> Answer {
    send(contender, Request::post("/api/v1/altas").header("content-type", content_type).body(body.into()).unwrap()).await
}

fn dressed(answer: &Answer, status: u16) -> bool {
    answer.status == status && answer.body.starts_with(r#"{"success":false,"data":null,"errors":[{"code":""#)
}

/// Whether an id that is none is replaced.
async fn heals_ids(contender: fn() -> Router) -> bool {
    let request = Request::get("/bien").header(ID, "x".repeat(4_000)).body(Body::empty()).unwrap();
    let answer = send(contender, request).await;
    answer.status == 200 && answer.id.len() < 129
}

/// Whether a third request is turned away while two are unanswered.
async fn sheds(contender: fn() -> Router) -> bool {
    let router = contender();
    let ask = async || router.clone().oneshot(Request::get("/bien").body(Body::empty()).unwrap()).await.unwrap();
    let (_first, _second) = (ask().await, ask().await);
    ask().await.status() == 503
}

fn tells_both(answer: &Answer) -> bool {
    answer.body.contains("nombre") && answer.body.contains("edad")
}

/// Whether what is told of is answered in the envelope.
async fn dresses(question: &str, contender: fn() -> Router) -> bool {
    let json = |body: &str| sent(contender, "application/json", body.to_owned());
    match question {
        "a panic is answered in the envelope" => dressed(&ask(contender, "/rota").await, 500),
        "a handler that does not end is answered in the envelope" => dressed(&ask(contender, "/lenta").await, 503),
        "an unknown route is answered in the envelope" => dressed(&ask(contender, "/nada").await, 404),
        "a wrong verb is answered in the envelope" => dressed(&ask(contender, "/api/v1/altas").await, 405),
        "broken JSON is answered in the envelope" => dressed(&json("{").await, 422),
        "another content type is answered in the envelope" => dressed(&sent(contender, "text/plain", "a".into()).await, 415),
        "a body that is too large is answered in the envelope" => dressed(&json(&"a".repeat(20_000)).await, 413),
        other => panic!("nothing asks {other:?}"),
    }
}

async fn holds(question: &str, contender: fn() -> Router) -> bool {
    let json = |body: &str| sent(contender, "application/json", body.to_owned());
    match question {
        "the request's id is in the answer" => ask(contender, "/bien").await.id == "pregunta-de-why",
        "an id of 4,000 characters is replaced" => heals_ids(contender).await,
        "a panic is answered" => ask(contender, "/rota").await.status == 500,
        "a handler that does not end is answered" => ask(contender, "/lenta").await.status == 503,
        "two bad fields are told in one answer" => tells_both(&json(r#"{"nombre":1,"edad":"x"}"#).await),
        "what is too much is turned away" => sheds(contender).await,
        "there are health routes" => ask(contender, "/health/ready").await.status == 200,
        "there is an OpenAPI document" => ask(contender, "/api/v1/openapi.json").await.status == 200,
        other => dresses(other, contender).await,
    }
}

#[tokio::test(start_paused = true)]
async fn the_table_of_why_is_true() {
    let (_, section) = include_str!("../../../docs/why.md").split_once("\n## What each answers").unwrap();
    let rows = section.lines().skip_while(|line| !line.starts_with("|---")).skip(1).take_while(|line| line.starts_with('|'));
    let mut asked = 0;
    for row in rows {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        for (contender, said) in CONTENDERS.into_iter().zip(&cells[1..]) {
            assert_eq!(if holds(cells[0], contender).await { "yes" } else { "no" }, *said, "{}", cells[0]);
        }
        asked += 1;
    }
    assert_eq!(asked, 15);
}
