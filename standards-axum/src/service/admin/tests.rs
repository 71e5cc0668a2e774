//! A page of metrics, and clients that read it badly.

use standards_core::context;
use standards_core::settings::Environment;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::*;
use crate::metrics::Metrics;
use crate::metrics::prometheus_client::metrics::counter::Counter;
use crate::service_info;

const MEDIA_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";
const REQUEST: &[u8] = b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

/// Operators are served a page of so many bytes, within these limits.
async fn serve(bytes: usize, limits: Limits) -> (SocketAddr, oneshot::Sender<()>, JoinHandle<()>) {
    let metrics = Metrics::new();
    metrics.register("ballast", &"x".repeat(bytes), Counter::<u64>::default());
    let mut service = Service::new(service_info!(), Environment::default().settings().unwrap()).metrics(metrics);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let front = Front { listener: listener.into(), limits, security: Security::Plain };
    let server = service.admin_server(AdminFront { address, front });
    let (stop, stopped) = oneshot::channel();
    (address, stop, context::spawn(server.serve(async { drop(stopped.await) })))
}

async fn ask(address: SocketAddr) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(REQUEST).await.unwrap();
    stream
}

async fn read(mut stream: TcpStream) -> String {
    let mut text = String::new();
    stream.read_to_string(&mut text).await.unwrap();
    text
}

#[tokio::test]
async fn a_hundred_scrapes_at_once_are_served_the_page() {
    let (address, _stop, _running) = serve(64 * 1024, limits()).await;
    let pages = (0..100).map(|_| async { read(ask(address).await).await });
    for page in futures_util::future::join_all(pages).await {
        assert!(page.starts_with("HTTP/1.1 200 ") && page.contains(MEDIA_TYPE), "{}", &page[..200]);
        assert!(page.contains(&"x".repeat(64 * 1024)));
    }
}

/// More than the kernel keeps on both sides.
const HUGE: usize = 64 * 1024 * 1024;

#[tokio::test]
async fn a_scraper_that_does_not_read_loses_its_place_and_keeps_nobody_waiting() {
    let impatient = Limits { stall: Duration::from_millis(300), connections: 1, ..limits() };
    let (address, _stop, _running) = serve(HUGE, impatient).await;
    let mut deaf = ask(address).await;
    // The only place is the deaf one's until it loses it.
    let mut next = ask(address).await;
    let mut beginning = [0; 12];
    next.read_exact(&mut beginning).await.unwrap();
    assert_eq!(&beginning, b"HTTP/1.1 200");
    let mut got = Vec::new();
    // Reset, or closed: it never gets the whole.
    let _ = deaf.read_to_end(&mut got).await;
    assert!(got.len() < HUGE, "{}", got.len());
}

#[tokio::test]
async fn a_scraper_that_does_not_read_does_not_hold_the_end_up() {
    let (address, stop, running) = serve(HUGE, limits()).await;
    let mut deaf = ask(address).await;
    let mut beginning = [0; 12];
    deaf.read_exact(&mut beginning).await.unwrap();
    stop.send(()).unwrap();
    tokio::time::timeout(Duration::from_secs(30), running).await.unwrap().unwrap();
}
