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

use crate::support::{
    Base, Books, Fault, Load, Outcome, Proxy, SILENT, ServiceProcess, Tally, Trial, Watch, on_both_engines, pause, register,
    shared,
};

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
    trial.service.signal("STOP");
    pause(STANDSTILL_MS).await;
    trial.service.signal("CONT");
    trial.watch = Watch::start(trial.service.address);
    let recovery = trial.assert_recovery().await;
    let limit = Duration::from_millis(STANDSTILL_MS) + SILENT;
    trial.end(&format!("SIGSTOP and SIGCONT, well after {recovery:.0?}"), limit).await;
}

/// Whatever it waits for, it waits for a minute, but for the answer to a client.
const PATIENT: &str = "export DATABASE_STATEMENT_TIMEOUT_MS=60000 SHUTDOWN_GRACE_MS=60000 REQUEST_TIMEOUT_MS=500; exec \"$0\"";

#[tokio::test(flavor = "multi_thread")]
async fn a_second_signal_ends_a_service_that_waits_for_a_silent_database() {
    let Some(server) = shared().await else { return };
    let (base, proxy) = (server.database().await, Proxy::to(server.port()).await);
    let mut service = ServiceProcess::start_by(PATIENT, &base.url_by(proxy.port)).await;
    service.ready().await;
    let cliente = register(&service, 1).await[0];
    proxy.set(Fault::BlackHole);
    let attempt = Books::default().pay(&mut service.client(), cliente).await;
    assert_eq!(attempt.outcome, Outcome::Unavailable, "{attempt:?}");
    service.signal("TERM");
    // No signal is sent before the first one has arrived: two that wait together are one.
    while service.client().get("/health/live").await.is_ok_and(|answer| answer.header("connection").is_none()) {
        pause(20).await;
    }
    assert!(service.is_running(), "the payment is still to be written: {}", service.log());
    service.signal("TERM");
    assert_eq!(service.end().code(), Some(1), "{}", service.log());
    let last = service.records().pop().unwrap();
    assert_eq!(last["message"], "Segunda señal: el servicio termina sin esperar a nadie");
}

const LEAVING: usize = 200;

/// Sends a payment and leaves at a random moment, politely or not. Says whether the answer was not there yet.
async fn pay_and_leave(service: SocketAddr, request: String) -> bool {
    let mut stream = TcpStream::connect(service).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    tokio::time::sleep(Duration::from_micros(random(8000))).await;
    if random(2) == 0 {
        stream.set_zero_linger().unwrap();
    }
    stream.try_read(&mut [0]).is_err()
}

/// What is logged of each request, by the amount of its payment.
fn messages(service: &ServiceProcess) -> HashMap<i64, Vec<Value>> {
    let mut messages: HashMap<i64, Vec<Value>> = HashMap::new();
    for record in service.records() {
        let id = record["correlation_id"].as_str().and_then(|id| id.strip_prefix("pago-"));
        if let Some(number) = id.and_then(|id| id.parse().ok()) {
            messages.entry(number).or_default().push(record);
        }
    }
    messages
}

async fn clients_that_leave(base: Base) {
    let mut service = ServiceProcess::start(&base.url()).await;
    service.ready().await;
    let clientes = register(&service, 4).await;
    let books: Arc<Books> = Arc::default();
    let early = leave(&service, &books, &clientes).await;
    // Then nothing is under way any more.
    service.stop();
    assert_every_end_is_logged(&service, &base).await;
    let service = ServiceProcess::start(&base.url()).await;
    service.ready().await;
    let Tally { unknown, made } = books.settle(service.address, &base).await;
    eprintln!("{LEAVING} clients left, {early} before the answer; {made} of {unknown} paid");
    assert_eq!(unknown, LEAVING);
    let load = Load::start(service.address, &books, &clientes.repeat(5));
    pause(500).await;
    load.stop().await;
    assert_eq!(books.settle(service.address, &base).await, Tally::default(), "unavailable");
}

/// Sends every payment, eight at a time. Says how many clients left before the answer.
async fn leave(service: &ServiceProcess, books: &Books, clientes: &[i64]) -> usize {
    let (mut leaving, mut early) = (JoinSet::new(), 0);
    for cliente in clientes.iter().cycle().take(LEAVING) {
        let attempt = books.open(*cliente);
        leaving.spawn(pay_and_leave(service.address, attempt.request("pago")));
        books.enter(attempt);
        if leaving.len() == 8 {
            early += usize::from(leaving.join_next().await.unwrap().unwrap());
        }
    }
    early + leaving.join_all().await.into_iter().filter(|early| *early).count()
}

const BEGUN: &str = "Iniciando procesamiento de pago";
const PAID: &str = "Pago procesado exitosamente";

/// One record tells how each request ended and, nothing else being wrong, each that had begun one that it was paid, with the pago
/// as it is in the database.
async fn assert_every_end_is_logged(service: &ServiceProcess, base: &Base) {
    let messages = messages(service);
    let pagos: HashMap<i64, i64> = base.pagos().await.iter().map(|pago| (pago.hundredths, pago.id)).collect();
    for (number, records) in &messages {
        let is_end = |record: &&Value| record["context"]["status"].is_u64();
        assert_eq!(records.iter().filter(is_end).count(), 1, "{records:#?}");
        let paid = records.iter().filter(|record| record["message"] == PAID);
        let paid: Vec<i64> = paid.filter_map(|record| record["context"]["pago_id"].as_i64()).collect();
        assert_eq!(paid.first(), pagos.get(number), "{records:#?}");
        assert!(paid.len() <= 1 && paid.is_empty() != has(records, BEGUN), "{records:#?}");
    }
    assert!(pagos.keys().all(|number| messages.contains_key(number)), "unlogged: {pagos:?}");
}

fn has(records: &[Value], message: &str) -> bool {
    records.iter().any(|record| record["message"] == message)
}

on_both_engines!(clients_that_leave);
