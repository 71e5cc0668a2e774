//! What a request through the standard costs, and what its one trick gains, all in one run: `cargo bench -p standards-axum --all-features --bench stack`.
//!
//! Each row is one piece of work with against without, by turns; medians are compared. The log is written as a service writes it, into
//! a sink that discards it.

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a measurement that cannot go on stops")]

mod contenders;
#[path = "../../../standards-core/benches/turns/mod.rs"]
mod turns;

use std::fmt::Write as _;
use std::io::Write as _;

use standards_core::log::{BackgroundSink, LogOptions, RecordLayer};
use tracing::Dispatch;
use tracing_subscriber::layer::SubscriberExt;

use contenders::InProcess;
use turns::interleaved;

/// A trick that gains less goes.
const GAIN: f64 = 1.03;

/// What counting may leave of a request's speed.
const METRICS: f64 = 0.97;

fn main() {
    install_log();
    let mut in_process = [
        InProcess::bare(),
        InProcess::nested(),
        InProcess::placed(),
        InProcess::authenticated(),
        InProcess::limited(),
        InProcess::metered(),
    ];
    let mut works: Vec<Box<dyn FnMut() + '_>> = in_process.iter_mut().map(InProcess::work).collect();
    let times = interleaved(&mut works, contenders::REQUESTS);
    drop(works);
    let text = table([times[0], times[1], times[2], times[3], times[4], times[5]].map(|nanoseconds| nanoseconds / 1e3));
    // The bench's own output; there is no log to keep clean here.
    std::io::stdout().write_all(text.as_bytes()).expect("standard output");
}

fn install_log() {
    let options = LogOptions::new("ms-eco", "1.0.0").with_own_crate("stack").with_buffer_bytes(64 << 20);
    let sink = BackgroundSink::start(&options, std::io::sink()).expect("a thread");
    let subscriber = tracing_subscriber::registry().with(RecordLayer::new(&options, sink));
    tracing::dispatcher::set_global_default(Dispatch::new(subscriber)).expect("the first subscriber");
}

fn table([bare, nested, placed, authenticated, limited, metered]: [f64; 6]) -> String {
    let mut text = format!("{:<64} {:>8} {:>8}\n", "median per request, microseconds", "without", "with");
    for (name, without, with) in [
        ("the standard around a router of axum's", bare, nested),
        ("operations given their whole path, not nested", nested, placed),
        ("callers with a token (HS256)", placed, authenticated),
        ("a limit that nobody meets", placed, limited),
        ("metrics", placed, metered),
    ] {
        let _ = writeln!(text, "{name:<64} {without:>8.2} {with:>8.2}");
    }
    text += &format!("\n{:<64} {:>8} {:>8}\n", "ratio, without / with", "measured", "target");
    let gain = nested / placed;
    for (name, ratio, target) in [("operations given their whole path", gain, GAIN), ("metrics", placed / metered, METRICS)] {
        let verdict = if ratio >= target { "" } else { "  MISSED" };
        let _ = writeln!(text, "{name:<64} {ratio:>8.3} {:>8}{verdict}", format!(">= {target}"));
    }
    let _ = writeln!(text, "{:<64} {:>8.3}", "a limit that nobody meets", placed / limited);
    text
}
