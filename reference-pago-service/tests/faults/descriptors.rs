//! The process may not have as many descriptors, or as much memory, as its clients would take.

use std::sync::Arc;
use std::time::Instant;

use serde_json::Value;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use crate::support::{Base, Books, Outcome, PATIENCE, ServiceProcess, Tally, assert_as_in_runbook, pause, register};

/// H24: 64 descriptors, and more clients than that.
#[tokio::test(flavor = "multi_thread")]
async fn more_clients_than_descriptors() {
    let base = Base::sqlite();
    let service = ServiceProcess::start_by("ulimit -n 64; exec \"$0\"", &base.url()).await;
    service.ready().await;
    let cliente = register(&service, 1).await[0];
    let (mut client, books) = (service.client(), Arc::<Books>::default());
    assert!(books.pay(&mut client, cliente).await.is_well());
    let crowd = crowd(&service).await;
    full(&service).await;
    assert_as_in_runbook(&service.log(), "No se pudo aceptar una conexión");
    for _ in 0..20 {
        // Whoever is in is served, or told that the service has nothing to serve with.
        let outcome = books.pay(&mut client, cliente).await.outcome;
        assert!(matches!(outcome, Outcome::Paid(_) | Outcome::Unavailable), "{outcome:?}");
        assert_eq!(client.get("/health/live").await.unwrap().status, 200);
    }
    drop(crowd);
    service.ready().await;
    assert!(books.pay(&mut service.client(), cliente).await.is_well());
    let Tally { unknown, made } = books.settle(service.address, &base).await;
    assert!(service.records().iter().all(|record| record["level"] != "ERROR"), "{}", service.log());
    eprintln!("64 descriptors: {unknown} payments unavailable, {made} of them made");
}

/// Waits until the service says that it has no descriptor left.
async fn full(service: &ServiceProcess) {
    let begun = Instant::now();
    let told = |record: &Value| record["message"] == "No se pudo aceptar una conexión" && record["level"] == "WARNING";
    while !service.records().iter().any(told) {
        assert!(begun.elapsed() < PATIENCE, "the descriptors did not run out");
        pause(20).await;
    }
}

/// Clients that stay, each with a request of which the kernel has taken every byte.
async fn crowd(service: &ServiceProcess) -> Vec<TcpStream> {
    let mut crowd = Vec::new();
    for _ in 0..100 {
        let mut stream = TcpStream::connect(service.address).await.unwrap();
        stream.write_all(b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
        crowd.push(stream);
    }
    crowd
}

/// H24: an address space that leaves no room for what clients announce.
#[tokio::test(flavor = "multi_thread")]
async fn bodies_larger_than_the_memory_there_is() {
    let base = Base::sqlite();
    let service = ServiceProcess::start_by("ulimit -v 4000000; exec \"$0\"", &base.url()).await;
    service.ready().await;
    let head = "POST /api/v1/pagos HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";
    for length in [1_000_000_000_u64, 8_000_000_000, u64::MAX / 2] {
        let answer = service.client().ask(&format!("{head}Content-Length: {length}\r\n\r\n")).await.unwrap();
        assert_eq!(answer.status, 413, "{answer:?}");
    }
    assert_eq!(service.status("/health/ready").await, 200);
}
