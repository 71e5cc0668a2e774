//! Clients that come in numbers, or ask for much and do not take it: C27 and C28, against the real binary.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::service::ServiceProcess;
use super::socket::{Socket, get, post};
use crate::support::http::{CLIENTES, PAGOS};

/// C28.
const CONNECTIONS: usize = 10_000;
/// How much memory that many may take.
const MEMORY_KIB: u64 = 64 * 1024;
/// Opened at once; the kernel holds as many that are not accepted.
const WAVE: usize = 200;

/// As many of the connections as this process may have descriptors for, besides those of other tests.
fn connections() -> usize {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap();
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files")).unwrap();
    let soft = line.split_whitespace().next().unwrap();
    soft.parse().map_or(CONNECTIONS, |limit: usize| CONNECTIONS.min(limit / 2))
}

async fn asked_once(mut socket: Socket) -> (u16, Socket) {
    (socket.ask(get("/health/live")).await.status, socket)
}

/// Each has asked once; all are open.
async fn answered(service: &ServiceProcess, count: usize) -> Vec<(u16, Socket)> {
    let (address, mut answered) = (service.address, Vec::with_capacity(count));
    while answered.len() < count {
        let wave = (0..WAVE.min(count - answered.len())).map(|_| async move { asked_once(Socket::open(address).await).await });
        answered.extend(wave.collect::<JoinSet<_>>().join_all().await);
    }
    answered
}

/// C28: each asks once, and all stay.
#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_connections_are_answered_in_little_memory() {
    let (count, service) = (connections(), ServiceProcess::on_sqlite(&[]).await);
    assert_eq!(service.status("/health/ready").await, 200);
    let before = service.memory_kib();
    let mut answered = answered(&service, count).await;
    assert!(answered.iter().all(|(status, _)| [200, 503].contains(status)));
    let grown = service.memory_peak_kib().saturating_sub(before);
    assert!(grown <= MEMORY_KIB, "{count} connections: {grown} KiB");
    // Who stays goes on, and so does whoever comes.
    let (_, last) = answered.pop().unwrap();
    drop(answered);
    assert_eq!((asked_once(last).await.0, service.status("/health/ready").await), (200, 200));
}

/// C27: the window that a client leaves open, and what it asks for meanwhile.
const WINDOW: u32 = 4096;
const LISTS: usize = 1_000;

/// A list of a hundred rows.
async fn hundred_pagos(service: &ServiceProcess) -> String {
    let mut client = service.connect().await;
    let ana = post(CLIENTES, r#"{"nombre":"Ana","email":"ana@x.cl","saldo":"1000.00"}"#);
    assert_eq!(client.ask(ana).await.status, 200);
    for _ in 0..100 {
        assert_eq!(client.ask(post(PAGOS, r#"{"cliente_id":1,"monto":"1"}"#)).await.status, 200);
    }
    get(&format!("{PAGOS}?limit=100"))
}

async fn connect_narrowly(service: &ServiceProcess) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(WINDOW).unwrap();
    socket.connect(service.address).await.unwrap()
}

/// Reads a byte now and then until the connection breaks, though what came before could still be read.
async fn sip(mut stream: TcpStream) -> Duration {
    let begun = Instant::now();
    while stream.read_u8().await.is_ok() && stream.take_error().is_ok_and(|error| error.is_none()) {
        assert!(begun.elapsed() < Duration::from_secs(60), "never cut off");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    begun.elapsed()
}

/// C27: a client that reads a byte at a time is cut off when none of what was written has been taken for 30 s.
#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_reads_byte_by_byte_is_cut_off() {
    let service = ServiceProcess::on_sqlite(&[]).await;
    let list = hundred_pagos(&service).await;
    let mut slow = connect_narrowly(&service).await;
    // More than the kernel holds for it; what the service does not read yet waits there as well.
    let lists = list.repeat(LISTS);
    let _full = timeout(Duration::from_secs(1), slow.write_all(lists.as_bytes())).await;
    let cut = sip(slow).await;
    assert!(cut < Duration::from_secs(45), "{cut:?}");
    assert_eq!(service.status("/health/ready").await, 200);
}

/// Sockets that waste the service's time, every second one by trickling, and how much memory they may take.
const WASTERS: usize = 1_000;
const WASTED_KIB: u64 = 32 * 1024;
/// Between two bytes of one that trickles: its head would take minutes.
const TRICKLE: Duration = Duration::from_millis(250);
/// 5 s for the first byte and the head; the rest is for a busy machine.
const HEAD: Duration = Duration::from_secs(20);

/// Sends nothing, or its head byte by byte, until it is closed.
async fn waste(address: SocketAddr, trickles: bool) -> Duration {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let begun = Instant::now();
    let mut head = get(&format!("/health/live?{}", "x".repeat(2_000))).into_bytes().into_iter().filter(|_| trickles);
    while timeout(TRICKLE, stream.read_u8()).await.is_err() {
        assert!(begun.elapsed() < HEAD, "never closed");
        if let Some(byte) = head.next() {
            let _closed = stream.write_u8(byte).await;
        }
    }
    begun.elapsed()
}

/// Those who work are answered meanwhile, each by the deadline of any request.
#[tokio::test(flavor = "multi_thread")]
async fn sockets_that_waste_time_are_closed_and_take_little() {
    let service = ServiceProcess::on_sqlite(&[]).await;
    assert_eq!(service.status("/health/ready").await, 200);
    let (address, before) = (service.address, service.memory_kib());
    let mut wasters: JoinSet<_> = (0..WASTERS.min(connections())).map(|n| waste(address, n % 2 == 0)).collect();
    let mut client = service.connect().await;
    // One that has asked before may rest.
    assert_eq!(client.ask(get("/health/ready")).await.status, 200);
    while let Some(closed) = wasters.join_next().await {
        closed.unwrap();
        assert_eq!(client.ask(get("/health/ready")).await.status, 200);
    }
    let grown = service.memory_peak_kib().saturating_sub(before);
    assert!(grown <= WASTED_KIB, "{WASTERS} sockets: {grown} KiB");
}
