//! A collector that is down, slow, silent, or answers nonsense.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use http::StatusCode;
use opentelemetry_proto::tonic::collector::trace::v1::{ExportTracePartialSuccess, ExportTraceServiceResponse};
use prost::Message;
use serde_json::Value;
use standards_axum::otel::Tracing;
use standards_axum::otel::opentelemetry::trace::{Tracer, TracerProvider};
use standards_axum::testing::{StubUpstream, TestApp};
use standards_core::context::process_id;
use standards_core::log::capture::Capture;

use super::collector::{Collector, PATIENCE};
use super::routes;

/// What the log was told of this collector: level and message.
fn told(collector: &Collector) -> Vec<(String, String)> {
    let of_it =
        |record: &Value| record["context"]["collector"].as_str().is_some_and(|told| told.starts_with(&collector.stub.url()));
    let records = Capture::of(process_id()).records().into_iter().filter(of_it);
    records.map(|record| (text(&record["level"]), text(&record["message"]))).collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

const LOST: (&str, &str) = ("WARNING", "Las trazas no llegan al colector");
const BACK: (&str, &str) = ("INFO", "Las trazas llegan de nuevo al colector");

#[track_caller]
fn assert_told(collector: &Collector, expected: &[(&str, &str)]) {
    let told = told(collector);
    let told: Vec<_> = told.iter().map(|(level, message)| (level.as_str(), message.as_str())).collect();
    assert_eq!(told, expected);
}

async fn until(mut reached: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !reached() {
        assert!(begun.elapsed() < PATIENCE);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// The answers of a service that exports to it are what they are without it.
async fn asked(collector: &Collector) -> (TestApp, Tracing) {
    crate::support::install_log();
    let tracing = collector.tracing(&[]);
    let layer = standards_axum::StandardsLayer::new().traced_by(tracing.clone());
    let app = TestApp::new(standards_axum::standardize_with(routes(), &layer));
    for _ in 0..20 {
        app.get("/cajas/7").await.assert_data(&serde_json::json!(7));
    }
    (app, tracing)
}

/// What no attempt mends, by what is answered: each span is lost, the log is told once, and nothing waits.
async fn assert_lost(stub: StubUpstream) {
    let collector = Collector::of(stub);
    let (_app, tracing) = asked(&collector).await;
    tracing.close(PATIENCE).await;
    assert_eq!((tracing.exported(), tracing.dropped()), (0, 20));
    assert_told(&collector, &[LOST]);
}

#[tokio::test]
async fn nonsense_is_no_answer() {
    assert_lost(StubUpstream::answering(|| StatusCode::BAD_REQUEST).await).await;
    assert_lost(StubUpstream::answering(|| (StatusCode::FOUND, [("location", "http://127.0.0.1:1/")])).await).await;
    assert_lost(StubUpstream::speaking("SSH-2.0-OpenSSH_9.6\r\n").await).await;
    assert_lost(StubUpstream::answering(|| "x".repeat(100_000)).await).await;
    assert_lost(StubUpstream::answering(|| ([("content-encoding", "gzip")], "x")).await).await;
}

#[tokio::test]
async fn a_success_that_says_nonsense_is_a_success() {
    let collector = Collector::of(StubUpstream::answering(|| "<h1>It works</h1>").await);
    let (_app, tracing) = asked(&collector).await;
    tracing.close(PATIENCE).await;
    assert_eq!((tracing.exported(), tracing.dropped()), (20, 0));
    assert_told(&collector, &[]);
}

#[tokio::test]
async fn what_the_collector_would_not_have_is_counted_as_lost() {
    let partial = ExportTracePartialSuccess { rejected_spans: 3, error_message: "no".to_owned() };
    let answer = ExportTraceServiceResponse { partial_success: Some(partial) }.encode_to_vec();
    let collector = Collector::of(StubUpstream::answering(move || answer.clone()).await);
    let (_app, tracing) = asked(&collector).await;
    tracing.close(PATIENCE).await;
    assert_eq!(tracing.exported() + tracing.dropped(), 20);
    assert!(tracing.dropped() >= 3);
    assert_told(&collector, &[("WARNING", "Se pierden trazas: terminan más de las que el colector recibe")]);
}

#[tokio::test]
async fn one_that_is_down_stalls_nobody_and_the_end_does_not_wait_for_it() {
    let collector = Collector::of(StubUpstream::silent().await);
    let address = collector.stub.url();
    let (_app, tracing) = asked(&collector).await;
    let begun = Instant::now();
    tracing.close(Duration::from_millis(100)).await;
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?} at {address}", begun.elapsed());
    assert_eq!((tracing.exported(), tracing.dropped()), (0, 20));
}

#[tokio::test]
async fn where_nobody_listens_each_span_is_lost_and_the_log_is_told_once() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let nobody = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    crate::support::install_log();
    let variables = [("OTEL_EXPORTER_OTLP_ENDPOINT", nobody.as_str())];
    let settings = standards_core::settings::Environment::from_pairs(variables).settings().unwrap();
    let tracing = Tracing::open(standards_axum::service_info!(), &settings).unwrap().unwrap();
    let tracer = tracing.provider().tracer("t");
    (0..5000).for_each(|_| drop(tracer.start("a")));
    let begun = Instant::now();
    tracing.close(PATIENCE).await;
    assert_eq!((tracing.exported(), tracing.dropped()), (0, 5000));
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    let records = Capture::of(process_id()).records();
    let told = records.iter().filter(|record| record["context"]["collector"] == format!("{nobody}/v1/traces"));
    assert_eq!(told.map(|record| &record["message"]).collect::<Vec<_>>(), [LOST.1]);
}

#[tokio::test]
async fn what_failed_for_a_while_is_tried_again_and_its_end_is_told() {
    let attempts = Arc::new(AtomicU32::new(0));
    let counted = attempts.clone();
    let stub = StubUpstream::answering(move || match counted.fetch_add(1, Ordering::Relaxed) {
        0 => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::OK,
    });
    let collector = Collector::of(stub.await);
    let (_app, tracing) = asked(&collector).await;
    until(|| tracing.exported() == 20).await;
    assert_eq!((tracing.dropped(), attempts.load(Ordering::Relaxed)), (0, 2));
    until(|| told(&collector).len() == 2).await;
    assert_told(&collector, &[LOST, BACK]);
}

#[tokio::test]
async fn the_collectors_key_is_sent_and_never_told() {
    let collector = Collector::open().await;
    let app = collector.app_with(routes(), &[("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer k-123456,x-tenant=pagos")]);
    app.get("/cajas/7").await;
    collector.all(1).await;
    let sent = collector.stub.only();
    assert_eq!([sent.header("authorization"), sent.header("x-tenant")], [Some("Bearer k-123456"), Some("pagos")]);
    assert!(!Capture::of(process_id()).lines().iter().any(|line| line.contains("k-123456")));
}
