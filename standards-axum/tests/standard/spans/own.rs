//! Spans of a service's own.

use axum::Router;
use axum::routing::get;
use serde_json::json;
use standards_axum::otel::opentelemetry::trace::{SpanBuilder, TraceContextExt, Tracer, TracerProvider};
use standards_axum::otel::opentelemetry::{Context, KeyValue};
use standards_axum::otel::{self, SharedSpan};
use standards_axum::{ok, testing::TestApp};
use standards_core::{RequestContext, context};
use tracing::Instrument;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt;

use super::Exported;
use super::collector::Collector;

#[tokio::test]
async fn the_span_at_hand_takes_attributes_wherever_the_requests_work_is_done() {
    let collector = Collector::open().await;
    let set = |name: &'static str| otel::current().span().set_attribute(KeyValue::new(name, true));
    let handler = async move || {
        set("handler");
        // What speaks OpenTelemetry alone finds it too.
        Context::current().span().set_attribute(KeyValue::new("api", true));
        context::spawn(async move { set("task") }).await.unwrap();
        context::spawn_blocking(move || set("thread")).await.unwrap();
        otel::in_span("dentro", async move { set("inner") }).await;
        ok(())
    };
    collector.app(Router::new().route("/", get(handler))).get("/").await;
    let [request, own] = &collector.all(2).await[..] else { panic!() };
    for name in ["handler", "api", "task", "thread"] {
        assert_eq!(request.attribute(name), true, "{name}");
    }
    assert_eq!((own.attribute("inner"), request.attribute("inner"), &own.parent), (json!(true), json!(null), &request.id));
}

#[tokio::test]
async fn outside_of_a_request_there_is_no_span_and_work_is_done_all_the_same() {
    assert!(!otel::current().span().span_context().is_valid());
    assert_eq!(otel::in_span("a", async { 7 }).await, 7);
    let requests: [RequestContext; 0] = [];
    let unasked = || -> SpanBuilder { panic!("nobody is traced") };
    assert_eq!(SharedSpan::begin(&requests, unasked).around(async { 7 }).await, 7);
}

#[tokio::test]
async fn spans_of_a_librarys_own_tracer_are_exported_under_the_same_roof() {
    let collector = Collector::open().await;
    let tracing = collector.tracing(&[]);
    drop(tracing.provider().tracer("biblioteca").start("ajena"));
    assert_eq!(collector.only().await.name, "ajena");
}

#[tokio::test]
async fn a_teams_own_layer_puts_tracing_spans_within_the_requests() {
    let collector = Collector::open().await;
    let handler = async || {
        async { tokio::task::yield_now().await }.instrument(tracing::info_span!("calcular", cajas = 3)).await;
        ok(())
    };
    let app = collector.app(Router::new().route("/", get(handler)));
    let tracer = collector.tracing(&[]).provider().tracer("equipo");
    let ours = filter_fn(|span| span.target() != "standards::request");
    let layer = tracing_opentelemetry::layer().with_tracer(tracer).with_filter(ours);
    let guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(layer));
    app.get("/").await.assert_status(200);
    drop(guard);
    let [request, span] = &collector.all(2).await[..] else { panic!() };
    assert_eq!((request.name.as_str(), span.name.as_str()), ("GET /", "calcular"));
    assert_eq!((&span.parent, &span.trace, span.attribute("cajas")), (&request.id, &request.trace, json!(3)));
}

/// Requests that wait until there are so many, and are then worked on together.
fn gathering(count: usize) -> Router {
    let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel();
    context::spawn_worker(async move {
        let mut waiting = Vec::new();
        while waiting.len() < count {
            waiting.extend(receiver.recv().await);
        }
        let requests = waiting.iter().map(|(request, _)| request);
        let span = SharedSpan::begin(requests, || SpanBuilder::from_name("lote"));
        span.around(async { otel::current().span().set_attribute(KeyValue::new("size", i64::try_from(count).unwrap())) }).await;
        waiting.into_iter().for_each(|(_, done): (RequestContext, tokio::sync::oneshot::Sender<()>)| done.send(()).unwrap());
    });
    let handler = async move || {
        let (done, answer) = tokio::sync::oneshot::channel();
        sender.send((context::current().unwrap(), done)).unwrap();
        answer.await.unwrap();
        ok(())
    };
    Router::new().route("/", get(handler))
}

async fn ask(app: &TestApp, count: usize, flags: &str) {
    let asked = (0..count).map(|_| app.get("/").header("traceparent", &super::caller(flags)).into_future());
    for answer in futures_util::future::join_all(asked).await {
        answer.assert_status(200);
    }
}

#[tokio::test]
async fn shared_work_is_a_root_that_is_linked_both_ways() {
    let collector = Collector::open().await;
    ask(&collector.app(gathering(3)), 3, "01").await;
    let (shared, requests): (Vec<_>, Vec<_>) = collector.all(4).await.into_iter().partition(|span| span.name == "lote");
    let [shared] = &shared[..] else { panic!("{shared:?}") };
    assert!(shared.parent.is_empty() && requests.iter().all(|request| request.trace != shared.trace));
    let named = |span: &Exported| (span.trace.clone(), span.id.clone());
    let (mut linked, mut sharing) = (shared.links.clone(), requests.iter().map(named).collect::<Vec<_>>());
    linked.sort();
    sharing.sort();
    assert_eq!((linked, shared.attribute("size")), (sharing, json!(3)));
    assert!(requests.iter().all(|request| request.links == [named(shared)]));
}

#[tokio::test]
async fn of_more_than_128_that_share_it_the_first_are_linked() {
    let collector = Collector::open().await;
    ask(&collector.app(gathering(150)), 150, "01").await;
    let spans = collector.all(151).await;
    let shared = spans.iter().find(|span| span.name == "lote").unwrap();
    assert_eq!((shared.links.len(), shared.attribute("size")), (128, json!(150)));
}

#[tokio::test]
async fn shared_work_of_requests_that_are_not_recorded_is_not_either() {
    let collector = Collector::open().await;
    ask(&collector.app(gathering(2)), 2, "00").await;
    collector.nothing().await;
}
