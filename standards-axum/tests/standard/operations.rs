//! Operations that answer with something else than an envelope of status 200.

use axum::body::Body;
use futures_util::stream;
use http::{Method, Request};
use http_body_util::BodyExt;
use serde_json::json;
use standards_axum::core::ErrorStatus;
use standards_axum::layers::X_CORRELATION_ID;
use standards_axum::media::{Csv, Ndjson};
use standards_axum::openapi::{ApiRouter, Operation};
use standards_axum::{ApiError, ApiResult, Download, NoContent, Reply, standardize};
use standards_core::log::capture::Capture;
use standards_core::{CorrelationId, Failure};
use tower::ServiceExt;

use crate::support::{Exchange, get, install_log, send};

async fn crear() -> ApiResult<i64, 201> {
    Ok(Reply::new(7).with_status().with_location("pagos/7"))
}

async fn eliminar() -> Result<NoContent, ApiError> {
    Ok(NoContent)
}

async fn informe() -> Result<Download<Csv>, ApiError> {
    Ok(Download::new("a,b\n").with_file_name("informe.csv"))
}

async fn interrumpido() -> Result<Download<Ndjson>, ApiError> {
    let lines = [Ndjson::line(&1).map_err(std::io::Error::other), Err(std::io::Error::other("disco lleno"))];
    Ok(Download::new(Body::from_stream(stream::iter(lines))))
}

async fn negado() -> Result<Download<Csv>, ApiError> {
    Err(Failure::http(ErrorStatus::NOT_FOUND))?
}

fn router() -> axum::Router {
    let api = ApiRouter::<()>::new()
        .operation(Operation::post("/pagos", "crear"), crear)
        .operation(Operation::delete("/pagos/{id}", "eliminar"), eliminar)
        .operation(Operation::get("/informe", "informe"), informe)
        .operation(Operation::get("/interrumpido", "interrumpido"), interrumpido)
        .operation(Operation::get("/negado", "negado"), negado);
    standardize(ApiRouter::new().nest("/api/v1", api).into_parts().0)
}

async fn exchange(method: Method, path: &str) -> Exchange {
    send(&router(), Request::builder().method(method).uri(path).body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn what_was_made_is_found_from_where_it_was_asked_for() {
    let created = exchange(Method::POST, "/api/v1/pagos").await;
    assert_eq!((created.status, created.body.as_str()), (201, r#"{"success":true,"data":7,"errors":[]}"#));
    assert_eq!(created.headers["location"], "pagos/7");
    assert_eq!(created.access_record()["context"]["status"], 201);
}

#[tokio::test]
async fn nothing_is_sent_where_there_is_no_content() {
    let removed = exchange(Method::DELETE, "/api/v1/pagos/7").await;
    assert_eq!((removed.status, removed.body.as_str(), removed.headers.get("content-type")), (204, "", None));
    assert!(removed.headers.contains_key("x-correlation-id"));
}

#[tokio::test]
async fn a_file_is_sent_as_it_is_and_its_head_alone_where_that_is_asked_for() {
    let sent = get(&router(), "/api/v1/informe").await;
    assert_eq!((sent.status, sent.body.as_str()), (200, "a,b\n"));
    assert_eq!(sent.headers["content-disposition"], "attachment; filename=\"informe.csv\"");
    let head = exchange(Method::HEAD, "/api/v1/informe").await;
    assert_eq!((head.status, head.body.as_str(), &head.headers["content-length"]), (200, "", &"4".parse().unwrap()));
}

#[tokio::test]
async fn a_failure_in_place_of_a_file_is_an_envelope() {
    get(&router(), "/api/v1/negado").await.assert_failure(404, "HTTP_ERROR", "Recurso no encontrado");
}

#[tokio::test]
async fn a_stream_that_fails_midway_is_told_of_by_a_record() {
    install_log();
    let id = CorrelationId::generate();
    let request = Request::get("/api/v1/interrumpido").header(X_CORRELATION_ID, id.as_str());
    let mut body = router().oneshot(request.body(Body::empty()).unwrap()).await.unwrap().into_body();
    assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap(), "1\n");
    assert!(body.frame().await.unwrap().is_err());
    let records = Capture::of(&id).records();
    let record = records.iter().find(|record| record["level"] == "ERROR").unwrap();
    assert_eq!((&record["message"], &record["context"]["bytes_sent"]), (&json!("La respuesta se interrumpió"), &json!(2)));
    assert_eq!(
        (&record["method"], &record["error"]["message"]),
        (&json!("interrumpido"), &json!("Error interno del servidor: disco lleno"))
    );
}
