//! Spans of calls of another service.

use axum::Router;
use axum::routing::get;
use http::StatusCode;
use serde_json::json;
use standards_axum::client::Client;
use standards_axum::testing::StubUpstream;
use standards_axum::url::Url;
use standards_axum::{ApiResult, ok, otel};
use standards_core::context;
use standards_core::settings::SettingValue;

use super::collector::Collector;
use super::exported::Exported;
use super::{CALLER, TRACE, caller};

fn client(upstream: &StubUpstream) -> Client {
    Client::new("clientes", <Url>::parse(&upstream.url()).unwrap()).unwrap()
}

/// A route that calls the other service, from the handler, within a span of its own, and from a task.
fn calling(upstream: &StubUpstream) -> Router {
    let client = client(upstream);
    let (within, spawned, plain) = (client.clone(), client.clone(), client);
    let call = async |client: Client| -> ApiResult<i64> { ok(client.get("/clientes/7").query("rut", "1-9").send().await?) };
    Router::new()
        .route("/plana", get(async move || call(plain).await))
        .route("/dentro", get(async move || otel::in_span("buscar_cliente", call(within)).await))
        .route("/tarea", get(async move || context::spawn(async move { call(spawned).await }).await.unwrap()))
}

/// The caller's header, as the other service saw it.
fn seen(upstream: &StubUpstream) -> Vec<String> {
    upstream.sent().iter().map(|sent| sent.header("traceparent").unwrap_or_default().to_owned()).collect()
}

fn parent_of(span: &Exported) -> String {
    format!("00-{}-{}-01", span.trace, span.id)
}

#[tokio::test]
async fn a_call_is_a_span_within_the_requests_and_above_the_other_services() {
    let (collector, upstream) = (Collector::open().await, StubUpstream::with_data(json!(7)).await);
    let app = collector.app(calling(&upstream));
    let asked = app.get("/plana").header("traceparent", &caller("01")).header("tracestate", "a=1");
    asked.await.assert_data(&json!(7));
    let [server, call] = &collector.all(2).await[..] else { panic!() };
    assert_eq!((server.parent.as_str(), &call.parent, call.trace.as_str()), (CALLER, &server.id, TRACE));
    assert_eq!((call.name.as_str(), call.kind, call.is_error), ("GET", "client", false));
    let (address, url) = (upstream.address(), format!("{}/clientes/7", upstream.url()));
    assert_eq!(
        serde_json::Value::from_iter(call.attributes.clone()),
        json!({
            "http.request.method": "GET", "http.response.status_code": 200, "peer.service": "clientes",
            "server.address": "127.0.0.1", "server.port": address.port(), "url.full": url,
        })
    );
    assert_eq!((seen(&upstream), upstream.only().header("tracestate")), (vec![parent_of(call)], Some("a=1")));
    assert!(server.times[0] <= call.times[0] && call.times[1] <= server.times[1]);
}

#[tokio::test]
async fn a_call_is_within_whatever_span_is_at_hand() {
    let (collector, upstream) = (Collector::open().await, StubUpstream::with_data(json!(7)).await);
    let app = collector.app(calling(&upstream));
    app.get("/dentro").await.assert_status(200);
    app.get("/tarea").await.assert_status(200);
    let [first, own, inner, second, spawned] = &collector.all(5).await[..] else { panic!() };
    assert_eq!((own.name.as_str(), own.kind, &own.parent), ("buscar_cliente", "internal", &first.id));
    assert_eq!((&inner.parent, &spawned.parent), (&own.id, &second.id));
    assert_eq!(seen(&upstream), [inner, spawned].map(parent_of));
}

#[tokio::test]
async fn a_call_that_fails_is_an_error_and_says_how_often_it_was_sent() {
    let (collector, upstream) = (Collector::open().await, StubUpstream::answering(|| StatusCode::BAD_GATEWAY).await);
    collector.app(calling(&upstream)).get("/plana").await.assert_status(503);
    let [server, call] = &collector.all(2).await[..] else { panic!() };
    assert!(server.is_error && call.is_error);
    let told = ["error.type", "http.response.status_code", "http.request.resend_count"].map(|name| call.attribute(name));
    assert_eq!(told, [json!("failed"), json!(502), json!(2)]);
    // One call, one span, whatever it took.
    assert_eq!(seen(&upstream), vec![parent_of(call); 3]);
}

#[tokio::test]
async fn a_request_that_is_not_recorded_passes_that_on() {
    let (collector, upstream) = (Collector::open().await, StubUpstream::with_data(json!(7)).await);
    collector.app(calling(&upstream)).get("/plana").header("traceparent", &caller("00")).await.assert_status(200);
    collector.nothing().await;
    let seen = seen(&upstream).remove(0);
    assert!(seen.starts_with(&format!("00-{TRACE}-")) && seen.ends_with("-00"), "{seen}");
}

#[tokio::test]
async fn without_an_export_the_callers_trace_is_passed_on_as_it_came() {
    let upstream = StubUpstream::with_data(json!(7)).await;
    crate::support::install_log();
    let app = standards_axum::testing::TestApp::new(standards_axum::standardize(calling(&upstream)));
    app.get("/dentro").header("traceparent", &caller("01")).await.assert_status(200);
    assert_eq!(seen(&upstream), [caller("01")]);
}
