//! What Prometheus is told: exact, complete, and no more than the program names.

use std::io::Write as _;
use std::process::{Command, Stdio};

use http::Method;
use reference_pago_service::database::Database;
use reference_pago_service::models::ClienteId;
use reference_pago_service::repositories::{Batch, LockWait, PagoOrder};
use standards_axum::testing::TestAnswer;
use tokio::task::{JoinHandle, JoinSet};

use super::prometheus::{Prometheus, there_is};
use super::service::{ServiceProcess, run, until};
use super::socket::{get, post};
use crate::support::http::{Api, CLIENTES, PAGOS};
use crate::support::{Fixture, new_pago, on_both_engines, on_postgres};

on_both_engines!(
    what_was_decided_is_counted_once_and_to_the_hundredth,
    repetitions_are_counted_apart,
    a_currency_is_no_series_of_its_own_unless_it_is_a_known_one,
    hostile_requests_make_no_page_larger,
    promtool_finds_nothing,
);

async fn page_of(api: &Api) -> String {
    let answer = api.get("/metrics").await;
    assert_eq!((answer.status(), answer.header("content-type")), (200, Some("text/plain; version=0.0.4; charset=utf-8")));
    answer.text().to_owned()
}

/// The value of the series that is written so; 0 where it is not there.
fn value(page: &str, series: &str) -> f64 {
    let line = page.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    line.map_or(0.0, |value| value.parse().unwrap())
}

#[track_caller]
fn assert_values(page: &str, expected: &[(&str, u32)]) {
    for (series, count) in expected {
        assert_eq!(value(page, series), f64::from(*count), "{series} in\n{page}");
    }
}

async fn what_was_decided_is_counted_once_and_to_the_hundredth(fixture: Fixture) {
    let api = Api::over(&fixture).await;
    let cliente = api.register("ana@example.com", "100.10").await;
    let (recargas, dollars) = (format!("{CLIENTES}/{cliente}/recargas"), r#"{"cliente_id":1,"monto":"1","moneda":"USD"}"#);
    let pago = api.pay(cliente, "50.05").await.data()["id"].as_u64().unwrap();
    let statuses = [
        api.pay(cliente, "0.01").await.status(),
        api.pay(cliente, "99.99").await.status(),
        api.post(PAGOS, dollars).await.status(),
        api.post(&recargas, r#"{"monto":"7.30"}"#).await.status(),
        api.post(&format!("{CLIENTES}/999/recargas"), r#"{"monto":"7.30"}"#).await.status(),
        api.post(&format!("{PAGOS}/{pago}/anulacion"), "").await.status(),
        api.post(&format!("{PAGOS}/{pago}/anulacion"), "").await.status(),
    ];
    assert_eq!(statuses, [200, 400, 400, 200, 404, 200, 400]);
    assert_values(&page_of(&api).await, DECIDED);
}

const DECIDED: &[(&str, u32)] = &[
    (r#"pagos_total{moneda="CLP",outcome="accepted"}"#, 2),
    (r#"pagos_total{moneda="CLP",outcome="refused"}"#, 1),
    (r#"pagos_total{moneda="USD",outcome="refused"}"#, 1),
    (r#"pagos_monto_hundredths_total{moneda="CLP"}"#, 5_006),
    // The opening balance is one of them.
    (r#"recargas_total{moneda="CLP",outcome="accepted"}"#, 2),
    (r#"recargas_total{moneda="unknown",outcome="refused"}"#, 1),
    (r#"recargas_monto_hundredths_total{moneda="CLP"}"#, 10_740),
    (r#"anulaciones_total{moneda="CLP",outcome="accepted"}"#, 1),
    (r#"anulaciones_total{moneda="unknown",outcome="refused"}"#, 1),
    (r#"anulaciones_monto_hundredths_total{moneda="CLP"}"#, 5_005),
    (r#"business_refusals_total{operation="pagos",error_code="SALDO_INSUFICIENTE"}"#, 1),
    (r#"business_refusals_total{operation="pagos",error_code="MONEDA_NO_COINCIDE"}"#, 1),
    (r#"business_refusals_total{operation="recargas",error_code="CLIENTE_NO_ENCONTRADO"}"#, 1),
    (r#"business_refusals_total{operation="anulaciones",error_code="PAGO_NO_ANULABLE"}"#, 1),
    ("pagos_batch_size_count", 4),
    ("pagos_batch_size_sum", 4),
    ("pagos_queue_wait_seconds_count", 4),
    ("pagos_queue_depth", 0),
    (r#"database_operation_duration_seconds_count{operation="decide"}"#, 4),
    (r#"database_operation_duration_seconds_count{operation="credit"}"#, 2),
    (r#"http_server_requests_total{route="/api/v1/pagos",http_method="POST",status_class="2xx"}"#, 2),
    (r#"http_server_failures_total{error_code="SALDO_INSUFICIENTE"}"#, 1),
];

async fn repetitions_are_counted_apart(fixture: Fixture) {
    let api = Api::over(&fixture).await;
    let cliente = api.register("ana@example.com", "100.00").await;
    let body = format!(r#"{{"cliente_id":{cliente},"monto":"10.00"}}"#);
    for _ in 0..3 {
        assert_eq!(api.post_once(PAGOS, "k-1", body.clone()).await.status(), 200);
    }
    let page = page_of(&api).await;
    let accepted = r#"pagos_total{moneda="CLP",outcome="accepted"}"#;
    assert_values(
        &page,
        &[(accepted, 1), ("idempotency_replays_total", 2), (r#"pagos_monto_hundredths_total{moneda="CLP"}"#, 1_000)],
    );
}

async fn a_currency_is_no_series_of_its_own_unless_it_is_a_known_one(fixture: Fixture) {
    let api = Api::over(&fixture).await;
    let cliente = api.register("ana@example.com", "100.00").await;
    for first in 'A'..='Z' {
        let body = format!(r#"{{"cliente_id":{cliente},"monto":"1.00","moneda":"{first}QX"}}"#);
        assert_eq!(api.post(PAGOS, body).await.status(), 400);
    }
    let page = page_of(&api).await;
    assert_values(&page, &[(r#"pagos_total{moneda="other",outcome="refused"}"#, 26)]);
    assert!(!page.contains("QX"), "{page}");
}

const PATHS: [&str; 12] = [
    "/api/v1/pagos",
    "/api/v1/pagos/7",
    "/api/v1/pagos/7/anulacion",
    "/api/v1/clientes",
    "/api/v1/clientes/7",
    "/api/v1/clientes/7/recargas",
    "/api/v1/openapi.json",
    "/docs",
    "/health/live",
    "/health/ready",
    "/metrics",
    "/nada",
];

const VERBS: [&str; 9] = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"];

/// Three letters, others for each number below 17,576.
fn currency(number: usize) -> String {
    [number / 676, number / 26, number].iter().map(|letter| char::from(b'A' + u8::try_from(letter % 26).unwrap())).collect()
}

/// Everything that a client may choose, in a request that reaches each route with each verb.
async fn hostile_requests_make_no_page_larger(fixture: Fixture) {
    let api = Api::over(&fixture).await;
    for (number, path) in PATHS.iter().cycle().take(1_200).enumerate() {
        let verb = Method::from_bytes(VERBS[number / PATHS.len() % VERBS.len()].as_bytes()).unwrap();
        let pago = format!(r#""cliente_id":{number},"monto":"1.00","moneda":"{}""#, currency(number));
        let body = format!(r#"{{{pago},"nombre":"{number}","email":"{number}@x.cl"}}"#);
        let _any = api.request(verb, &format!("{path}?x={number}")).json_text(body).await;
    }
    let page = page_of(&api).await;
    assert!(page.len() < 64 * 1024, "{} bytes:\n{page}", page.len());
    assert!(page.len() > 16 * 1024 && !page.contains("PROPFIND") && !page.contains("nada"));
}

async fn promtool_finds_nothing(fixture: Fixture) {
    if !there_is("promtool") {
        return;
    }
    let api = Api::over(&fixture).await;
    let cliente = api.register("ana@example.com", "100.00").await;
    assert_eq!(api.pay(cliente, "10.00").await.status(), 200);
    assert_eq!(api.pay(cliente, "1000.00").await.status(), 400);
    let page = page_of(&api).await;
    let mut command = Command::new("promtool");
    command.args(["check", "metrics"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut promtool = command.spawn().unwrap();
    promtool.stdin.take().unwrap().write_all(page.as_bytes()).unwrap();
    let said = promtool.wait_with_output().unwrap();
    let told = [said.stdout, said.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
    assert!(said.status.success() && told.is_empty(), "{told}");
}

const AT_WORK: &str = "select count(*) from pg_stat_activity
    where datname = current_database() and state = 'active' and query = 'select pg_sleep(15)'";
const END: &str = "select count(pg_cancel_backend(pid)) from pg_stat_activity
    where datname = current_database() and query = 'select pg_sleep(15)'";

/// Has the one connection of `narrow` at work until somebody ends it.
async fn keep_at_work(narrow: &Fixture, fixture: &Fixture) -> JoinHandle<()> {
    let Database::Postgres(postgres) = narrow.database.clone() else { panic!("not PostgreSQL") };
    let asleep = tokio::spawn(async move {
        let sleep = postgres.run(|session| Box::pin(async { Ok(sqlx::query("select pg_sleep(15)").execute(session).await?) }));
        sleep.await.expect_err("it is ended");
    });
    while fixture.count(AT_WORK).await == 0 {}
    asleep
}

/// Has three pagos of this cliente decided together; how many were.
fn three_pagos(narrow: &Fixture, cliente: ClienteId) -> JoinHandle<usize> {
    let pagos = narrow.repositories.pagos.clone();
    let batch: Batch = ["1", "2", "3"].map(|monto| PagoOrder { pago: new_pago(cliente, monto), key: None }).into();
    tokio::spawn(async move { pagos.decide(batch, LockWait::Skip).await.unwrap().len() })
}

/// Reads of a cliente, a list, a read of a pago, and a pago.
fn requests(api: &Api, cliente: u64) -> JoinSet<TestAnswer> {
    let mut requests = JoinSet::new();
    for _ in 0..20 {
        requests.spawn(api.get(&format!("{CLIENTES}/{cliente}")).into_future());
    }
    for path in [CLIENTES.to_owned(), format!("{PAGOS}/1")] {
        requests.spawn(api.get(&path).into_future());
    }
    requests.spawn(api.pay(cliente, "1.00").into_future());
    requests
}

/// Twenty of them by one statement, three in one batch.
#[tokio::test]
async fn everybody_who_waits_for_a_connection_is_counted() {
    on_postgres(async |fixture| {
        let fixture = fixture.migrated().await;
        let (ana, narrow) = (fixture.created("ana@x.cl", "9.00").await.id, fixture.with_one_connection().await);
        let api = Api::over(&narrow).await;
        let held = keep_at_work(&narrow, &fixture).await;
        let (waiting, decided) = (requests(&api, 1), three_pagos(&narrow, ana));
        let counted = async || value(&page_of(&api).await, "database_pool_waiting");
        until(async || counted().await >= f64::from(20 + 3 + 3)).await;
        assert_eq!(counted().await, f64::from(20 + 3 + 3));
        fixture.count(END).await;
        held.await.unwrap();
        let statuses: Vec<u16> = waiting.join_all().await.iter().map(TestAnswer::status).collect();
        assert!(statuses.iter().all(|status| [200, 404].contains(status)), "{statuses:?}");
        assert_eq!((decided.await.unwrap(), counted().await), (3, 0.0));
        narrow.database.close().await;
    })
    .await;
}

#[test]
fn the_page_of_all_metrics_is_printed_whatever_the_settings() {
    let printed = run(&["metrics"], &[("DATABASE_URL", "nonsense")]);
    assert_eq!((printed.status, printed.stderr.as_str()), (Some(0), ""));
    assert!(printed.stdout.contains("| `pagos_total` | counter | `moneda`, `outcome` |  | Pagos decided"), "{}", printed.stdout);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_scrapes_at_once_and_a_slow_one_are_served() {
    let service = ServiceProcess::on_sqlite(&[("MAX_IN_FLIGHT", "1")]).await;
    // It reads nothing of what it asked for, a hundred times over.
    let mut slow = service.connect().await;
    for _ in 0..100 {
        slow.write(get("/metrics")).await;
    }
    let mut scrapes = Vec::new();
    for _ in 0..100 {
        let mut socket = service.connect().await;
        scrapes.push(async move { socket.ask(get("/metrics")).await });
    }
    for answer in futures_util::future::join_all(scrapes).await {
        assert_eq!(answer.status, 200);
        assert!(answer.body.contains("process_open_fds "));
    }
    assert!(service.memory_kib() < 200 * 1024, "{} KiB", service.memory_kib());
}

/// Three pagos in CLP, and two in USD.
async fn pay_in_two_currencies(service: &ServiceProcess) {
    let mut client = service.connect().await;
    for (number, moneda, pagos) in [(1, "CLP", 3), (2, "USD", 2)] {
        let cliente = format!(r#"{{"nombre":"Ana","email":"{number}@example.com","saldo":"100.00","moneda":"{moneda}"}}"#);
        assert_eq!(client.ask(post(CLIENTES, &cliente)).await.status, 200);
        for _ in 0..pagos {
            let pago = format!(r#"{{"cliente_id":{number},"monto":"1.50","moneda":"{moneda}"}}"#);
            assert_eq!(client.ask(post(PAGOS, &pago)).await.status, 200);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn prometheus_knows_the_pagos_of_each_currency() {
    if !there_is("prometheus") {
        return;
    }
    let service = ServiceProcess::on_sqlite(&[]).await;
    pay_in_two_currencies(&service).await;
    let prometheus = Prometheus::scraping(service.address);
    let pagos = prometheus.ask("sum by (moneda) (pagos_total{outcome=\"accepted\"}) > 0", "moneda").await;
    let amounts = prometheus.ask("pagos_monto_hundredths_total > 0", "moneda").await;
    let sorted = |mut found: Vec<(String, String)>| {
        found.sort();
        found
    };
    let expected = |clp: &str, usd: &str| vec![("CLP".to_owned(), clp.to_owned()), ("USD".to_owned(), usd.to_owned())];
    assert_eq!((sorted(pagos), sorted(amounts)), (expected("3", "2"), expected("450", "300")));
}
