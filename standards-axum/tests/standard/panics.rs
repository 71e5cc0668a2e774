//! Panics, wherever they happen.

use axum::Router;
use axum::middleware::{self, Next};
use axum::routing::get;
use http::Request;
use serde_json::json;
use standards_axum::{ApiResult, ok, standardize};
use standards_core::context;

use crate::support::{self, Exchange};

const MESSAGE: &str = "Error interno del servidor";

async fn in_task() -> ApiResult<()> {
    context::spawn(async { panic!("secreto de la tarea") }).await?;
    ok(())
}

fn router() -> Router {
    let broken_layer =
        middleware::from_fn(async |_: Request<axum::body::Body>, _: Next| -> String { panic!("secreto de la capa") });
    standardize(
        Router::new()
            .route("/layer", get(|| async { "unreached" }).layer(broken_layer))
            .route("/handler", get(|| async { panic!("secreto del manejador") as () }))
            .route("/task", get(in_task))
            .route("/fine", get(|| async { "sigue viva" })),
    )
}

#[track_caller]
fn assert_logged_once(exchange: &Exchange, text: &str) {
    let record = exchange.access_record();
    assert_eq!(record["level"], "ERROR");
    assert_eq!(record["error"]["type"], "panic");
    assert_eq!(record["error"]["error_code"], "INTERNAL_ERROR");
    assert_eq!(record["error"]["message"], json!(format!("{MESSAGE}: {text}")));
    assert_eq!(record["traceback"], record["error"]["traceback"]);
    assert!(record["traceback"].as_str().unwrap().contains("panics.rs"), "{}", record["traceback"]);
}

#[tokio::test]
async fn panic_in_a_handler_becomes_internal_error() {
    let exchange = support::get(&router(), "/handler").await;
    exchange.assert_failure(500, "INTERNAL_ERROR", MESSAGE);
    assert_logged_once(&exchange, "secreto del manejador");
    assert_eq!(exchange.log.lines().len(), 1);
}

#[tokio::test]
async fn panic_in_a_layer_becomes_internal_error() {
    let exchange = support::get(&router(), "/layer").await;
    exchange.assert_failure(500, "INTERNAL_ERROR", MESSAGE);
    assert_logged_once(&exchange, "secreto de la capa");
}

#[tokio::test]
async fn panic_in_a_spawned_task_becomes_internal_error_under_the_same_id() {
    let exchange = support::get(&router(), "/task").await;
    exchange.assert_failure(500, "INTERNAL_ERROR", MESSAGE);
    assert_logged_once(&exchange, "secreto de la tarea");
    // The task's own end is a record of its own: nobody may be waiting for it.
    let task = exchange.log.record("Error no controlado (panic)");
    assert_eq!((&task["level"], &task["error"]["message"]), (&json!("ERROR"), &json!("secreto de la tarea")));
}

#[tokio::test]
async fn the_service_goes_on_after_a_panic() {
    let router = router();
    for _ in 0..100 {
        assert_eq!(support::get(&router, "/handler").await.status, 500);
    }
    assert_eq!(support::get(&router, "/fine").await.body, "sigue viva");
}
