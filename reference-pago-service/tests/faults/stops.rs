//! The service is told to stop: under load, again and again, and by somebody who will not wait.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::process::random;
use crate::support::{Base, Books, Client, ServiceProcess, Tally, on_both_engines, pause, register, rounds};

/// In which a service ends whose clients are all answered at once; its grace is 10 s.
const ENDS: Duration = Duration::from_secs(5);

/// Pays without pause on one connection until the service says that it closes it. Whatever was sent until then is answered.
async fn pay_until_told(address: SocketAddr, books: Arc<Books>, cliente: i64) {
    let mut client = Client::new(address);
    loop {
        let attempt = books.pay(&mut client, cliente).await;
        assert!(attempt.is_well(), "{attempt:?}");
        if !client.is_connected() {
            return;
        }
    }
}

/// Returns how long the service took to end.
async fn stop_under_load(service: &mut ServiceProcess, books: &Arc<Books>, clientes: &[i64]) -> Duration {
    let payers: JoinSet<()> =
        clientes.iter().map(|cliente| pay_until_told(service.address, Arc::clone(books), *cliente)).collect();
    pause(100 + random(200)).await;
    let begun = Instant::now();
    service.signal("TERM");
    payers.join_all().await;
    service.assert_ends();
    begun.elapsed()
}

async fn stopped_under_load(base: Base) {
    let mut service = ServiceProcess::start(&base.url()).await;
    service.ready().await;
    let clientes = register(&service, 8).await;
    let (books, mut slowest): (Arc<Books>, _) = (Arc::default(), Duration::ZERO);
    for _ in 0..rounds(50) {
        slowest = slowest.max(stop_under_load(&mut service, &books, &clientes).await);
        service = ServiceProcess::start(&base.url()).await;
        service.ready().await;
    }
    assert!(slowest < ENDS, "{slowest:?}");
    assert_eq!(books.settle(service.address, &base).await, Tally::default());
    eprintln!("stopped {} times: {} payments, all answered; slowest end {slowest:.0?}", rounds(50), books.attempts().len());
}

on_both_engines!(stopped_under_load);

/// Longer than any test lasts.
const PATIENT: &str = "SHUTDOWN_GRACE_MS=600000 REQUEST_TIMEOUT_MS=600000 exec \"$0\"";

/// H17: busy with a request that does not end, and told twice.
#[tokio::test(flavor = "multi_thread")]
async fn told_twice_it_ends_at_once() {
    for (first, second) in [("TERM", "TERM"), ("TERM", "INT"), ("INT", "TERM")] {
        let base = Base::sqlite();
        let mut service = ServiceProcess::start_by(PATIENT, &base.url()).await;
        service.ready().await;
        let mut stuck = TcpStream::connect(service.address).await.unwrap();
        let half = "POST /api/v1/pagos HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{";
        stuck.write_all(half.as_bytes()).await.unwrap();
        // The service has the head when a later connection is answered.
        assert_eq!(service.status("/health/live").await, 200);
        service.signal(first);
        while service.status("/health/ready").await != 503 {
            pause(10).await;
        }
        assert!(service.is_running(), "a request is in flight");
        let begun = Instant::now();
        service.signal(second);
        assert_eq!(service.end().code(), Some(1), "{}", service.log());
        assert!(begun.elapsed() < ENDS, "{:?}", begun.elapsed());
    }
}
