//! How fast the service pays, beside what it is measured against, all in one run on one PostgreSQL server:
//! `cargo bench -p reference-pago-service --bench pagos`.
//!
//! Contenders take turns, each round on a database of its own, and medians are compared with the targets of the payment engine's
//! issue. After every round the money rule is checked on what the round left behind; one violation fails the whole run.
#![expect(clippy::disallowed_methods, reason = "tasks of a test belong to no request")]

mod against;
mod bench;
mod child;
#[path = "../../tests/support/cluster.rs"]
#[expect(dead_code, reason = "the tests of failover also break it")]
#[expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "what makes servers of its own is the tests'")]
mod cluster;
mod connection;
mod contender;
mod contest;
mod figures;
mod flood;
mod h2load;
mod idle;
#[path = "../../tests/support/installed.rs"]
#[expect(clippy::unwrap_used, clippy::print_stderr, reason = "what makes servers of its own is the tests'")]
mod installed;
mod kept;
mod ledger;
mod load;
mod memory;
mod options;
mod outcome;
mod overload;
mod payment;
mod peer;
mod pgbench;
mod reads;
mod report;
mod server;
mod service;
mod size;
mod sqlite;
mod standby;
mod table;
mod tally;

use std::process::ExitCode;

use clap::Parser;
use tokio::task::JoinSet;

use bench::Bench;
use options::Options;
use outcome::{Outcome, say};
use report::Report;
use server::Server;

// One thread: the load generator shares the machine with what it measures, and one is enough to saturate it.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run(Options::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(format_args!("\nFAILED: {error}"));
            ExitCode::FAILURE
        }
    }
}

/// Whatever happens to the measurements (an error, a panic, a signal), their databases are removed.
async fn run(options: Options) -> Outcome<()> {
    if let Some(url) = reads::asked_to_serve() {
        return reads::serve(&url).await;
    }
    let out = options.out();
    let server = Server::open().await?;
    let mut tasks = JoinSet::new();
    tasks.spawn(measure(Bench::new(server.address(), options)?));
    let measured = tokio::select! {
        measured = tasks.join_next() => measured.ok_or("nothing was measured")?,
        () = interrupted() => Ok(Err("interrupted".into())),
    };
    tasks.shutdown().await;
    server.close().await?;
    let report = measured??;
    say(format_args!("\n{report}"));
    out.map_or(Ok(()), |out| report.write(&out))
}

/// Resolves when the bench is told to stop; where that cannot be watched, never.
async fn interrupted() {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut interrupt), Ok(mut terminate)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate())) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}

async fn measure(bench: Bench) -> Outcome<Report> {
    let mut report = Report::open(&bench).await?;
    service::check_log(&bench).await?;
    if let Some(build) = &bench.options.against {
        let other = Bench::of(build, bench.server.clone(), bench.options.clone())?;
        against::measure(&bench, &other, &mut report).await?;
        return Ok(report);
    }
    for section in bench.options.sections() {
        section.measure(&bench, &mut report).await?;
    }
    Ok(report)
}
