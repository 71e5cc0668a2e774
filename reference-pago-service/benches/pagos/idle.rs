//! What the service adds to a single payment when nothing else happens.

use std::iter::Cycle;
use std::ops::Range;
use std::process::Stdio;
use std::time::{Duration, Instant};

use sqlx::PgConnection;

use crate::bench::Bench;
use crate::connection::Connection;
use crate::figures::{Round, Rounds};
use crate::ledger::{self, Books};
use crate::outcome::{Outcome, say};
use crate::payment::{CLIENTES, Payers, STATEMENT};
use crate::report::{Report, Target};
use crate::server::BenchDatabase;
use crate::service::Running;
use crate::tally::{Tally, Window};

/// How long one of the two pays until it is the other's turn. A machine's speed changes within seconds; both meet the same of it.
const TURN: Duration = Duration::from_millis(100);

/// One connection to the service, and the same payment as a statement of sqlx's, by turns.
pub(crate) async fn measure(bench: &Bench, report: &mut Report) -> Outcome<()> {
    let (mut alone, mut served) = (Rounds::default(), Rounds::default());
    for number in 1..=bench.options.rounds {
        let (statement, service) = round(bench).await?;
        say(format_args!("one connection, round {number}: p50 {} us alone, {} us served", statement.p50_us, service.p50_us));
        alone.add(statement);
        served.add(service);
    }
    let (service, statement) = (served.median().p50_us, alone.median().p50_us);
    report.ratio("idle, p50: service / statement alone", Some(service), Some(statement), Target::at_most(1.3));
    report.run("one connection", "the statement alone, sqlx", &alone);
    report.run("one connection", "service", &served);
    Ok(())
}

async fn round(bench: &Bench) -> Outcome<(Round, Round)> {
    let (one, other) = (prepared(bench, "statement").await?, prepared(bench, "service").await?);
    let service = Running::start(bench, &other.url, Stdio::null()).await?;
    let mut alone = Payer::new(Way::Statement(one.connect().await?));
    let mut served = Payer::new(Way::Service(Connection::open(service.address).await?, Payers::Spread.requests()));
    // Each has half of the time.
    let window = Window::after_warm_up(2 * bench.options.round());
    while window.is_open() {
        alone.turn(window).await?;
        served.turn(window).await?;
    }
    drop(service);
    Ok((alone.end(bench, one).await?, served.end(bench, other).await?))
}

async fn prepared(bench: &Bench, name: &str) -> Outcome<BenchDatabase> {
    let database = bench.server.create(name).await?;
    ledger::prepare(&database).await?;
    Ok(database)
}

/// How a payment is made.
enum Way {
    Statement(PgConnection),
    /// With the requests of all clientes.
    Service(Connection, Vec<Vec<u8>>),
}

/// Who makes one payment after the other.
struct Payer {
    way: Way,
    /// Which of the clientes pays next, counted from 0.
    turns: Cycle<Range<u32>>,
    tally: Tally,
}

impl Payer {
    fn new(way: Way) -> Self {
        Self { way, turns: (0..CLIENTES).cycle(), tally: Tally::default() }
    }

    async fn turn(&mut self, window: Window) -> Outcome<()> {
        let begun = Instant::now();
        while begun.elapsed() < TURN {
            let turn = self.turns.next().ok_or("nobody to pay")?;
            let sent = Instant::now();
            self.way.pay(turn).await?;
            self.tally.acknowledge(sent, window);
        }
        Ok(())
    }

    /// Its figures, once its books are found to be in order.
    async fn end(self, bench: &Bench, database: BenchDatabase) -> Outcome<Round> {
        Books::read(&mut database.connect().await?).await?.verify(0, &self.tally)?;
        database.remove().await?;
        Ok(self.tally.round(bench.options.round()))
    }
}

impl Way {
    async fn pay(&mut self, turn: u32) -> Outcome<()> {
        match self {
            Self::Statement(connection) => {
                // All rows: the first one alone may arrive before the payment is committed.
                sqlx::query(STATEMENT).bind(i64::from(turn) + 1).fetch_all(connection).await?;
            }
            Self::Service(connection, requests) => {
                let request = requests.get(usize::try_from(turn)?).ok_or("nothing to send")?;
                let answer = connection.exchange(request).await?;
                if !answer.is_success() {
                    return Err(format!("a payment was answered {}", answer.text()).into());
                }
            }
        }
        Ok(())
    }
}
