//! A server that is stopped while it has something to do.

mod crowd;
mod form;
mod patience;
#[cfg(feature = "tls")]
mod tls;
mod upgrade;
mod waking;

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ConnectInfo;
use bytes::Bytes;
use http::{Request, Response};
use hyper::body::Incoming;
use standards_core::context;
use tokio::net::{TcpListener, TcpStream};

use super::*;
use http_body_util::Full;
use std::net::SocketAddr;
use std::time::Instant;
use tokio::io::{AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tower::service_fn;

const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n";

type Started = (SocketAddr, oneshot::Sender<()>, JoinHandle<()>);

/// A server whose answers take `work`, and the word to stop it.
async fn start(work: Duration, grace: Duration) -> Started {
    let answer = move |_| async move {
        tokio::time::sleep(work).await;
        Response::new(Full::new(Bytes::from("hecho")))
    };
    start_with(answer, grace).await
}

async fn start_with<A, F>(answer: A, grace: Duration) -> Started
where
    A: Fn(Request<Incoming>) -> F + Clone + Send + 'static,
    F: Future<Output = Response<Full<Bytes>>> + Send,
{
    start_behind(Limits::default(), Security::Plain, answer, grace).await
}

async fn start_behind<A, F>(limits: Limits, security: Security, answer: A, grace: Duration) -> Started
where
    A: Fn(Request<Incoming>) -> F + Clone + Send + 'static,
    F: Future<Output = Response<Full<Bytes>>> + Send,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = service_fn(move |request| {
        let answer = answer(request);
        async { Ok::<_, Infallible>(answer.await) }
    });
    let (stop, stopped) = oneshot::channel();
    let shutdown = Shutdown { draining: Arc::default(), grace };
    let front = Front { listener: listener.into(), limits, security };
    let running = context::spawn(run(front, service, shutdown, async { drop(stopped.await) }));
    (address, stop, running)
}

async fn connect(address: SocketAddr, bytes: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    stream
}

async fn read(mut stream: TcpStream) -> String {
    let mut text = String::new();
    stream.read_to_string(&mut text).await.unwrap();
    text
}

/// What comes until it ends so.
async fn until(stream: &mut (impl AsyncReadExt + AsyncWrite + Unpin), end: &[u8]) -> String {
    let mut bytes = Vec::new();
    while !bytes.ends_with(end) {
        bytes.push(stream.read_u8().await.unwrap());
    }
    String::from_utf8(bytes).unwrap()
}

#[tokio::test]
async fn requests_in_flight_finish_and_the_listener_stays_open_meanwhile() {
    let (address, stop, running) = start(Duration::from_millis(1500), Duration::from_secs(30)).await;
    let in_flight = connect(address, REQUEST).await;
    stop.send(()).unwrap();
    let late = connect(address, REQUEST).await;
    assert!(read(in_flight).await.ends_with("hecho"));
    assert!(read(late).await.ends_with("hecho"));
    running.await.unwrap();
}

#[tokio::test]
async fn idle_connections_do_not_hold_the_server() {
    let (address, stop, running) = start(Duration::ZERO, Duration::from_secs(10)).await;
    let idle = connect(address, REQUEST).await;
    let started = Instant::now();
    stop.send(()).unwrap();
    running.await.unwrap();
    assert!(started.elapsed() < Duration::from_secs(5));
    drop(idle);
}

#[tokio::test]
async fn a_client_that_never_finishes_does_not_hold_it_past_the_grace() {
    let (address, stop, running) = start(Duration::from_secs(3600), Duration::from_millis(200)).await;
    let _stuck = connect(address, REQUEST).await;
    let _half = connect(address, b"GET / HT").await;
    stop.send(()).unwrap();
    running.await.unwrap();
}

#[tokio::test]
async fn a_request_is_told_whose_it_is() {
    let peer = |request: Request<Incoming>| async move {
        let ConnectInfo(peer) = request.extensions().get::<ConnectInfo<SocketAddr>>().unwrap();
        Response::new(Full::new(Bytes::from(peer.to_string())))
    };
    let (address, stop, _running) = start_with(peer, Duration::from_secs(10)).await;
    let client = connect(address, REQUEST).await;
    let own = client.local_addr().unwrap().to_string();
    stop.send(()).unwrap();
    assert!(read(client).await.ends_with(&own));
}

#[tokio::test]
async fn a_large_answer_arrives_whole_and_so_does_the_next() {
    let whole: Bytes = (0..3_000_000_u32).map(|at| (at % 251).to_le_bytes()[0]).collect::<Vec<u8>>().into();
    let sent = whole.clone();
    let large = move |_: Request<Incoming>| std::future::ready(Response::new(Full::new(sent.clone())));
    let (address, _stop, _running) = start_with(large, Duration::from_secs(10)).await;
    let mut client = TcpStream::connect(address).await.unwrap();
    for _ in 0..3 {
        client.write_all(REQUEST).await.unwrap();
        assert!(until(&mut client, b"\r\n\r\n").await.contains("content-length: 3000000\r\n"));
        let mut got = vec![0; whole.len()];
        client.read_exact(&mut got).await.unwrap();
        assert!(got == whole);
    }
}

#[tokio::test]
async fn a_request_on_its_way_when_the_server_stops_is_answered() {
    let (address, stop, running) = start(Duration::ZERO, Duration::from_secs(10)).await;
    let mut client = connect(address, REQUEST).await;
    until(&mut client, b"hecho").await;
    stop.send(()).unwrap();
    // The stop is heard before the request is.
    tokio::task::yield_now().await;
    client.write_all(REQUEST).await.unwrap();
    let answer = read(client).await;
    assert!(answer.ends_with("hecho") && answer.contains("connection: close"), "{answer}");
    running.await.unwrap();
}

/// Asks again and again until the server says that it closes. What is asked and not answered fails.
async fn ask_until_closed(mut client: TcpStream) {
    let mut answer = String::new();
    while !answer.contains("connection: close") {
        client.write_all(REQUEST).await.unwrap();
        answer = until(&mut client, b"hecho").await;
    }
}

/// Clients that have been answered once.
async fn clients(address: SocketAddr) -> Vec<TcpStream> {
    let mut clients = Vec::new();
    for _ in 0..8 {
        let mut client = TcpStream::connect(address).await.unwrap();
        client.write_all(REQUEST).await.unwrap();
        until(&mut client, b"hecho").await;
        clients.push(client);
    }
    clients
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_stops_under_load_lose_no_request_and_end_in_time() {
    for round in 0..50 {
        let (address, stop, running) = start(Duration::ZERO, Duration::from_secs(30)).await;
        let clients: tokio::task::JoinSet<_> = clients(address).await.into_iter().map(ask_until_closed).collect();
        tokio::time::sleep(Duration::from_millis(round % 7)).await;
        stop.send(()).unwrap();
        let begun = Instant::now();
        assert_eq!(clients.join_all().await.len(), 8);
        running.await.unwrap();
        assert!(begun.elapsed() < Duration::from_secs(10));
    }
}
