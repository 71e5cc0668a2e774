//! A gateway of ours in front of a service of ours: one id in both logs, and the service's own words.

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures_core::Stream;
use http::{HeaderMap, StatusCode};
use serde_json::json;
use standards_axum::layers::X_CORRELATION_ID;
use standards_axum::{ApiResult, ok, standardize};
use standards_core::log::capture::Capture;
use standards_core::{CorrelationId, error_catalogue};
use tower::ServiceExt;

use crate::support::{get as send_get, install_log, send};

error_catalogue! {
    /// Of the service behind the gateway.
    enum ClienteError {
        SinSaldo => 400, "SIN_SALDO", "Sin saldo";
        Ausente => 503, "AUSENTE", "No está";
    }
}

fn service() -> Router {
    let refuse = async || -> ApiResult<()> { Err(ClienteError::SinSaldo.into()) };
    let down = async || -> ApiResult<()> { Err(ClienteError::Ausente.into()) };
    standardize(Router::new().route("/fine", get(async || ok(7))).route("/refused", get(refuse)).route("/down", get(down)))
}

/// Forwards every request with its headers, as a reverse proxy does.
fn gateway(forward: impl Fn(Response) -> Response + Clone + Send + Sync + 'static) -> Router {
    standardize(Router::new().fallback(async move |request: Request| {
        let (head, body) = request.into_parts();
        let mut forwarded = http::Request::builder().method(head.method).uri(head.uri).body(body).unwrap();
        *forwarded.headers_mut() = head.headers;
        forward(elsewhere(forwarded).await)
    }))
}

/// As in another process: the gateway's context is not known there.
#[expect(clippy::disallowed_methods, reason = "a process of its own")]
async fn elsewhere(request: Request) -> Response {
    tokio::spawn(service().oneshot(request)).await.unwrap().unwrap()
}

/// What came over a network has no marks of this process.
fn without_marks(response: Response) -> Response {
    let (mut head, body) = response.into_parts();
    head.extensions = http::Extensions::new();
    Response::from_parts(head, body)
}

/// The chunks of a body, as an HTTP client hands them over: of no known length.
struct Chunks(Vec<Bytes>);

impl Stream for Chunks {
    type Item = Result<Bytes, std::convert::Infallible>;

    fn poll_next(mut self: std::pin::Pin<&mut Self>, _: &mut std::task::Context<'_>) -> std::task::Poll<Option<Self::Item>> {
        std::task::Poll::Ready(self.0.pop().map(Ok))
    }
}

const REFUSED: &str = r#"{"success":false,"data":null,"errors":[{"code":"SIN_SALDO","message":"Sin saldo"}]}"#;

/// As a client hands it on: in pieces.
fn in_pieces(length: Option<usize>) -> Response {
    let (first, second) = REFUSED.split_at(20);
    let chunks = [second, first].map(|chunk| Bytes::from_static(chunk.as_bytes()));
    let response = http::Response::builder().status(400).header("content-type", "application/json");
    let response = if let Some(length) = length { response.header("content-length", length) } else { response };
    response.body(Body::from_stream(Chunks(chunks.to_vec()))).unwrap()
}

#[tokio::test]
async fn an_envelope_from_behind_passes_as_it_is() {
    let gateway = gateway(without_marks);
    let refused = send_get(&gateway, "/refused").await;
    refused.assert_failure(400, "SIN_SALDO", "Sin saldo");
    let down = send_get(&gateway, "/down").await;
    down.assert_failure(503, "AUSENTE", "No está");
    for exchange in [&refused, &down] {
        assert_eq!(exchange.headers["cache-control"], "no-store");
    }
    assert_eq!(down.headers["retry-after"], "1");
    let fine = send_get(&gateway, "/fine").await;
    assert_eq!((fine.status, fine.body.as_str()), (200, r#"{"success":true,"data":7,"errors":[]}"#));
}

#[tokio::test]
async fn also_one_that_arrives_in_pieces_if_its_length_was_announced() {
    let router = |length| standardize(Router::new().fallback(async move || in_pieces(length)));
    send_get(&router(Some(REFUSED.len())), "/").await.assert_failure(400, "SIN_SALDO", "Sin saldo");
    for unsaid in [None, Some(70_000)] {
        send_get(&router(unsaid), "/").await.assert_failure(400, "HTTP_ERROR", "Solicitud no válida");
    }
}

#[tokio::test]
async fn what_is_no_envelope_is_replaced() {
    let fake = |status: u16, kind: &'static str, body: String| {
        standardize(Router::new().fallback(async move || {
            let headers = HeaderMap::from_iter([(http::header::CONTENT_TYPE, kind.parse().unwrap())]);
            (StatusCode::from_u16(status).unwrap(), headers, body.clone()).into_response()
        }))
    };
    let own = |message: &str| format!(r#"{{"success":false,"data":null,"errors":[{{"code":"A","message":"{message}"}}]}}"#);
    send_get(&fake(400, "application/json", own("x")), "/").await.assert_failure(400, "A", "x");
    for (status, kind, body) in [
        (400, "text/plain", own("x")),
        (400, "application/problem+json", own("x")),
        (400, "application/json", own("x").replace("false", "true")),
        (400, "application/json", own("x") + "x"),
        (400, "application/json", own(&"x".repeat(17_000))),
        (400, "application/json", r#"{"detail":"select * from clientes"}"#.to_owned()),
    ] {
        send_get(&fake(status, kind, body), "/").await.assert_failure(400, "HTTP_ERROR", "Solicitud no válida");
    }
    let unknown = fake(700, "application/json", own("x"));
    send_get(&unknown, "/").await.assert_failure(500, "INTERNAL_ERROR", "Error interno del servidor");
}

#[tokio::test]
async fn the_log_of_the_gateway_tells_the_service_s_code() {
    let gateway = gateway(without_marks);
    let ours = |records: Vec<serde_json::Value>| records.into_iter().find(|record| record["context"]["foreign_body"].is_string());
    let refused = ours(send_get(&gateway, "/refused").await.log.records()).unwrap();
    assert_eq!((&refused["level"], &refused["context"]["error_code"]), (&json!("WARNING"), &json!("SIN_SALDO")));
    let down = ours(send_get(&gateway, "/down").await.log.records()).unwrap();
    assert_eq!((&down["level"], &down["context"]["error_code"]), (&json!("ERROR"), &json!("AUSENTE")));
    assert_eq!(down["traceback"], "<foreign answer of GET /down>");
}

#[tokio::test]
async fn both_services_log_one_id_whoever_made_it() {
    install_log();
    for given in [&[][..], &["pedido-17"], &["no id at all"], &["a", "b"]] {
        let mut request = http::Request::get("/refused");
        for value in given {
            request = request.header(X_CORRELATION_ID, *value);
        }
        let response = gateway(without_marks).oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        let values: Vec<_> = response.headers().get_all(X_CORRELATION_ID).iter().cloned().collect();
        assert_eq!(values.len(), 1, "{given:?}");
        let id = CorrelationId::parse(values[0].to_str().unwrap()).unwrap();
        let records = Capture::of(&id).records();
        assert_eq!(records.len(), 2, "{given:?}: {records:#?}");
    }
}

#[tokio::test]
async fn a_handler_sees_the_id_in_the_headers_of_its_request() {
    let echo = get(async |headers: HeaderMap| headers[X_CORRELATION_ID].to_str().unwrap().to_owned());
    let exchange = send(&standardize(Router::new().route("/", echo)), http::Request::get("/").body(Body::empty()).unwrap()).await;
    assert_eq!(exchange.body, exchange.headers[X_CORRELATION_ID].to_str().unwrap());
}
