//! How long calls may take, and how many there may be at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::routing::get;
use tokio::net::TcpListener;

use super::*;

#[tokio::test]
async fn a_call_has_what_is_left_of_its_request_s_time() {
    let stub = Stub::new([Answer::Silence]).await;
    let client = stub.client().with_patience(Duration::from_secs(60));
    let (request, log) = request();
    let started = Instant::now();
    request.set_deadline(started + Duration::from_millis(300));
    let failure = context::scope(request, client.get("/x").send::<u8>()).await.unwrap_err();
    assert_eq!((reason_of(&failure), failure.entry().code), (Reason::Late, "SERVICE_UNAVAILABLE"));
    assert!(started.elapsed() < Duration::from_secs(20));
    assert_eq!(record_of(&log)["context"]["attempts"], 1);
}

#[tokio::test]
async fn whose_time_is_up_asks_nobody() {
    let stub = Stub::new([Answer::Silence]).await;
    let (request, log) = request();
    request.set_deadline(Instant::now());
    let failure = context::scope(request, stub.client().get("/x").send::<u8>()).await.unwrap_err();
    assert_eq!(reason_of(&failure), Reason::Late);
    assert_eq!(record_of(&log)["context"]["attempts"], 0);
    assert!(stub.requests().is_empty());
}

#[tokio::test]
async fn retries_are_within_the_time_of_the_call() {
    let stub = Stub::new([http(503, "text/plain", "no"), Answer::Silence]).await;
    let client = stub.client().with_patience(Duration::from_millis(500));
    let started = Instant::now();
    let (result, log) = made(client.get("/x").send::<u8>()).await;
    assert_eq!(reason_of(&result.unwrap_err()), Reason::Late);
    assert!(started.elapsed() < Duration::from_secs(20));
    assert_eq!(record_of(&log)["context"]["attempts"], 2);
}

#[tokio::test]
async fn no_more_calls_are_on_their_way_than_allowed() {
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (counted, highest) = (now.clone(), most.clone());
    let slow = get(async move || {
        highest.fetch_max(counted.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        tokio::time::sleep(Duration::from_millis(20)).await;
        counted.fetch_sub(1, Ordering::SeqCst);
        crate::ok(7)
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    context::spawn_worker(axum::serve(listener, Router::new().route("/", slow)).into_future());
    let client = Client::new("clientes", stub::base(address)).unwrap().with_patience(Duration::from_secs(60)).with_connections(2);
    let calls = (0..12).map(|_| client.get("/").send::<u8>());
    assert!(futures_util::future::join_all(calls).await.into_iter().all(|result| result.unwrap() == 7));
    assert_eq!(most.load(Ordering::SeqCst), 2);
}
