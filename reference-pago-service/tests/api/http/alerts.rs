//! The alerts of `deploy/prometheus/alerts.yml` on the running service: raised by what they are for, and cleared when it is over.

use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};

use regex::Regex;
use sqlx::{Connection as _, SqliteConnection};

use super::prometheus::{Prometheus, there_is};
use super::service::ServiceProcess;
use super::socket::{Socket, post};
use crate::support::http::{CLIENTES, PAGOS};

/// What an operator's Prometheus judges by, sixty times as fast: minutes are seconds, hours minutes.
fn hurried_rules() -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/prometheus/alerts.yml");
    let rules = std::fs::read_to_string(file).unwrap();
    let time = Regex::new(r"(\[|for: |offset )([0-9]+)([mhd])").unwrap();
    let hurried = |found: &regex::Captures<'_>| {
        let number: u32 = found[2].parse().unwrap();
        let (number, unit) = match &found[3] {
            "m" => (number, "s"),
            "h" => (number, "m"),
            _ => (number * 24, "m"),
        };
        format!("{}{number}{unit}", &found[1])
    };
    time.replace_all(&rules, hurried).into_owned()
}

async fn service_at(port: u16, database_url: &str) -> ServiceProcess {
    ServiceProcess::start(&[("PORT", &port.to_string()), ("DATABASE_URL", database_url)]).await
}

/// The table of pagos under another name, and under its own again.
async fn rename(database_url: &str, statement: &'static str) {
    let mut session = SqliteConnection::connect(database_url).await.unwrap();
    sqlx::query(statement).execute(&mut session).await.unwrap();
    session.close().await.unwrap();
}

/// Pays again and again, each time with this status, until Prometheus answers the question.
async fn pay_until(prometheus: &Prometheus, question: &str, service: SocketAddr, status: u16) {
    let (mut client, begun) = (Socket::open(service).await, Instant::now());
    while prometheus.now(question, "alertname").await.is_none() {
        assert!(begun.elapsed() < Duration::from_secs(120), "never: {question}");
        for _ in 0..10 {
            assert_eq!(client.ask(post(PAGOS, r#"{"cliente_id":1,"monto":"0.01"}"#)).await.status, status);
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

fn raised(alert: &str) -> String {
    format!("ALERTS{{alertname=\"{alert}\",alertstate=\"firing\"}}")
}

fn silent(alert: &str) -> String {
    format!("absent({})", raised(alert))
}

/// Payments fail, and are well again.
async fn an_error_budget_is_spent_and_kept(prometheus: &Prometheus, service: SocketAddr, database_url: &str) {
    let (fast, internal) = ("PagoErrorBudgetFast", "PagoInternalError");
    pay_until(prometheus, "rate(pagos_total{outcome=\"accepted\"}[5s]) > 0", service, 200).await;
    for alert in [fast, internal] {
        prometheus.ask(&silent(alert), "alertname").await;
    }
    rename(database_url, "alter table pagos rename to perdidos").await;
    pay_until(prometheus, &format!("{} and on () {}", raised(fast), raised(internal)), service, 500).await;
    rename(database_url, "alter table perdidos rename to pagos").await;
    pay_until(prometheus, &format!("{} and on () {}", silent(fast), silent(internal)), service, 200).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn prometheus_raises_the_alerts_of_a_service_that_fails_and_clears_them() {
    if !there_is("prometheus") {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let database_url = format!("sqlite://{}/pagos.db?mode=rwc", directory.path().display());
    let service = service_at(0, &database_url).await;
    let address = service.address;
    let cliente = r#"{"nombre":"Ana","email":"ana@example.com","saldo":"90000.00"}"#;
    assert_eq!(service.connect().await.ask(post(CLIENTES, cliente)).await.status, 200);
    let prometheus = Prometheus::judging(address, &hurried_rules());
    an_error_budget_is_spent_and_kept(&prometheus, address, &database_url).await;
    assert_eq!(service.stop().status, Some(0));
    prometheus.ask(&raised("PagoServiceDown"), "alertname").await;
    let _again = service_at(address.port(), &database_url).await;
    prometheus.ask(&silent("PagoServiceDown"), "alertname").await;
}
