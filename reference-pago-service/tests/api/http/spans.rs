//! Spans of the payment service, as a collector is sent them by the real binary.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use reference_pago_service::app;
use reference_pago_service::config::ServiceSettings;
use reference_pago_service::schema_gate::SchemaGate;
use serde_json::{Value, json};
use standards_axum::otel::Tracing;
use standards_axum::testing::{StubUpstream, TestApp};
use standards_core::settings::Environment;

use super::service::{Exit, ServiceProcess, url_of};
use super::socket::{post, post_with};
use crate::support::http::{CLIENTES, PAGOS};
use crate::support::{Fixture, on_both_engines};

#[path = "../../../../standards-axum/tests/support/spans.rs"]
mod exported;

use exported::{Exported, exported};

on_both_engines!(
    a_payment_is_a_tree_and_its_batch_a_root_that_is_linked_to_it,
    payments_that_are_decided_together_share_one_span,
    a_batch_that_fails_is_an_error,
);

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const CALLER: &str = "00f067aa0ba902b7";
const CLIENTE: &str = r#"{"nombre":"Ana","email":"ana@x.cl","saldo":"1000.00"}"#;
const PAGO: &str = r#"{"cliente_id":1,"monto":"1.50"}"#;

fn engine_of(fixture: &Fixture) -> &'static str {
    match &fixture.database {
        reference_pago_service::database::Database::Sqlite(_) => "sqlite",
        reference_pago_service::database::Database::Postgres(_) => "postgresql",
    }
}

/// The service on the fixture's database, exporting to the collector.
async fn traced(fixture: &Fixture, collector: &StubUpstream) -> ServiceProcess {
    let (database, endpoint) = (url_of(fixture).await, collector.url());
    let variables =
        [("DATABASE_URL", database.as_str()), ("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint), ("REQUEST_TIMEOUT_MS", "30000")];
    ServiceProcess::start(&variables).await
}

/// What it was sent, once the service has ended, in the order in which the spans began.
fn spans(collector: &StubUpstream) -> Vec<Exported> {
    let mut spans: Vec<_> = collector.sent().iter().flat_map(|sent| exported(&sent.body)).collect();
    spans.sort_by_key(|span| span.times[0]);
    spans
}

fn named(span: &Exported) -> (String, String) {
    (span.trace.clone(), span.id.clone())
}

/// Of each record of the request, its message and the trace and span that it names.
fn told(exit: &Exit, id: &str) -> Vec<Value> {
    let records = exit.records().into_iter().filter(|record| record["correlation_id"] == id && record["level"] != "DEBUG");
    records.map(|record| json!([record["message"], record["context"]["trace_id"], record["context"]["span_id"]])).collect()
}

/// A cliente is registered, and pays under an id and a trace; how the service ended, whose spans are all exported then.
async fn paid(fixture: &Fixture, collector: &StubUpstream) -> Exit {
    let service = traced(fixture, collector).await;
    let mut client = service.connect().await;
    assert_eq!(client.ask(post(CLIENTES, CLIENTE)).await.status, 200);
    let ids = format!("X-Correlation-ID: pedido-7\r\ntraceparent: 00-{TRACE}-{CALLER}-01\r\ntracestate: a=1\r\n");
    assert_eq!(client.ask(post_with(PAGOS, &ids, PAGO)).await.status, 200);
    let exit = service.stop();
    assert_eq!(exit.status, Some(0));
    exit
}

async fn a_payment_is_a_tree_and_its_batch_a_root_that_is_linked_to_it(fixture: Fixture) {
    let collector = StubUpstream::answering(|| ()).await;
    let exit = paid(&fixture, &collector).await;
    let spans = spans(&collector);
    let [registered, pago, batch] = &spans[..] else { panic!("{spans:#?}") };
    assert_eq!((registered.name.as_str(), registered.parent.as_str()), ("POST /api/v1/clientes", ""));
    assert_eq!((pago.name.as_str(), pago.kind), ("POST /api/v1/pagos", "server"));
    assert_eq!((pago.trace.as_str(), pago.parent.as_str(), pago.state.as_str()), (TRACE, CALLER, "a=1"));
    assert_eq!(pago.resource["service.name"], "reference-pago-service");
    assert_is_batch_of(pago, batch, engine_of(&fixture));
    let messages = ["Iniciando procesamiento de pago", "Pago procesado exitosamente", "Solicitud atendida"];
    assert_eq!(told(&exit, "pedido-7"), messages.map(|message| json!([message, TRACE, pago.id])));
}

#[track_caller]
fn assert_is_batch_of(pago: &Exported, batch: &Exported, system: &str) {
    assert_eq!((batch.name.as_str(), batch.kind, batch.parent.as_str()), ("decide pagos", "client", ""));
    let attributes = json!({"db.system.name": system, "db.operation.name": "decide", "db.collection.name": "pagos"});
    assert_eq!(Value::from_iter(batch.attributes.clone()), attributes);
    assert!(batch.trace != TRACE && pago.times[0] <= batch.times[0] && batch.times[1] <= pago.times[1]);
    assert_eq!((&batch.links, &pago.links), (&vec![named(pago)], &vec![named(batch)]));
}

async fn payments_that_are_decided_together_share_one_span(fixture: Fixture) {
    let collector = StubUpstream::answering(|| ()).await;
    let service = traced(&fixture, &collector).await;
    assert_eq!(service.connect().await.ask(post(CLIENTES, CLIENTE)).await.status, 200);
    let clients = join_all((0..40).map(|_| service.connect())).await;
    let paid = clients.into_iter().map(|mut client| async move { client.ask(post(PAGOS, PAGO)).await.status });
    assert_eq!(join_all(paid).await, [200; 40]);
    service.stop();
    let (batches, requests): (Vec<_>, Vec<_>) = spans(&collector).into_iter().partition(|span| span.name == "decide pagos");
    let linked: Vec<_> = batches.iter().flat_map(|batch| batch.links.clone()).collect();
    let paid: BTreeSet<_> = requests.iter().filter(|span| span.name == "POST /api/v1/pagos").map(named).collect();
    // Each once: no pago is in two batches.
    assert_eq!((linked.len(), linked.into_iter().collect::<BTreeSet<_>>()), (40, paid));
    for batch in &batches {
        let size = if batch.links.len() > 1 { json!(batch.links.len()) } else { Value::Null };
        assert_eq!((batch.attribute("db.operation.batch.size"), batch.parent.as_str()), (size, ""));
    }
    assert!(batches.len() < 40, "some arrived while others were written");
}

/// The service in this process, on a database that is there no more, and its spans.
async fn broken(fixture: &Fixture, collector: &StubUpstream) -> (TestApp, Tracing) {
    let endpoint = collector.url();
    let variables = [("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str()), ("REQUEST_TIMEOUT_MS", "60000")];
    let settings: ServiceSettings = Environment::from_pairs(variables).settings().unwrap();
    let tracing = Tracing::open(app::info(), &settings.standard).unwrap().unwrap();
    let gate = SchemaGate::default();
    gate.open(&fixture.database, true).await.unwrap();
    let app = TestApp::new(app::service(settings, &fixture.database, gate).traced_by(tracing.clone()));
    fixture.database.close().await;
    (app, tracing)
}

async fn a_batch_that_fails_is_an_error(fixture: Fixture) {
    let collector = StubUpstream::answering(|| ()).await;
    let (app, tracing) = broken(&fixture, &collector).await;
    app.post(PAGOS).json_text(PAGO).await.assert_status(503);
    tracing.close(Duration::from_secs(30)).await;
    let spans = spans(&collector);
    let [pago, batch] = &spans[..] else { panic!("{spans:#?}") };
    assert!(pago.is_error && batch.is_error);
    let kinds = [pago, batch].map(|span| span.attribute("error.type"));
    assert_eq!(kinds, [json!("SERVICE_UNAVAILABLE"), json!("PoolClosed")]);
}

/// The service pays as if there were no collector, tells the log once, and ends in time.
async fn assert_unaffected_by(endpoint: &str) {
    let service = ServiceProcess::on_sqlite(&[("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)]).await;
    let mut client = service.connect().await;
    assert_eq!(client.ask(post(CLIENTES, CLIENTE)).await.status, 200);
    let begun = Instant::now();
    for _ in 0..100 {
        assert_eq!(client.ask(post(PAGOS, PAGO)).await.status, 200);
    }
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    let begun = Instant::now();
    let exit = service.stop();
    assert_eq!(exit.status, Some(0));
    // Less than the grace that it has.
    assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
    let warnings: Vec<_> = exit.records().into_iter().filter(|record| record["level"] == "WARNING").collect();
    let about_spans = warnings.iter().filter(|record| record["message"].as_str().unwrap().contains("trazas"));
    assert!((1..=2).contains(&about_spans.count()), "{warnings:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_collector_that_is_down_silent_or_talks_nonsense_disturbs_no_payment() {
    let silent = StubUpstream::silent().await;
    let nonsense = StubUpstream::speaking("SSH-2.0-OpenSSH_9.6\r\n").await;
    let broken = StubUpstream::answering(|| http::StatusCode::INTERNAL_SERVER_ERROR).await;
    for endpoint in ["http://127.0.0.1:1", &silent.url(), &nonsense.url(), &broken.url()] {
        assert_unaffected_by(endpoint).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_settings_say_of_spans_is_checked_before_anything_is_bound() {
    for (variable, text, told) in [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318", "debe ser una URL http:// o https://"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://u:p@collector", "no puede llevar usuario ni clave"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "sin valor", "debe ser una lista nombre=valor"),
        ("OTEL_TRACES_SAMPLER", "jaeger_remote", "debe ser always_on, always_off, traceidratio"),
        ("OTEL_TRACES_SAMPLER_ARG", "2", "debe ser un número de 0 a 1"),
    ] {
        let exit = super::service::run(&["config", "check"], &[(variable, text)]);
        let said = [exit.stdout.as_str(), &exit.stderr].concat();
        assert_eq!(exit.status, Some(2), "{said}");
        assert!(said.contains(&format!("{variable}: {told}")), "{said}");
    }
}
