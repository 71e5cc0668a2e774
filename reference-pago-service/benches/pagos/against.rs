//! This build of the service beside another one of its own: a change, or a trick, with against without.

use crate::bench::Bench;
use crate::contender::CONNECTIONS;
use crate::figures::{Round, Rounds};
use crate::outcome::{Outcome, say};
use crate::payment::Payers;
use crate::report::{Report, Target};
use crate::{service, sqlite};

/// A change may not cost more than this.
const LEAST: f64 = 0.97;

/// What both builds are loaded with.
#[derive(Clone, Copy)]
enum Row {
    Spread,
    Hot,
    OneConnection,
    Sqlite,
}

/// Both builds by turns, row by row.
pub(crate) async fn measure(bench: &Bench, other: &Bench, report: &mut Report) -> Outcome<()> {
    for row in [Row::Spread, Row::Hot, Row::OneConnection, Row::Sqlite] {
        let (mut ours, mut theirs) = (Rounds::default(), Rounds::default());
        for number in 1..=bench.options.rounds {
            ours.add(row.round(bench, report, number).await?);
            theirs.add(row.round(other, report, number).await?);
            let (this, that) = (ours.median().per_second, theirs.median().per_second);
            say(format_args!("{}, after round {number}: this build {this:.0}/s, the other {that:.0}/s", row.name()));
        }
        let of = |rounds: &Rounds| Some(rounds.median().per_second);
        report.ratio(&format!("{}: this build / the other", row.name()), of(&ours), of(&theirs), Target::at_least(LEAST));
        report.run(row.name(), "this build", &ours);
        report.run(row.name(), "the other build", &theirs);
    }
    Ok(())
}

impl Row {
    const fn name(self) -> &'static str {
        match self {
            Self::Spread => Payers::Spread.name(),
            Self::Hot => Payers::Hot.name(),
            Self::OneConnection => "one connection",
            Self::Sqlite => "SQLite, synchronous=FULL",
        }
    }

    async fn round(self, bench: &Bench, report: &mut Report, number: u64) -> Outcome<Round> {
        match self {
            Self::Spread => service::round(bench, report, Payers::Spread.requests(), CONNECTIONS).await,
            Self::Hot => service::round(bench, report, Payers::Hot.requests(), CONNECTIONS).await,
            Self::OneConnection => service::round(bench, report, Payers::Spread.requests(), 1).await,
            Self::Sqlite => sqlite::round(bench, report, number).await,
        }
    }
}
