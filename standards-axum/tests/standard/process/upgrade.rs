//! One process follows the other on a listener that neither owns.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use standards_core::context;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::child::Child;

const UPGRADES: usize = 20;
const CLIENTS: usize = 8;

/// What the clients have seen.
#[derive(Default)]
struct Tally {
    stop: AtomicBool,
    answered: AtomicUsize,
}

/// Asks again and again, on a connection as long as the server keeps it. Whatever it asks is answered.
async fn ask(address: SocketAddr, tally: Arc<Tally>) {
    while !tally.stop.load(Ordering::Relaxed) {
        let mut client = TcpStream::connect(address).await.unwrap();
        while answered(&mut client).await {
            tally.answered.fetch_add(1, Ordering::Relaxed);
            if tally.stop.load(Ordering::Relaxed) {
                return;
            }
        }
        tally.answered.fetch_add(1, Ordering::Relaxed);
    }
}

/// Whether the connection goes on after the answer.
async fn answered(client: &mut TcpStream) -> bool {
    client.write_all(b"GET /hola HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"\"errors\":[]}") {
        let length = client.read_buf(&mut answer).await.unwrap();
        assert!(length > 0, "lost: {}", answer.escape_ascii());
    }
    let answer = String::from_utf8(answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    !answer.contains("connection: close\r\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn upgrades_lose_no_request() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (address, tally) = (listener.local_addr().unwrap(), Arc::<Tally>::default());
    let mut current = Child::start(&[], Some(&listener));
    current.told("READY=1").await;
    assert_eq!(current.address().await, address);
    let clients: Vec<_> = (0..CLIENTS).map(|_| context::spawn(ask(address, tally.clone()))).collect();
    for _ in 0..UPGRADES {
        let before = tally.answered.load(Ordering::Relaxed);
        let next = Child::start(&[], Some(&listener));
        next.told("READY=1").await;
        current.signal("TERM");
        assert_eq!(current.ended().await, Some(0));
        current = next;
        assert!(tally.answered.load(Ordering::Relaxed) > before);
    }
    tally.stop.store(true, Ordering::Relaxed);
    for client in clients {
        client.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_while_no_process_runs_is_answered_by_the_next() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut first = Child::start(&[], Some(&listener));
    first.told("READY=1").await;
    first.signal("TERM");
    assert_eq!(first.ended().await, Some(0));
    let mut waiting = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    waiting.write_all(b"GET /hola HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    let _next = Child::start(&[], Some(&listener));
    let mut answer = Vec::new();
    while !answer.ends_with(b"\"errors\":[]}") {
        assert!(waiting.read_buf(&mut answer).await.unwrap() > 0, "lost");
    }
}
