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
    let clientes = register(&service, 8).await;
    let (books, stopped): (Arc<Books>, Arc<AtomicBool>) = Default::default();
    let payer = |cliente: &i64| pay(service.address, Arc::clone(&books), *cliente, Arc::clone(&stopped));
    let payers: JoinSet<()> = clientes.iter().map(payer).collect();
    for _ in 0..rounds(20) {
        service = follow(service, &listener, &base, &books).await;
    }
    stopped.store(true, Ordering::Relaxed);
    payers.join_all().await;
    assert_eq!(books.settle(service.address, &base).await, Tally::default());
    eprintln!("upgraded {} times: {} payments, all answered", rounds(20), books.attempts().len());
}

on_both_engines!(upgraded_under_load);
