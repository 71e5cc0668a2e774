//! This build of the service beside another one of its own: a change, or a trick, with against without.

use crate::bench::Bench;
use crate::contender::CONNECTIONS;
use crate::figures::{Round, Rounds};
use crate::options::Section;
use crate::outcome::{Outcome, say};
use crate::payment::Payers;
use crate::report::{Report, Target};
use crate::{reads, service, sqlite};

/// A change may not cost more than this.
const LEAST: f64 = 0.97;
/// What those that wait gain by being read together, and how much longer one alone may take (the issue of the cache).
const READ_TOGETHER: f64 = 1.5;
const READ_ALONE: f64 = 0.95;

/// What both builds are loaded with.
#[derive(Clone, Copy)]
enum Row {
    Spread,
    Hot,
    OneConnection,
    Sqlite,
    Reads,
    OneRead,
}

/// Both builds by turns, row by row.
pub(crate) async fn measure(bench: &Bench, other: &Bench, report: &mut Report) -> Outcome<()> {
    for row in Row::ALL.into_iter().filter(|row| bench.options.wants(row.section())) {
        let (mut ours, mut theirs) = (Rounds::default(), Rounds::default());
        for number in 1..=bench.options.rounds {
            ours.add(row.round(bench, report, number).await?);
            theirs.add(row.round(other, report, number).await?);
            let (this, that) = (ours.median().per_second, theirs.median().per_second);
            say(format_args!("{}, after round {number}: this build {this:.0}/s, the other {that:.0}/s", row.name()));
        }
        let of = |rounds: &Rounds| Some(rounds.median().per_second);
        report.ratio(&format!("{}: this build / the other", row.name()), of(&ours), of(&theirs), Target::at_least(row.least()));
        report.run(row.name(), "this build", &ours);
        report.run(row.name(), "the other build", &theirs);
    }
    Ok(())
}

impl Row {
    const ALL: [Self; 6] = [Self::Spread, Self::Hot, Self::OneConnection, Self::Sqlite, Self::Reads, Self::OneRead];

    /// Where it belongs.
    const fn section(self) -> Section {
        match self {
            Self::Spread => Section::Spread,
            Self::Hot => Section::Hot,
            Self::OneConnection => Section::Idle,
            Self::Sqlite => Section::Sqlite,
            Self::Reads | Self::OneRead => Section::Reads,
        }
    }

    const fn least(self) -> f64 {
        match self {
            Self::Reads => READ_TOGETHER,
            Self::OneRead => READ_ALONE,
            _ => LEAST,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Spread => Payers::Spread.name(),
            Self::Hot => Payers::Hot.name(),
            Self::OneConnection => "one connection",
            Self::Sqlite => "SQLite, synchronous=FULL",
            Self::Reads => "reads of a cliente, 32 connections",
            Self::OneRead => "reads of a cliente, one connection",
        }
    }

    async fn round(self, bench: &Bench, report: &mut Report, number: u64) -> Outcome<Round> {
        match self {
            Self::Spread => service::round(bench, report, Payers::Spread.requests(), CONNECTIONS).await,
            Self::Hot => service::round(bench, report, Payers::Hot.requests(), CONNECTIONS).await,
            Self::OneConnection => service::round(bench, report, Payers::Spread.requests(), 1).await,
            Self::Sqlite => sqlite::round(bench, report, number).await,
            Self::Reads => reads::round(bench, report, reads::READERS).await,
            Self::OneRead => reads::round(bench, report, 1).await,
        }
    }
}
