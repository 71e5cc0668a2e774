//! The access record, golden.

use axum::Router;
use axum::routing::get;
use serde_json::{Value, json};
use standards_axum::layers::AccessLogLayer;
use standards_axum::{ApiResult, Service, StandardsLayer, ok, service_info, standardize, standardize_with};
use standards_core::log::LogLevel;
use standards_core::settings::Environment;
use standards_core::{Failure, context, error_catalogue};

use crate::support::get as send_get;

error_catalogue! {
    /// For the tests.
    enum PruebaError {
        SaldoInsuficiente { saldo: &'static str } => 400, "SALDO_INSUFICIENTE", "Saldo insuficiente. Actual: {saldo}";
    }
}

async fn reads(path: &'static str) -> ApiResult<String> {
    ok(std::fs::read_to_string(path)?)
}

fn router() -> Router {
    standardize(routes())
}

fn routes() -> Router {
    let refuse = async || -> ApiResult<()> { Err(PruebaError::SaldoInsuficiente { saldo: "10.00" }.into()) };
    let named = async || -> ApiResult<u8> {
        context::with_current(|request| request.inspect(|request| request.set_operation("obtener_uno")).map(drop));
        ok(1)
    };
    let down = async || -> ApiResult<()> { Err(Failure::unavailable("no route to database").into()) };
    let mapped = async || -> ApiResult<()> { ok("70000".parse::<u16>().map_err(Failure::unavailable).map(drop)?) };
    let routes = Router::new().route("/uno/{id}", get(named)).route("/refused", get(refuse)).route("/down", get(down));
    routes.route("/mapped", get(mapped)).route("/broken", get(|| reads("/no/such/file")))
}

#[track_caller]
fn assert_record(mut actual: Value, expected: &Value) {
    let id = actual["correlation_id"].as_str().unwrap().to_owned();
    assert_eq!(id.len(), 36);
    actual.as_object_mut().unwrap().remove("@timestamp");
    actual.as_object_mut().unwrap().remove("correlation_id");
    assert_eq!(actual, *expected);
}

#[tokio::test]
async fn a_success_is_one_info_record() {
    let exchange = send_get(&router(), "/uno/7?clave=oculta").await;
    assert_eq!(exchange.log.lines().len(), 1);
    let expected = json!({
        "level": "INFO", "artifact": "ms-prueba", "version": "1.0.0", "endpoint": "/uno/7", "method": "obtener_uno",
        "message": "Solicitud atendida",
        "context": {"status": 200, "http_method": "GET", "route": "/uno/{id}"}
    });
    assert_record(exchange.access_record(), &expected);
}

#[tokio::test]
async fn a_domain_error_is_one_warning_record_with_its_code() {
    let exchange = send_get(&router(), "/refused").await;
    assert_eq!(exchange.log.lines().len(), 1);
    let expected = json!({
        "level": "WARNING", "artifact": "ms-prueba", "version": "1.0.0", "endpoint": "/refused", "method": "GET",
        "message": "Error de dominio: Saldo insuficiente. Actual: 10.00",
        "context": {
            "status": 400, "http_method": "GET", "route": "/refused", "error_code": "SALDO_INSUFICIENTE", "saldo": "10.00"
        }
    });
    assert_record(exchange.access_record(), &expected);
}

#[tokio::test]
async fn an_unforeseen_error_is_one_error_record_with_its_cause_and_place() {
    let exchange = send_get(&router(), "/broken").await;
    exchange.assert_failure(500, "INTERNAL_ERROR", "Error interno del servidor");
    let record = exchange.access_record();
    assert_eq!((&record["level"], &record["error"]["type"]), (&json!("ERROR"), &json!("std::io::error::Error")));
    assert_eq!(record["error"]["message"], "Error interno del servidor: No such file or directory (os error 2)");
    assert!(record["traceback"].as_str().unwrap().contains("tests/standard/logging.rs"));
}

#[tokio::test]
async fn an_unavailable_dependency_is_503_and_says_when_to_come_back() {
    let exchange = send_get(&router(), "/down").await;
    exchange.assert_failure(503, "SERVICE_UNAVAILABLE", "Servicio no disponible, intente más tarde");
    assert_eq!(exchange.headers["retry-after"], "1");
    let record = exchange.access_record();
    assert_eq!((&record["level"], &record["error"]["type"]), (&json!("ERROR"), &json!("SERVICE_UNAVAILABLE")));
}

#[tokio::test]
async fn a_failure_that_a_function_value_makes_has_the_line_of_its_question_mark() {
    let record = send_get(&router(), "/mapped").await.access_record();
    assert!(record["traceback"].as_str().unwrap().starts_with("standards-axum/tests/standard/logging.rs:"), "{record:#}");
}

#[tokio::test]
async fn successes_are_logged_at_another_level_or_not_at_all_and_failures_always() {
    let with = |access_log| standardize_with(routes(), &StandardsLayer::new().with_access_log(access_log));
    let quiet = with(AccessLogLayer::new().with_level(LogLevel::Debug));
    assert_eq!(send_get(&quiet, "/uno/7").await.access_record()["level"], "DEBUG");
    let silent = with(AccessLogLayer::failures_only());
    assert!(send_get(&silent, "/uno/7").await.log.lines().is_empty());
    for router in [quiet, silent] {
        assert_eq!(send_get(&router, "/refused").await.access_record()["level"], "WARNING");
    }
}

#[tokio::test]
async fn the_builder_switches_access_records_too() {
    let with = |access_log| {
        let service = Service::new(service_info!(), Environment::default().settings().unwrap()).routes(routes());
        service.standards(|layer| layer.with_access_log(access_log)).into_router()
    };
    assert_eq!(send_get(&with(AccessLogLayer::new()), "/uno/7").await.access_record()["level"], "INFO");
    assert_eq!(
        send_get(&with(AccessLogLayer::new().with_level(LogLevel::Debug)), "/uno/7").await.access_record()["level"],
        "DEBUG"
    );
    assert!(send_get(&with(AccessLogLayer::failures_only()), "/uno/7").await.log.lines().is_empty());
}
