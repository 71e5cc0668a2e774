//! Those who work, and those who do not.

use std::time::{Duration, Instant};

use standards_core::context;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

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

/// A client of each kind that wastes the server's time.
#[derive(Clone, Copy)]
pub(crate) enum Idler {
    Silent,
    Trickling,
    NotReading,
}

/// Those that are there, of each kind.
pub(crate) struct Idlers([JoinSet<Duration>; 3]);

/// After how long the last of each kind was closed.
pub(crate) struct Closed {
    pub(crate) silent: Duration,
    pub(crate) trickling: Duration,
    pub(crate) not_reading: Duration,
}

impl Idler {
    pub(crate) async fn start(server: &Server, count: usize) -> Idlers {
        let mut sets = [JoinSet::new(), JoinSet::new(), JoinSet::new()];
        for set in 0..count {
            let socket = TcpSocket::new_v4().expect("a socket");
            // Else the kernel takes megabytes for each, and is itself out of memory for a while.
            socket.set_recv_buffer_size(4096).expect("a small window");
            let stream = socket.connect(server.address).await.expect("a connection");
            let kind = [Self::Silent, Self::Trickling, Self::NotReading].into_iter().nth(set % 3).expect("a kind");
            sets.get_mut(set % 3).expect("a set").spawn(kind.waste(stream));
        }
        Idlers(sets)
    }

    /// How long it takes until the server has enough of it.
    async fn waste(self, mut stream: TcpStream) -> Duration {
        let begun = Instant::now();
        match self {
            Self::Silent => _ = stream.read_u8().await,
            Self::Trickling => trickle(stream).await,
            Self::NotReading => {
                let _ = stream.write_all(b"GET /mucho HTTP/1.1\r\nHost: x\r\n\r\n").await;
                // An end is seen without reading: the socket has an error, or its peer is gone.
                while stream.take_error().is_ok_and(|error| error.is_none()) && stream.write_all(b"\r\n").await.is_ok() {
                    tokio::time::sleep(Duration::from_millis(500)).await;
                }
            }
        }
        begun.elapsed()
    }
}

/// Sends a head byte by byte, until the server closes. That is seen by reading: the first write after it still succeeds.
async fn trickle(mut stream: TcpStream) {
    let (mut reader, mut writer) = stream.split();
    let write = async {
        while writer.write_all(b"G").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    };
    tokio::select! {
        _ = reader.read_u8() => {}
        () = write => {}
    }
}

impl Idlers {
    pub(crate) async fn closed(self) -> Closed {
        let [silent, trickling, not_reading] = self.0.map(|set| context::spawn(set.join_all()));
        let last = async |times: JoinHandle<Vec<Duration>>| times.await.expect("clients").into_iter().max().unwrap_or_default();
        Closed { silent: last(silent).await, trickling: last(trickling).await, not_reading: last(not_reading).await }
    }
}

/// Opens so many connections, and when all are open has each ask once and stay until the last is answered. Returns how many were.
pub(crate) async fn ask_once_each(server: &Server, count: usize) -> usize {
    let address = server.address;
    let opening: JoinSet<_> = (0..count).map(|_| async move { TcpStream::connect(address).await.ok() }).collect();
    let open: Vec<TcpStream> = opening.join_all().await.into_iter().flatten().collect();
    let asking: JoinSet<_> = open.into_iter().map(|mut stream| async move { (ask(&mut stream).await.is_ok(), stream) }).collect();
    asking.join_all().await.iter().filter(|(is_answered, _)| *is_answered).count()
}
