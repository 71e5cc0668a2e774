//! Spans as a collector sees them, on a port of its own.

mod calls;
mod collector;
#[path = "../../support/spans.rs"]
pub(crate) mod exported;
mod outage;
mod own;

use axum::Router;
use axum::routing::get;
use http::Method;
use serde_json::{Value, json};
use standards_axum::testing::{TestAnswer, TestApp};
use standards_axum::{ApiError, ApiResult, Service, ok, service_info};
use standards_core::Failure;

use collector::{Collector, settings};
use exported::Exported;

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const CALLER: &str = "00f067aa0ba902b7";

/// The header of a caller that records its trace, or does not.
fn caller(flags: &str) -> String {
    format!("00-{TRACE}-{CALLER}-{flags}")
}

fn routes() -> Router {
    let failing = async || -> ApiResult<()> { Err(ApiError::from(Failure::unavailable("no route to the database"))) };
    let panicking = async || -> ApiResult<()> { panic!("mano negra") };
    let slow = async || std::future::pending::<ApiResult<()>>().await;
    Router::new()
        .route("/cajas/{id}", get(async || ok(7)))
        .route("/cae", get(failing))
        .route("/estalla", get(panicking))
        .route("/lenta", get(slow))
}

fn names(spans: &[Exported]) -> Vec<&str> {
    spans.iter().map(|span| span.name.as_str()).collect()
}

#[track_caller]
fn assert_told_as(answer: &TestAnswer, span: &Exported) {
    let context = answer.access_record()["context"].clone();
    assert_eq!((&context["trace_id"], &context["span_id"]), (&json!(span.trace), &json!(span.id)));
    assert_eq!(span.attribute("correlation_id"), answer.header("x-correlation-id").unwrap());
}

#[tokio::test]
async fn a_request_is_a_span_within_its_callers() {
    let collector = Collector::open().await;
    let app = collector.app(routes());
    let asked = app.get("/cajas/7?clave=hunter2").header("traceparent", &caller("01")).header("tracestate", "a=1,b=2");
    let answer = asked.correlation_id("pedido-7").await;
    let span = collector.only().await;
    assert_eq!((span.trace.as_str(), span.parent.as_str(), span.state.as_str()), (TRACE, CALLER, "a=1,b=2"));
    assert_eq!((span.name.as_str(), span.kind, span.is_error), ("GET /cajas/{id}", "server", false));
    assert_eq!(
        Value::from_iter(span.attributes.clone()),
        json!({
            "http.request.method": "GET", "http.route": "/cajas/{id}", "url.path": "/cajas/7",
            "http.response.status_code": 200, "correlation_id": "pedido-7",
        })
    );
    assert!(span.times[0] > 1_700_000_000_000_000_000 && span.times[0] <= span.times[1], "{:?}", span.times);
    assert_told_as(&answer, &span);
}

#[tokio::test]
async fn the_resource_names_the_service_as_its_log_does() {
    let collector = Collector::open().await;
    collector.app(routes()).get("/cajas/7").await;
    let resource = collector.only().await.resource;
    let named = |name: &str| resource.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    assert_eq!([named("service.name"), named("service.version")], ["ms-cajas", "2.1.0"]);
    assert_eq!(named("deployment.environment.name"), "development");
    assert!(named("service.instance.id").starts_with("proc-"));
}

#[tokio::test]
async fn without_a_caller_a_request_begins_a_trace_and_its_records_say_which() {
    let collector = Collector::open().await;
    let app = collector.app(routes());
    let answers = [app.get("/cajas/7").await, app.get("/cajas/8").header("traceparent", "00-broken").await];
    let spans = collector.all(2).await;
    for (answer, span) in answers.iter().zip(&spans) {
        assert_eq!((span.parent.as_str(), span.trace.len()), ("", 32));
        assert_told_as(answer, span);
    }
    assert_ne!(spans[0].trace, spans[1].trace);
}

#[tokio::test]
async fn a_caller_that_does_not_record_is_heeded_and_its_trace_stays_in_the_records() {
    let collector = Collector::open().await;
    let app = collector.app(routes());
    let answer = app.get("/cajas/7").header("traceparent", &caller("00")).await;
    assert_eq!(answer.access_record()["context"]["trace_id"], TRACE);
    collector.nothing().await;
}

#[tokio::test]
async fn a_sampler_that_records_nothing_costs_no_trace_id() {
    let collector = Collector::open().await;
    let app = collector.app_with(routes(), &[("OTEL_TRACES_SAMPLER", "always_off")]);
    let answer = app.get("/cajas/7").header("traceparent", &caller("01")).await;
    assert_eq!(answer.access_record()["context"]["trace_id"], TRACE);
    collector.nothing().await;
}

#[tokio::test]
async fn what_failed_says_why_and_only_5xx_is_an_error_of_the_service() {
    let collector = Collector::open().await;
    let app = collector.app(routes());
    for path in ["/nada", "/cae", "/estalla"] {
        app.get(path).await;
    }
    app.request(Method::from_bytes(b"PROPFIND").unwrap(), "/cajas/7").await;
    let spans = collector.all(4).await;
    assert_eq!(names(&spans), ["GET", "GET /cae", "GET /estalla", "HTTP /cajas/{id}"]);
    let told = |span: &Exported| {
        let [status, code, kind] = ["http.response.status_code", "error_code", "error.type"].map(|name| span.attribute(name));
        (span.is_error, json!([status, code, kind]))
    };
    let told: Vec<_> = spans.iter().map(told).collect();
    let (unavailable, internal) = ("SERVICE_UNAVAILABLE", "INTERNAL_ERROR");
    assert_eq!(told[0], (false, json!([404, "HTTP_ERROR", null])));
    assert_eq!(told[1], (true, json!([503, unavailable, unavailable])));
    assert_eq!(told[2], (true, json!([500, internal, internal])));
    assert_eq!(told[3], (false, json!([405, "HTTP_ERROR", null])));
    assert_eq!(spans[3].attribute("http.request.method"), "_OTHER");
}

#[tokio::test]
async fn nothing_secret_is_exported() {
    let collector = Collector::open().await;
    let app = collector.app(routes());
    let path = "/cajas/ana@example.com?clave=hunter2&tarjeta=4111111111111111";
    app.get(path).header("authorization", "Bearer abc.def.ghi").header("user-agent", "espia/1").await;
    app.get("/nada/4111111111111111").await;
    app.get(&format!("/nada/{}", "x".repeat(5000))).await;
    let spans = collector.all(3).await;
    assert_eq!(spans[0].attribute("url.path"), "/cajas/[redacted]");
    assert_eq!(spans[1].attribute("url.path"), "/nada/[redacted]");
    assert_eq!(spans[2].attribute("url.path").as_str().unwrap().len(), 1024);
    for secret in ["ana@", "hunter2", "4111", "abc.def", "espia", "clave"] {
        assert!(!collector.raw().contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn a_state_that_is_broken_or_endless_is_not_carried_on() {
    let collector = Collector::open().await;
    let app = collector.app(routes());
    let long = format!("a={}", "x".repeat(600));
    for state in ["no es un estado", long.as_str(), "A=1", ""] {
        app.get("/cajas/7").header("traceparent", &caller("01")).header("tracestate", state).await;
    }
    let states: Vec<_> = collector.all(4).await.into_iter().map(|span| (span.trace, span.state)).collect();
    assert_eq!(states, vec![(TRACE.to_owned(), String::new()); 4]);
}

#[tokio::test]
async fn a_request_that_is_given_up_ends_its_span() {
    let collector = Collector::open().await;
    let app = collector.app(routes());
    let asked = tokio::time::timeout(std::time::Duration::from_millis(20), app.get("/lenta"));
    assert!(asked.await.is_err());
    let span = collector.only().await;
    assert_eq!((span.name.as_str(), span.is_error), ("GET", false));
    assert_eq!((span.attribute("error.type"), span.attribute("http.response.status_code")), (json!("abandoned"), Value::Null));
}

#[tokio::test]
async fn probes_are_not_exported_and_layers_within_one_another_make_one_span() {
    let collector = Collector::open().await;
    let tracing = collector.tracing(&[]);
    let nested = standards_axum::standardize_with(routes(), &standards_axum::StandardsLayer::new().traced_by(tracing.clone()));
    let service = Service::new(service_info!(), settings(&collector, &[])).routes(nested).traced_by(tracing);
    crate::support::install_log();
    let app = TestApp::new(service.into_router());
    for path in ["/health/live", "/health/ready", "/cajas/7"] {
        app.get(path).await;
    }
    assert_eq!(names(&collector.all(1).await), ["GET /cajas/{id}"]);
}

#[cfg(feature = "metrics")]
#[tokio::test]
async fn the_page_of_metrics_counts_spans_where_they_are_exported() {
    let collector = Collector::open().await;
    let service = |traced: bool| {
        let service = Service::new(service_info!(), settings(&collector, &[])).routes(routes());
        let service = if traced { service.traced_by(collector.tracing(&[])) } else { service };
        crate::support::install_log();
        TestApp::new(service.into_router())
    };
    let (traced, bare) = (service(true), service(false));
    traced.get("/cajas/7").await;
    collector.all(1).await;
    let page = traced.get("/metrics").await;
    for line in ["otel_spans_exported_total 1\n", "otel_spans_dropped_total 0\n"] {
        assert!(page.text().contains(line), "{}", page.text());
    }
    assert!(!bare.get("/metrics").await.text().contains("otel_"));
}
