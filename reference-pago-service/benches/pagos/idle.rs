//! What the service adds to a single payment when nothing else happens.

use std::time::Instant;

use crate::bench::Bench;
use crate::figures::{Round, Rounds};
use crate::ledger::{self, Books};
use crate::outcome::{Outcome, say};
use crate::payment::{CLIENTES, Payers, STATEMENT};
use crate::report::{Report, Target};
use crate::service;
use crate::tally::{Tally, Window};

/// One connection to the service, and the same payment as a statement of sqlx's.
pub(crate) async fn measure(bench: &Bench, report: &mut Report) -> Outcome<()> {
    let (mut alone, mut served) = (Rounds::default(), Rounds::default());
    for number in 1..=bench.options.rounds {
        alone.add(statements(bench).await?);
        served.add(service::round(bench, report, Payers::Spread.requests(), 1).await?);
        say(format_args!("one connection, round {number}: done"));
    }
    let (service, statement) = (served.median().p50_us, alone.median().p50_us);
    report.ratio("idle, p50: service / statement alone", Some(service), Some(statement), Target::at_most(1.3));
    report.run("one connection", "the statement alone, sqlx", &alone);
    report.run("one connection", "service", &served);
    Ok(())
}

/// One payment after the other on one connection to the database.
async fn statements(bench: &Bench) -> Outcome<Round> {
    let database = bench.server.create("statement").await?;
    ledger::prepare(&database).await?;
    let mut connection = database.connect().await?;
    let (mut tally, window) = (Tally::default(), Window::after_warm_up(bench.options.round()));
    let mut payers = (1..=i64::from(CLIENTES)).cycle();
    while window.is_open() {
        let sent = Instant::now();
        sqlx::query(STATEMENT).bind(payers.next()).fetch_one(&mut connection).await?;
        tally.acknowledge(sent, window);
    }
    Books::read(&mut connection).await?.verify(0, &tally)?;
    database.remove().await?;
    Ok(tally.round(bench.options.round()))
}
