//! What a crowd costs those who work, in latency and memory: `cargo bench -p standards-axum --bench crowd`.
//!
//! The server is a process of its own, this same binary, so that its memory is its own, and so is the crowd. First 16 clients work alone; then beside 2,000
//! sockets of which a third is silent, a third sends its head byte by byte, and a third asks for much and does not read. Last, 10,000
//! connections are opened, and when all are there each asks once and stays. It needs `ulimit -n` above 10,100.

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
const MEASURED: Duration = Duration::from_secs(4);

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

/// 2,000 that waste the server's time.
async fn idlers() {
    let server = Server::start().await;
    Working::measure(&server, WORKERS, MEASURED).await;
    let alone = Working::measure(&server, WORKERS, MEASURED).await;
    let memory = server.memory();
    let crowd = Crowd::start(&server, IDLERS);
    let beside = Working::measure(&server, WORKERS, MEASURED).await;
    let rise = server.memory().saturating_sub(memory);
    let Closed([silent, trickling, not_reading]) = crowd.closed();
    let ratio = beside.p99.as_secs_f64() / alone.p99.as_secs_f64();
    println!("{WORKERS} clients alone                    p99 {:>9.1?}  {:>8.0} requests/s", alone.p99, alone.rate);
    println!("beside {IDLERS} that waste its time      p99 {:>9.1?}  {:>8.0} requests/s", beside.p99, beside.rate);
    println!("p99, beside / alone                      {ratio:>6.2}  (target <= 1.5)");
    println!("memory                                +{:>5.1} MiB  (target <= 32)", mebibytes(rise));
    println!("the silent are closed within           {:>5.1} s    (target <= 6)", silent);
    println!("those who trickle within               {:>5.1} s    (target <= 6)", trickling);
    println!("those who do not read within           {:>5.1} s    (target <= 35)\n", not_reading);
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
