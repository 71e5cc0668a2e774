//! `metrics`: what there is to ask Prometheus for.

use standards_axum::Exit;
use standards_axum::cli::say;

use crate::metrics;

/// Prints a table, whatever the settings: names do not depend on them.
pub(super) fn run() -> Exit {
    say("| name | type | labels | unit | what it tells |\n|---|---|---|---|---|");
    metrics::entries().iter().for_each(say);
    Exit::Stopped
}
