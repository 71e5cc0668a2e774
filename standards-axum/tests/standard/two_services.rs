//! A service of ours that calls another one, each on a port of its own.

use axum::Router;
use axum::routing::get;
use http::Request;
use serde_json::{Value, json};
use standards_axum::client::Client;
use standards_axum::url::Url;
use standards_axum::{ApiResult, ok, standardize};
use standards_core::log::capture::Capture;
use standards_core::settings::SettingValue;
use standards_core::{CorrelationId, context, error_catalogue};
use tokio::net::TcpListener;

use crate::support::install_log;

error_catalogue! {
    /// Of the service that is called.
    enum ClienteError {
        NoEncontrado { id: i64 } => 404, "CLIENTE_NO_ENCONTRADO", "Cliente con ID {id} no encontrado";
    }
}

/// Serves `routes` in the standard, and says where.
async fn serve(routes: Router) -> Url {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    context::spawn_worker(axum::serve(listener, standardize(routes)).into_future());
    url
}

/// One that has the cliente 7, and one whose `/compras/{id}` asks it; where the second is.
async fn services() -> Url {
    let absent = async || -> ApiResult<i64> { Err(ClienteError::NoEncontrado { id: 8 }.into()) };
    let clientes = Router::new().route("/clientes/7", get(async || ok(7))).route("/clientes/8", get(absent));
    let clientes = Client::new("clientes", serve(clientes).await).unwrap();
    let asking = |path: &'static str| {
        let clientes = clientes.clone();
        get(async move || -> ApiResult<i64> { ok(clientes.get(path).send().await?) })
    };
    serve(Router::new().route("/compras/7", asking("/clientes/7")).route("/compras/8", asking("/clientes/8"))).await
}

const TRACE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

/// What `path` is answered under a correlation id and a trace of its own, and the log of it.
async fn asked(path: &str) -> (u16, Value, Capture) {
    install_log();
    let id = CorrelationId::generate();
    let client = hyper_util::client::legacy::Client::builder(hyper_util::rt::TokioExecutor::new()).build_http();
    let request = Request::get(services().await.join(path)).header("x-correlation-id", id.as_str()).header("traceparent", TRACE);
    let answer = client.request(request.body(axum::body::Body::empty()).unwrap()).await.unwrap();
    let (status, body) = (answer.status().as_u16(), axum::body::Body::new(answer.into_body()));
    let body = axum::body::to_bytes(body, 1 << 16).await.unwrap();
    (status, serde_json::from_slice(&body).unwrap(), Capture::of(&id))
}

/// What a log at `INFO` has; these tests hear of each connection too.
fn records(log: &Capture) -> Vec<Value> {
    log.records().into_iter().filter(|record| record["level"] != "DEBUG").collect()
}

/// Of each record who speaks, of what, and under which trace.
fn told(log: &Capture) -> Vec<(Value, Value, Value)> {
    let told = |record: Value| (record["endpoint"].clone(), record["message"].clone(), record["context"]["trace_id"].clone());
    records(log).into_iter().map(told).collect()
}

#[tokio::test]
async fn one_id_and_one_trace_are_in_the_records_of_both() {
    let (status, body, log) = asked("/compras/7").await;
    assert_eq!((status, body), (200, json!({"success": true, "data": 7, "errors": []})));
    let trace = json!("4bf92f3577b34da6a3ce929d0e0e4736");
    let expected =
        [("/clientes/7", "Solicitud atendida"), ("/compras/7", "Llamada atendida"), ("/compras/7", "Solicitud atendida")];
    assert_eq!(told(&log), expected.map(|(endpoint, message)| (json!(endpoint), json!(message), trace.clone())));
}

#[tokio::test]
async fn a_refusal_keeps_its_code_through_both_and_its_sentence_in_the_log() {
    let (status, body, log) = asked("/compras/8").await;
    let errors = json!([{"code": "CLIENTE_NO_ENCONTRADO", "message": "Recurso no encontrado"}]);
    assert_eq!((status, body), (404, json!({"success": false, "data": null, "errors": errors})));
    let records = records(&log);
    let codes: Vec<_> = records.iter().map(|record| &record["context"]["error_code"]).collect();
    assert_eq!(codes, ["CLIENTE_NO_ENCONTRADO"; 3]);
    assert!(records.iter().all(|record| record["level"] == "WARNING"));
    assert_eq!(records[1]["context"]["upstream_errors"], "CLIENTE_NO_ENCONTRADO: Cliente con ID 8 no encontrado");
    assert_eq!(records[2]["context"]["upstream"], "clientes");
}
