//! Those who work, and are measured.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::server::Server;

const REQUEST: &[u8] = b"GET /hola HTTP/1.1\r\nHost: x\r\n\r\n";
const END: &[u8] = b"\"errors\":[]}";

/// How clients fared that ask one request after the other.
pub(crate) struct Working {
    pub(crate) p99: Duration,
    pub(crate) rate: f64,
}

impl Working {
    pub(crate) async fn measure(server: &Server, clients: usize, time: Duration) -> Self {
        let (address, end) = (server.address, Instant::now() + time);
        let works: JoinSet<_> = (0..clients).map(|_| times_until(address, end)).collect();
        let mut times = works.join_all().await.concat();
        times.sort_unstable();
        let p99 = times.get(times.len() * 99 / 100).copied().unwrap_or_default();
        #[expect(clippy::cast_precision_loss, reason = "for people")]
        let rate = times.len() as f64 / time.as_secs_f64();
        Self { p99, rate }
    }
}

/// How long each answer took that there was until `end`.
async fn times_until(address: std::net::SocketAddr, end: Instant) -> Vec<Duration> {
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    let mut times = Vec::new();
    while Instant::now() < end {
        let begun = Instant::now();
        ask(&mut stream).await.expect("an answer");
        times.push(begun.elapsed());
    }
    times
}

async fn ask(stream: &mut TcpStream) -> std::io::Result<()> {
    stream.write_all(REQUEST).await?;
    let mut answer = Vec::with_capacity(1024);
    while !answer.ends_with(END) {
        if stream.read_buf(&mut answer).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(())
}

/// Opens so many connections, and when all are open has each ask once and stay until the last is answered. Returns how many were.
pub(crate) async fn ask_once_each(server: &Server, count: usize) -> usize {
    let address = server.address;
    let opening: JoinSet<_> = (0..count).map(|_| async move { TcpStream::connect(address).await.ok() }).collect();
    let open: Vec<TcpStream> = opening.join_all().await.into_iter().flatten().collect();
    let asking: JoinSet<_> = open.into_iter().map(|mut stream| async move { (ask(&mut stream).await.is_ok(), stream) }).collect();
    asking.join_all().await.iter().filter(|(is_answered, _)| *is_answered).count()
}
