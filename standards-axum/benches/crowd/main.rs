//! What a crowd costs those who work, in latency and memory: `cargo bench -p standards-axum --bench crowd`.
//!
//! The server is a process of its own, this same binary, so that its memory is its own, and so is the crowd. By turns 16 clients work alone,
//! and beside 2,000 sockets of which a third is silent, a third sends its head byte by byte, and a third asks for much and does not read.
//! Last, 10,000 connections are opened, and when all are there each asks once and stays. It needs `ulimit -n` above 10,100.

#![expect(clippy::disallowed_methods, reason = "clients of a measurement belong to no request")]
#![expect(clippy::expect_used, clippy::print_stdout, reason = "a measurement that cannot go on stops; its output is its own")]

mod clients;
mod idlers;
mod server;

use std::time::{Duration, Instant};

use clients::Working;
use idlers::{Closed, Crowd};
use server::Server;

const WORKERS: usize = 16;
const IDLERS: u32 = 2_000;
const CONNECTIONS: usize = 10_000;
/// Shorter than the silent are left alone.
const MEASURED: Duration = Duration::from_secs(4);
/// Odd, so that one is the median.
const ROUNDS: usize = 5;
const PAUSE: Duration = Duration::from_secs(1);

fn main() {
    if server::is_child() {
        return server::run();
    }
    if idlers::is_child() {
        return idlers::run();
    }
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        idlers().await;
        many().await;
    });
}

/// 2,000 that waste the server's time, in each round others; the last stay until they are closed.
async fn idlers() {
    let server = Server::start().await;
    Working::measure(&server, WORKERS, MEASURED).await;
    let (memory, mut rounds, mut crowd) = (server.memory(), Vec::new(), None);
    for _ in 0..ROUNDS {
        // Their leaving is work for the server, too.
        drop(crowd.take());
        tokio::time::sleep(PAUSE).await;
        let alone = Working::measure(&server, WORKERS, MEASURED).await;
        crowd = Some(Crowd::start(&server, IDLERS));
        let beside = Working::measure(&server, WORKERS, MEASURED).await;
        rounds.push(Round { alone, beside, rise: server.memory().saturating_sub(memory) });
    }
    let Closed([silent, trickling, not_reading]) = crowd.expect("a crowd").closed();
    tell(rounds);
    println!("the silent are closed within           {silent:>5.1} s    (target <= 6)");
    println!("those who trickle within               {trickling:>5.1} s    (target <= 6)");
    println!("those who do not read within           {not_reading:>5.1} s    (target <= 35)\n");
}

/// Those who work, alone and beside the crowd.
struct Round {
    alone: Working,
    beside: Working,
    /// What the server has taken since before the first crowd, in KiB: an allocator keeps what it had to take for one.
    rise: u64,
}

impl Round {
    fn ratio(&self) -> f64 {
        self.beside.p99.as_secs_f64() / self.alone.p99.as_secs_f64()
    }
}

fn tell(mut rounds: Vec<Round>) {
    for Round { alone, beside, .. } in &rounds {
        println!("{WORKERS} clients alone                    p99 {:>9.1?}  {:>8.0} requests/s", alone.p99, alone.rate);
        println!("beside {IDLERS} that waste its time      p99 {:>9.1?}  {:>8.0} requests/s", beside.p99, beside.rate);
    }
    let rise = |round: Option<&Round>| mebibytes(round.map_or(0, |round| round.rise));
    println!("memory                                +{:>5.1} MiB  (target <= 32)", rise(rounds.first()));
    println!("memory after {ROUNDS} such crowds             +{:>5.1} MiB", rise(rounds.last()));
    rounds.sort_by(|one, other| one.ratio().total_cmp(&other.ratio()));
    let ratio = rounds.get(ROUNDS / 2).map_or(f64::NAN, Round::ratio);
    println!("p99, beside / alone, median              {ratio:>6.2}  (target <= 1.5)");
}

/// 10,000 at once.
async fn many() {
    let server = Server::start().await;
    Working::measure(&server, WORKERS, Duration::from_secs(1)).await;
    let memory = server.memory();
    let begun = Instant::now();
    let answered = clients::ask_once_each(&server, CONNECTIONS).await;
    println!("{CONNECTIONS} connections at once, answered      {answered} in {:.1?}  (target: all)", begun.elapsed());
    println!(
        "memory                                +{:>5.1} MiB  (target <= 64)",
        mebibytes(server.memory_peak().saturating_sub(memory))
    );
}

#[expect(clippy::cast_precision_loss, reason = "for people")]
fn mebibytes(kibibytes: u64) -> f64 {
    kibibytes as f64 / 1024.0
}
