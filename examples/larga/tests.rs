//! The operation as its client sees it.

use axum::body::{Body, to_bytes};
use axum::http::Request;
use axum::http::request::Builder;
use serde_json::{Value, json};
use standards_axum::standardize;
use tower::ServiceExt;

use super::*;

/// Status, `Location`, and the envelope.
async fn send(router: &Router, request: Builder, body: &'static str) -> (u16, Option<String>, Value) {
    let request = request.header("content-type", "application/json").body(Body::from(body)).unwrap();
    let (head, body) = router.clone().oneshot(request).await.unwrap().into_parts();
    let location = head.headers.get("location").map(|value| value.to_str().unwrap().to_owned());
    (head.status.as_u16(), location, serde_json::from_slice(&to_bytes(body, 4096).await.unwrap()).unwrap())
}

fn post(key: &str) -> Builder {
    Request::post("/informes").header("idempotency-key", key)
}

async fn data(router: &Router, id: u64) -> Value {
    send(router, Request::get(format!("/operaciones/{id}")), "").await.2["data"].clone()
}

#[tokio::test(start_paused = true)]
async fn an_operation_is_accepted_done_and_told_of() {
    let router = standardize(rutas());
    let (status, location, _) = send(&router, post("a"), r#"{"anio":2026}"#).await;
    assert_eq!((status, location.as_deref()), (202, Some("operaciones/1")));
    assert_eq!(data(&router, 1).await, json!({"id": 1, "estado": "PENDIENTE", "resultado": null, "error": null}));
    tokio::time::sleep(Duration::from_secs(21)).await;
    assert_eq!(data(&router, 1).await, json!({"id": 1, "estado": "LISTA", "resultado": 202_600, "error": null}));
}

#[tokio::test(start_paused = true)]
async fn what_fails_is_told_where_it_is_asked_for() {
    let router = standardize(rutas());
    send(&router, post("a"), r#"{"anio":1999}"#).await;
    tokio::time::sleep(Duration::from_secs(21)).await;
    assert_eq!(data(&router, 1).await["error"], json!({"code": "SIN_DATOS", "message": "No hay datos del año 1999"}));
    assert_eq!(send(&router, Request::get("/operaciones/2"), "").await.0, 404);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_repeats_gets_the_same_operation() {
    let router = standardize(rutas());
    let first = send(&router, post("a"), r#"{"anio":2026}"#).await;
    assert_eq!(send(&router, post("a"), r#"{"anio":2026}"#).await, first);
    assert_eq!(send(&router, post("a"), r#"{"anio":2025}"#).await.0, 422);
    assert_eq!(send(&router, post("b"), r#"{"anio":2026}"#).await.1.as_deref(), Some("operaciones/2"));
}

#[tokio::test(start_paused = true)]
async fn a_client_that_leaves_stops_nothing() {
    let router = standardize(rutas());
    let request = post("a").header("content-type", "application/json").body(Body::from(r#"{"anio":2026}"#)).unwrap();
    // The answer is never read.
    drop(router.clone().oneshot(request).await.unwrap());
    tokio::time::sleep(Duration::from_secs(21)).await;
    assert_eq!(data(&router, 1).await["estado"], "LISTA");
}
