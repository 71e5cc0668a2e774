//! What the standard costs over HTTP, beside axum alone and beside what people put around axum, all in one run:
//! `cargo bench -p standards-axum --all-features --bench http`.
//!
//! Each contender is a server of its own, this same binary, with one worker thread on the first processor, which its log shares; the
//! clients have the others. All have the same route, body and answer, and write their log, where they have one, to a file. They take turns,
//! and the medians of what a round's figures are to those of the same round are compared.
//!
//! The targets are in requests per second, which tell what a client sees while nothing else runs; where something does, they tell who had the
//! processor, and processor time per request, of all threads and of the kernel on their behalf, is nearer the truth.

#![expect(clippy::expect_used, clippy::print_stdout, reason = "a measurement that cannot go on stops; its output is its own")]

mod contender;
mod load;
mod server;

use std::time::Duration;

use contender::Contender;
use load::Round;
use server::Server;

const CONNECTIONS: usize = 32;
const ROUND: Duration = Duration::from_millis(300);
/// The first round warms up and does not count.
const ROUNDS: usize = 41;

/// A row: what is measured against what, and the least that it has to reach.
const ROWS: [(&str, Contender, Contender, f64); 4] = [
    ("whole stack / bare axum", Contender::Stack, Contender::Bare, 0.85),
    ("whole stack / axum, tower-http and fmt().json()", Contender::Stack, Contender::Peer, 1.4),
    ("with metrics / without", Contender::Stack, Contender::Unmetered, 0.97),
    ("with a token (HS256) / without", Contender::Authenticated, Contender::Stack, 0.85),
];

fn main() {
    if let Some(contender) = server::asked_for() {
        return server::run(contender);
    }
    let load = server::load_average();
    server::leave_the_first_processor();
    let servers = Contender::ALL.map(Server::start);
    let rounds: Vec<_> =
        (0..ROUNDS).map(|_| servers.each_ref().map(|server| load::measure(server, CONNECTIONS, ROUND))).collect();
    print(&load, rounds.get(1..).expect("more than the first"));
}

fn print(load: &str, rounds: &Rounds) {
    println!("{CONNECTIONS} connections, {} rounds of {ROUND:?} each, medians; load average before: {load}\n", rounds.len());
    println!(
        "| contender | requests/s | server, µs of processor per request | records per request | clients' share of a processor |"
    );
    println!("|---|---:|---:|---:|---:|");
    for contender in Contender::ALL {
        println!("{}", line(contender, rounds));
    }
    println!("\n| against the targets | requests/s | processor time | target | verdict |\n|---|---:|---:|---:|---:|");
    for row in ROWS {
        println!("{}", verdict(row, rounds));
    }
}

type Rounds = [[Round; Contender::ALL.len()]];

fn line(contender: Contender, rounds: &Rounds) -> String {
    let median_of = |figure: fn(&Round) -> f64| median(rounds.iter().map(|round| figure(of(round, contender))));
    let (rate, busy) = (median_of(Round::rate), median_of(Round::processor_time) * 1e6);
    let (records, clients) = (median_of(Round::records_each), median_of(Round::clients_share) * 100.0);
    format!("| {} | {rate:.0} | {busy:.2} | {records:.2} | {clients:.0} % |", contender.name())
}

fn verdict((name, ours, theirs, target): (&str, Contender, Contender, f64), rounds: &Rounds) -> String {
    let rate = median(rounds.iter().map(|round| of(round, ours).rate() / of(round, theirs).rate()));
    let busy = median(rounds.iter().map(|round| of(round, theirs).processor_time() / of(round, ours).processor_time()));
    let verdict = if rate >= target { "reached" } else { "MISSED" };
    format!("| {name} | {rate:.3} | {busy:.3} | >= {target} | {verdict} |")
}

fn of(round: &[Round; Contender::ALL.len()], contender: Contender) -> &Round {
    round.get(contender as usize).expect("a round of each")
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}
