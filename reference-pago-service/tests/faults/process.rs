//! The service stands still, or its clients leave.

use std::collections::HashMap;
use std::hash::BuildHasher as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::support::{Base, Books, Load, Outcome, SILENT, Servicio, Trial, Watch, pause, post, register, shared};

pub(crate) fn random(below: u64) -> u64 {
    std::collections::hash_map::RandomState::new().hash_one(()) % below
}

/// How long the process stands still.
const STANDSTILL_MS: u64 = 2500;

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_stands_still_for_a_while() {
    let Some(server) = shared().await else { return };
    let base = server.database().await;
    let url = base.url();
    let mut trial = Trial::begin(base, &url).await;
    trial.load().await;
    trial.servicio.signal("STOP");
    pause(STANDSTILL_MS).await;
    trial.servicio.signal("CONT");
    trial.watch = Watch::start(trial.servicio.address);
    let recovery = trial.assert_recovery().await;
    let limit = Duration::from_millis(STANDSTILL_MS) + SILENT;
    trial.end(&format!("SIGSTOP and SIGCONT, well after {recovery:.0?}"), limit).await;
}

const LEAVING: i64 = 200;

/// Sends payment number `number` and leaves at a random moment, politely or not. Says whether the answer was not there yet.
async fn pay_and_leave(servicio: SocketAddr, cliente: i64, number: i64) -> bool {
    let headers = format!("X-Correlation-ID: leaving-{number}\r\n");
    let body = format!(r#"{{"cliente_id": {cliente}, "monto": "{}.{:02}"}}"#, number / 100, number % 100);
    let mut stream = TcpStream::connect(servicio).await.unwrap();
    stream.write_all(post("/pagos", &headers, &body).as_bytes()).await.unwrap();
    tokio::time::sleep(Duration::from_micros(random(8000))).await;
    if random(2) == 0 {
        stream.set_zero_linger().unwrap();
    }
    stream.try_read(&mut [0]).is_err()
}

/// What is logged of each request, by its number.
fn messages(servicio: &Servicio) -> HashMap<i64, Vec<Value>> {
    let mut messages: HashMap<i64, Vec<Value>> = HashMap::new();
    for record in servicio.records() {
        let id = record["correlation_id"].as_str().and_then(|id| id.strip_prefix("leaving-"));
        if let Some(number) = id.and_then(|id| id.parse().ok()) {
            messages.entry(number).or_default().push(record);
        }
    }
    messages
}

async fn clients_leave(base: Base) {
    let servicio = Servicio::start(&base.url()).await;
    servicio.ready().await;
    let clientes = register(&servicio, 4).await;
    let early = leave(&servicio, &clientes).await;
    pause(500).await;
    let paid = assert_every_end_is_logged(&servicio, &base).await;
    eprintln!("{LEAVING} clients left, {early} before the answer; {paid} paid");
    let books: Arc<Books> = Arc::default();
    let load = Load::start(servicio.address, &books, &clientes.repeat(5));
    pause(500).await;
    load.stop().await;
    let attempts = books.attempts();
    assert!(attempts.iter().all(|attempt| matches!(attempt.outcome, Outcome::Paid(_) | Outcome::Refused)), "{attempts:?}");
    base.assert_money_rule().await;
}

/// Sends every payment, eight at a time. Says how many clients left before the answer.
async fn leave(servicio: &Servicio, clientes: &[i64]) -> usize {
    let (mut leaving, mut early) = (JoinSet::new(), 0);
    for (number, cliente) in (1..=LEAVING).zip(clientes.iter().cycle()) {
        leaving.spawn(pay_and_leave(servicio.address, *cliente, number));
        if leaving.len() == 8 {
            early += usize::from(leaving.join_next().await.unwrap().unwrap());
        }
    }
    early + leaving.join_all().await.into_iter().filter(|early| *early).count()
}

/// One record tells how each request ended, and no payment happened unrecorded or twice. Says how many happened.
async fn assert_every_end_is_logged(servicio: &Servicio, base: &Base) -> usize {
    base.assert_money_rule().await;
    base.assert_no_idle_transaction().await;
    let (messages, pagos) = (messages(servicio), base.pagos().await);
    for pago in &pagos {
        let records = messages.get(&pago.centavos).unwrap_or_else(|| panic!("nothing is logged of {pago:?}"));
        let is_made =
            |record: &Value| record["message"] == "Pago procesado exitosamente" && record["context"]["pago_id"] == pago.id;
        assert!(records.iter().any(is_made), "{records:#?}");
    }
    for (number, records) in &messages {
        let is_end = |record: &&Value| record["context"]["status"].is_u64();
        assert_eq!(records.iter().filter(is_end).count(), 1, "{records:#?}");
        assert!(pagos.iter().filter(|pago| pago.centavos == *number).count() <= 1);
    }
    pagos.len()
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_that_leave_on_postgresql() {
    let Some(server) = shared().await else { return };
    clients_leave(server.database().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_that_leave_on_sqlite() {
    clients_leave(Base::sqlite()).await;
}
