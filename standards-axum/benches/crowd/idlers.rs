//! Those who waste the server's time.
//!
//! They are a process of their own, this same binary: those who work and are measured do not wait for them in one runtime. They come one
//! after the other within half a second, and so what each does twice a second is spread, as in a crowd that has not agreed on a moment.

use std::io::{BufRead, BufReader, Lines};
use std::net::SocketAddr;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until};

use crate::server::Server;

/// How many, and whose time they waste.
const COUNT: &str = "CROWD_IDLERS";
const ADDRESS: &str = "CROWD_ADDRESS";
/// Said when all are there.
const READY: &str = "ready";
/// Each does something so often.
const PACE: Duration = Duration::from_millis(500);

/// The process in which they are.
pub(crate) struct Crowd {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

/// After how many seconds the last of each kind was closed: the silent, those who trickle, those who do not read.
pub(crate) struct Closed(pub(crate) [f64; 3]);

impl Crowd {
    /// So many of them, a third of each kind, when all are there.
    pub(crate) fn start(server: &Server, count: u32) -> Self {
        let mut command = Command::new(std::env::current_exe().expect("its path"));
        command.env(COUNT, count.to_string()).env(ADDRESS, server.address.to_string()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("a process");
        let mut crowd = Self { lines: BufReader::new(child.stdout.take().expect("its words")).lines(), child };
        assert_eq!(crowd.next(), READY);
        crowd
    }

    /// When all are gone.
    pub(crate) fn closed(mut self) -> Closed {
        Closed([(); 3].map(|()| self.next().parse().expect("a time")))
    }

    fn next(&mut self) -> String {
        self.lines.next().expect("a line").expect("text")
    }
}

impl Drop for Crowd {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn is_child() -> bool {
    std::env::var_os(COUNT).is_some()
}

/// Wastes time until the server has closed the last of them.
pub(crate) fn run() {
    let told = |name| std::env::var(name).expect("what to do");
    let (count, address) = (told(COUNT).parse().expect("a number"), told(ADDRESS).parse().expect("an address"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let sets = start(address, count).await;
        println!("{READY}");
        for set in sets {
            let times = set.join_all().await;
            println!("{}", times.into_iter().max().unwrap_or_default().as_secs_f64());
        }
    });
}

/// They come within the time of one pace.
async fn start(address: SocketAddr, count: u32) -> [JoinSet<Duration>; 3] {
    let (mut sets, begun) = ([JoinSet::new(), JoinSet::new(), JoinSet::new()], Instant::now());
    for number in 0..count {
        sleep_until(begun + PACE * number / count).await;
        let socket = TcpSocket::new_v4().expect("a socket");
        // Else the kernel reads for those who do not.
        socket.set_recv_buffer_size(4096).expect("a small window");
        let stream = socket.connect(address).await.expect("a connection");
        let [silent, trickling, not_reading] = &mut sets;
        match number % 3 {
            0 => silent.spawn(timed(be_silent(stream))),
            1 => trickling.spawn(timed(trickle(stream))),
            _ => not_reading.spawn(timed(ask_and_not_read(stream))),
        };
    }
    sets
}

/// How long it takes until the server has enough of it.
async fn timed(waste: impl Future<Output = ()>) -> Duration {
    let begun = Instant::now();
    waste.await;
    begun.elapsed()
}

async fn be_silent(mut stream: TcpStream) {
    let _ = stream.read_u8().await;
}

/// Sends a head byte by byte. That the server closes is seen by reading: the first write after it still succeeds.
async fn trickle(mut stream: TcpStream) {
    let (mut reader, mut writer) = stream.split();
    let write = async {
        while writer.write_all(b"G").await.is_ok() {
            sleep(PACE).await;
        }
    };
    tokio::select! {
        _ = reader.read_u8() => {}
        () = write => {}
    }
}

/// An end is seen without reading: the socket has an error, or its peer is gone.
async fn ask_and_not_read(mut stream: TcpStream) {
    let _ = stream.write_all(b"GET /mucho HTTP/1.1\r\nHost: x\r\n\r\n").await;
    while stream.take_error().is_ok_and(|error| error.is_none()) && stream.write_all(b"\r\n").await.is_ok() {
        sleep(PACE).await;
    }
}
