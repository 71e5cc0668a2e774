//! The most memory that the service held under load.

use crate::bench::Bench;
use crate::contender::CONNECTIONS;
use crate::outcome::Outcome;
use crate::payment::Payers;
use crate::report::{Report, Target};
use crate::service;

const KIB_PER_MIB: f64 = 1024.0;

/// The peak of all loaded rounds so far; of one of its own where there was none.
pub(crate) async fn measure(bench: &Bench, report: &mut Report) -> Outcome<()> {
    if report.peak_kib().is_none() {
        service::round(bench, report, Payers::Spread.requests(), CONNECTIONS).await?;
    }
    match report.peak_kib() {
        Some(peak) => report.figure("peak memory of the service (VmHWM), MiB", peak as f64 / KIB_PER_MIB, Target::at_most(64.0)),
        None => report.note("Peak memory was not measured: this system has no /proc.".to_owned()),
    }
    Ok(())
}
