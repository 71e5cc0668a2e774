//! Why somebody else's failure happened is in the log and not in the answer, and no line of ours is to blame for it.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http::{HeaderMap, Request, StatusCode};
use http_body::Frame;
use serde_json::{Value, json};
use standards_axum::layers::EnvelopeLayer;
use standards_axum::{StandardsLayer, standardize, standardize_with};

use crate::support::{Exchange, get as send_get, send};

/// A body whose length nobody knows: first what it is given, then nothing for ever.
struct Stream(Option<&'static str>);

impl http_body::Body for Stream {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0.take().map_or(Poll::Pending, |text| Poll::Ready(Some(Ok(Frame::data(text.into())))))
    }
}

/// A body that goes on for ever, in frames that bring nothing.
struct Idle;

impl http_body::Body for Idle {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(Some(Ok(Frame::data(Bytes::new()))))
    }
}

/// A body that panics.
struct Broken;

impl http_body::Body for Broken {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        panic!("en el cuerpo")
    }
}

fn answer(status: u16, headers: &[(&'static str, &str)], body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    for (name, value) in headers {
        response.headers_mut().insert(*name, value.parse().unwrap());
    }
    response
}

fn text(status: u16, body: impl Into<Body>) -> Response {
    answer(status, &[("content-type", "text/plain; charset=utf-8")], body)
}

fn json(status: u16, body: impl Into<Body>) -> Response {
    answer(status, &[("content-type", "application/json")], body)
}

async fn of(answer: impl Fn() -> Response + Clone + Send + Sync + 'static) -> Exchange {
    send_get(&standardize(Router::new().route("/ajena/{id}", get(async move || answer()))), "/ajena/7").await
}

#[track_caller]
fn shown(exchange: &Exchange) -> Value {
    exchange.access_record()["context"]["foreign_body"].clone()
}

#[tokio::test]
async fn the_reason_of_a_foreign_refusal_is_in_the_log_alone() {
    let router = standardize(Router::new().route("/numero", post(|_: axum::Json<u8>| async {})));
    let request = Request::post("/numero").header("content-type", "application/json").body(Body::from("\"x\"")).unwrap();
    let exchange = send(&router, request).await;
    exchange.assert_failure(422, "VALIDATION_ERROR", "Solicitud no válida");
    let record = exchange.access_record();
    let reason = record["context"]["foreign_body"].as_str().unwrap();
    assert!(reason.contains("invalid type: string \"x\", expected u8"), "{reason}");
    assert_eq!(
        (&record["level"], &record["message"], &record["context"]["error_code"]),
        (&json!("WARNING"), &json!("Error de validación: Solicitud no válida"), &json!("VALIDATION_ERROR"))
    );
}

#[tokio::test]
async fn text_and_json_are_shown_and_nothing_else_is() {
    assert_eq!(shown(&of(|| text(404, " no such table\n")).await), "no such table");
    assert_eq!(shown(&of(|| answer(404, &[("content-type", "text/html")], "<p>x</p>")).await), "<p>x</p>");
    assert_eq!(shown(&of(|| json(409, r#"{"detail":"x"}"#)).await), r#"{"detail":"x"}"#);
    assert_eq!(shown(&of(|| answer(409, &[("content-type", "application/problem+json")], "{}")).await), "{}");
    for headers in [
        &[][..],
        &[("content-type", "image/png")],
        &[("content-type", "application/octet-stream")],
        &[("content-type", "application/jsonp")],
        &[("content-type", "text/plain"), ("content-encoding", "gzip")],
    ] {
        let headers = headers.to_vec();
        assert_eq!(shown(&of(move || answer(404, &headers, "x")).await), Value::Null);
    }
    assert_eq!(shown(&of(|| text(404, "")).await), Value::Null);
}

#[tokio::test]
async fn what_is_shown_is_bounded_and_redacted() {
    let long = of(|| text(500, "palabra ".repeat(10_000))).await;
    let length = shown(&long).as_str().unwrap().len();
    assert!((900..=1024 + 3).contains(&length), "{length}");
    let secret = of(|| json(400, r#"{"password":"clave 1","tarjeta":"4111 1111 1111 1111","de":"ana@example.com","n":7}"#)).await;
    let shown = shown(&secret);
    for hidden in ["clave", "4111", "ana@"] {
        assert!(!shown.as_str().unwrap().contains(hidden), "{shown}");
    }
    assert!(shown.as_str().unwrap().ends_with("\"n\":7}"), "{shown}");
}

#[tokio::test]
async fn no_line_of_ours_is_the_place_of_a_foreign_failure() {
    let bare = Router::new().route("/ajena/{id}", get(|| async { (StatusCode::BAD_GATEWAY, "upstream 10.0.0.7 refused") }));
    let layers = [StandardsLayer::new(), StandardsLayer::new().with_envelope(EnvelopeLayer::off())];
    for layer in layers {
        let record = send_get(&standardize_with(bare.clone(), &layer), "/ajena/7").await.access_record();
        assert_eq!((&record["level"], &record["context"]["status"]), (&json!("ERROR"), &json!(502)));
        assert_eq!(record["error"]["traceback"], "<foreign answer of GET /ajena/{id}>");
        assert_eq!(record["message"], "Error de disponibilidad: Servicio no disponible, intente más tarde");
    }
    for status in [500, 503, 504, 599, 700] {
        let record = of(move || text(status, "x")).await.access_record();
        assert!(!record.to_string().contains(".rs:"), "{record:#}");
    }
}

#[tokio::test]
async fn a_status_that_nobody_knows_is_told_to_the_log() {
    let exchange = of(|| text(700, "x")).await;
    exchange.assert_failure(500, "INTERNAL_ERROR", "Error interno del servidor");
    let context = &exchange.access_record()["context"];
    assert_eq!((&context["status"], &context["foreign_status"]), (&json!(500), &json!(700)));
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_for_a_stream_and_a_second_for_a_body_that_was_announced() {
    let started = tokio::time::Instant::now();
    let streamed = of(|| text(404, Body::new(Stream(Some("primero y más "))))).await;
    assert_eq!((shown(&streamed), started.elapsed()), (json!("primero y más…"), Duration::ZERO));
    let announced = of(|| {
        let headers = [("content-type", "application/json"), ("content-length", "70")];
        answer(404, &headers, Body::new(Stream(Some("{\"detalle\": "))))
    });
    assert_eq!(shown(&announced.await), "{\"detalle…");
    assert_eq!(started.elapsed(), Duration::from_secs(1));
}

#[tokio::test]
async fn a_body_without_end_or_with_a_panic_harms_nobody() {
    let exchange = of(|| text(404, Body::new(Idle))).await;
    exchange.assert_failure(404, "HTTP_ERROR", "Recurso no encontrado");
    let exchange = of(|| text(404, Body::new(Broken))).await;
    exchange.assert_failure(500, "INTERNAL_ERROR", "Error interno del servidor");
    let record = exchange.access_record();
    assert_eq!((&record["error"]["type"], exchange.log.lines().len()), (&json!("panic"), 1));
    assert!(record["error"]["message"].as_str().unwrap().ends_with("en el cuerpo"), "{record:#}");
}

#[tokio::test]
async fn a_page_that_was_redirected_to_is_no_failure() {
    let exchange = of(|| (StatusCode::SEE_OTHER, HeaderMap::new(), "otra parte").into_response()).await;
    assert_eq!((exchange.status, exchange.body.as_str(), shown(&exchange)), (303, "otra parte", Value::Null));
}
