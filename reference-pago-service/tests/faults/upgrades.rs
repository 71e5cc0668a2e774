//! One process follows the other on a listener that a service manager holds.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use tokio::task::JoinSet;

use crate::support::{Base, Books, Client, PATIENCE, ServiceProcess, Tally, on_both_engines, pause, register, rounds};

/// Pays until told, on a connection as long as a service keeps it. No connection is refused, and no payment unanswered.
async fn pay(address: SocketAddr, books: Arc<Books>, cliente: i64, stopped: Arc<AtomicBool>) {
    let mut client = Client::new(address);
    while !stopped.load(Ordering::Relaxed) {
        let attempt = books.pay(&mut client, cliente).await;
        assert!(attempt.is_well(), "{attempt:?}");
    }
}

/// Eight clients that pay until told.
async fn begin_paying(service: &ServiceProcess) -> (Arc<Books>, Arc<AtomicBool>, JoinSet<()>) {
    let clientes = register(service, 8).await;
    let (books, stopped): (Arc<Books>, Arc<AtomicBool>) = Default::default();
    let payer = |cliente: &i64| pay(service.address, Arc::clone(&books), *cliente, Arc::clone(&stopped));
    let payers = clientes.iter().map(payer).collect();
    (books, stopped, payers)
}

/// Starts the next service beside the present one, which is then told to stop. Returns the next.
async fn follow(mut current: ServiceProcess, listener: &TcpListener, base: &Base, books: &Books) -> ServiceProcess {
    let (begun, paid) = (Instant::now(), books.attempts().len());
    let next = ServiceProcess::start_on(listener, &base.url()).await;
    next.ready().await;
    current.stop();
    while books.attempts().len() == paid {
        assert!(begun.elapsed() < PATIENCE, "nobody pays any more");
        pause(5).await;
    }
    next
}

async fn upgraded_under_load(base: Base) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut service = ServiceProcess::start_on(&listener, &base.url()).await;
    service.ready().await;
    let (books, stopped, payers) = begin_paying(&service).await;
    for _ in 0..rounds(20) {
        service = follow(service, &listener, &base, &books).await;
    }
    stopped.store(true, Ordering::Relaxed);
    payers.join_all().await;
    assert_eq!(books.settle(service.address, &base).await, Tally::default());
    eprintln!("upgraded {} times: {} payments, all answered", rounds(20), books.attempts().len());
}

/// What a newer release does to the schema: it only adds.
const NEWER: &str = "
    begin;
    alter table pagos add column nota text;
    create table devoluciones (id int primary key);
    insert into _sqlx_migrations (version, description, success, checksum, execution_time) values (9999, 'devoluciones', true, CHECKSUM, 0);
    commit";

async fn migrate_further(base: &Base) {
    pause(100).await;
    let checksum = if matches!(base, Base::Sqlite { .. }) { "x'00'" } else { "'\\x00'" };
    base.execute(NEWER.replace("CHECKSUM", checksum)).await;
}

/// The releases before it go on, one that is started meanwhile too, and what they cannot do they say before they do anything.
async fn older_than_the_schema_under_load(base: Base) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut service = ServiceProcess::start_on(&listener, &base.url()).await;
    service.ready().await;
    let (books, stopped, payers) = begin_paying(&service).await;
    migrate_further(&base).await;
    let paid = books.attempts().len();
    let older = ServiceProcess::start_on_with("MIGRATE_ON_START=false", &listener, &base.url()).await;
    older.ready().await;
    service.stop();
    while books.attempts().len() < paid + 100 {
        pause(5).await;
    }
    stopped.store(true, Ordering::Relaxed);
    payers.join_all().await;
    assert_says_that_it_is_older(&older);
    assert_says_what_it_cannot_do(&base).await;
    assert_eq!(books.settle(older.address, &base).await, Tally::default());
}

fn assert_says_that_it_is_older(service: &ServiceProcess) {
    let newer = "La base de datos es de una versión más nueva del servicio, que aquí no se conoce";
    assert!(service.records().iter().any(|record| record["message"] == newer), "{}", service.log());
}

/// `migrate up`, and a start that would migrate.
async fn assert_says_what_it_cannot_do(base: &Base) {
    for command in ["", "migrate up"] {
        let mut process = ServiceProcess::begin_by(&format!("exec \"$0\" {command}"), &base.url());
        let (status, said) = (process.end().code(), process.log());
        let refused = match command {
            "" => {
                "the database schema could not be brought up to date: the database has migration 9999, which this release does not know"
            }
            _ => "the database has migration 9999, which this release does not know; nothing was changed",
        };
        assert!(status == Some(1) && said.contains(refused), "{command}: {said}");
    }
}

on_both_engines!(upgraded_under_load, older_than_the_schema_under_load);
