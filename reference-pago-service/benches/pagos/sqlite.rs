//! SQLite: the service against a loop of one transaction per payment.

use std::time::{Duration, Instant};

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Connection as _, SqliteConnection};

use crate::bench::Bench;
use crate::contender::CONNECTIONS;
use crate::figures::{Round, Rounds};
use crate::ledger::{self, Books};
use crate::outcome::{Outcome, say};
use crate::payment::{CLIENTES, Payers};
use crate::report::{Report, Target};
use crate::service;
use crate::tally::{Tally, Window};

/// Both on files of their own, made alike, with the same guarantees.
pub(crate) async fn measure(bench: &Bench, report: &mut Report) -> Outcome<()> {
    let (mut looped, mut served) = (Rounds::default(), Rounds::default());
    for number in 1..=bench.options.rounds {
        looped.add(transactions(&file(bench, "loop", number).await?, bench.options.round()).await?);
        served.add(round(bench, report, number).await?);
        let (slow, fast) = (looped.median().per_second, served.median().per_second);
        say(format_args!("SQLite, after round {number}: loop {slow:.0}/s, service {fast:.0}/s"));
    }
    let of = |rounds: &Rounds| Some(rounds.median().per_second);
    report.ratio("SQLite: service / one transaction per payment", of(&served), of(&looped), Target::at_least(3.0));
    report.run("SQLite, synchronous=FULL", "one transaction per payment, sqlx", &looped);
    report.run("SQLite, synchronous=FULL", "service, 64 connections", &served);
    Ok(())
}

/// A new file with the service's schema and clientes, as a URL.
async fn file(bench: &Bench, name: &str, number: u64) -> Outcome<String> {
    let url = format!("sqlite://{}?mode=rwc", bench.file(&format!("{name}{number}.db")).display());
    ledger::prepare_sqlite(&url).await?;
    Ok(url)
}

/// One round of the service, on a file of its own.
pub(crate) async fn round(bench: &Bench, report: &mut Report, number: u64) -> Outcome<Round> {
    let url = file(bench, "service", number).await?;
    let (tally, round) = service::load(bench, report, &url, Payers::Spread.requests(), CONNECTIONS).await?;
    Books::read_sqlite(&url).await?.verify(0, &tally)?;
    Ok(round)
}

async fn transactions(url: &str, duration: Duration) -> Outcome<Round> {
    let mut connection = connect(url).await?;
    let (mut tally, window) = (Tally::default(), Window::after_warm_up(duration));
    let mut payers = (1..=i64::from(CLIENTES)).cycle();
    while window.is_open() {
        let sent = Instant::now();
        transaction(&mut connection, payers.next()).await?;
        tally.acknowledge(sent, window);
    }
    connection.close().await?;
    Books::read_sqlite(url).await?.verify(0, &tally)?;
    Ok(tally.round(duration))
}

async fn connect(url: &str) -> Outcome<SqliteConnection> {
    let options: SqliteConnectOptions = url.parse()?;
    let durable = options.journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Full).foreign_keys(true);
    Ok(durable.disable_statement_logging().connect().await?)
}

async fn transaction(connection: &mut SqliteConnection, cliente_id: Option<i64>) -> Outcome<()> {
    let mut transaction = connection.begin_with("begin immediate").await?;
    let debit = "update clientes set saldo = saldo - 100 where id = ?1 and saldo >= 100";
    sqlx::query(debit).bind(cliente_id).execute(&mut *transaction).await?;
    let pago = "insert into pagos (cliente_id, monto, moneda, estado, created_at, updated_at)
        values (?1, 100, 'CLP', 'PROCESADO', 0, 0) returning id";
    sqlx::query(pago).bind(cliente_id).fetch_one(&mut *transaction).await?;
    Ok(transaction.commit().await?)
}
