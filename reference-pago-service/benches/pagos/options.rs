//! The command line.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Parser, ValueEnum};

use crate::bench::Bench;
use crate::outcome::Outcome;
use crate::report::Report;
use crate::{contest, idle, kept, memory, overload, reads, size, sqlite, standby};

/// Measures the service beside pgbench, the FastAPI peer and a plain loop, on one PostgreSQL server.
///
/// The server is that of `TEST_DATABASE_URL`, else `postgres://postgres@127.0.0.1:5432/postgres`.
#[derive(Clone, Debug, Parser)]
#[command(name = "pagos")]
pub(crate) struct Options {
    /// Seconds that each measured round lasts.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=300))]
    seconds: u64,
    /// Rounds of each contender; odd, so that one is the median.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..=15))]
    pub(crate) rounds: u64,
    /// The directory of the FastAPI peer (`app.py`, `requirements.txt`).
    #[arg(long)]
    pub(crate) peer: Option<PathBuf>,
    /// Measure this build of the service beside that one, the binary of another, and nothing else.
    #[arg(long, value_name = "BINARY", conflicts_with_all = ["peer", "full"])]
    pub(crate) against: Option<PathBuf>,
    /// Where the tables are written as Markdown; `docs/benchmarks.md` after a run without `--only`.
    #[arg(long)]
    out: Option<PathBuf>,
    /// Measure only these.
    #[arg(long, value_delimiter = ',')]
    only: Vec<Section>,
    /// Measure `size` too, which first writes a million clientes and five million pagos.
    #[arg(long)]
    full: bool,
    /// What `cargo bench` adds.
    #[arg(long, hide = true)]
    bench: bool,
}

/// What can be measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Section {
    /// Payments spread over 200 clientes.
    Spread,
    /// All payments on one cliente.
    Hot,
    /// One connection.
    Idle,
    /// Peak memory under load.
    Memory,
    /// SQLite against one transaction per payment.
    Sqlite,
    /// Three times more than the service can do, at a fixed rate.
    Overload,
    /// Reads of one cliente each.
    Reads,
    /// Reads of one pago each, kept in memory.
    Kept,
    /// Payments that a synchronous standby must have too, against those of which it need not.
    Standby,
    /// A large database against an empty one.
    Size,
}

impl Options {
    /// How long a round lasts.
    pub(crate) const fn round(&self) -> Duration {
        Duration::from_secs(self.seconds)
    }

    /// What is measured, in the order of the report.
    pub(crate) fn sections(&self) -> Vec<Section> {
        let all = Section::value_variants().iter().copied();
        let chosen = |section: &Section| match self.only.as_slice() {
            [] => self.full || *section != Section::Size,
            only => only.contains(section),
        };
        all.filter(chosen).collect()
    }

    /// Whether a section is measured.
    pub(crate) fn wants(&self, section: Section) -> bool {
        self.sections().contains(&section)
    }

    /// The file to write: a partial run replaces the documentation only when it is told to.
    pub(crate) fn out(&self) -> Option<PathBuf> {
        let documentation = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/benchmarks.md");
        let partial = !self.only.is_empty() || self.against.is_some();
        self.out.clone().or_else(|| (!partial).then(documentation))
    }

    /// The command that leads to the same report.
    pub(crate) fn command(&self) -> String {
        let mut command =
            format!("cargo bench -p reference-pago-service --bench pagos -- --seconds {} --rounds {}", self.seconds, self.rounds);
        if self.full {
            command.push_str(" --full");
        }
        if self.peer.is_some() {
            command.push_str(" --peer <its directory>");
        }
        if self.against.is_some() {
            command.push_str(" --against <another build>");
        }
        if !self.only.is_empty() {
            let names: Vec<String> = self.sections().iter().map(|section| format!("{section:?}").to_lowercase()).collect();
            command = format!("{command} --only {}", names.join(","));
        }
        command
    }
}

impl Section {
    /// Measures it and adds to the report.
    pub(crate) async fn measure(self, bench: &Bench, report: &mut Report) -> Outcome<()> {
        match self {
            Self::Spread => contest::spread(bench, report).await,
            Self::Hot => contest::hot(bench, report).await,
            Self::Idle => idle::measure(bench, report).await,
            Self::Memory => memory::measure(bench, report).await,
            Self::Sqlite => sqlite::measure(bench, report).await,
            Self::Reads => reads::measure(bench, report).await,
            Self::Kept => kept::measure(bench, report).await,
            Self::Standby => standby::measure(bench, report).await,
            Self::Size => size::measure(bench, report).await,
            Self::Overload => overload::measure(bench, report).await,
        }
    }
}
