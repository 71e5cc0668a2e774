//! Whether the service slows down when the database is large.

use sqlx::{AssertSqlSafe, Connection as _};

use crate::bench::Bench;
use crate::contender::CONNECTIONS;
use crate::figures::{Round, Rounds};
use crate::ledger::{self, Books};
use crate::outcome::{Outcome, say};
use crate::payment::{self, CLIENTES, OPENING, Payers};
use crate::report::{Report, Target};
use crate::server::BenchDatabase;
use crate::service;

const MANY_CLIENTES: u32 = 1_000_000;
const PAGOS_EACH: u32 = 5;
/// Of the many, how many pay when any may: each page of their table is visited.
const SAMPLED: u32 = 50_000;

/// Rounds on an empty database and on a large one take turns.
pub(crate) async fn measure(bench: &Bench, report: &mut Report) -> Outcome<()> {
    let large = fill(bench).await?;
    let (mut empty, mut few, mut any) = (Rounds::default(), Rounds::default(), Rounds::default());
    for number in 1..=bench.options.rounds {
        empty.add(service::round(bench, report, Payers::Spread.requests(), CONNECTIONS).await?);
        few.add(large_round(bench, report, &large, CLIENTES).await?);
        any.add(large_round(bench, report, &large, SAMPLED).await?);
        say(format_args!("size, round {number}: done"));
    }
    note_memory(report, &large).await?;
    large.remove().await?;
    let of = |rounds: &Rounds| Some(rounds.median().per_second);
    let target = Target::at_least(0.8);
    report.ratio("10^6 clientes, 5*10^6 pagos / empty, 200 clientes pay", of(&few), of(&empty), target);
    report.ratio("10^6 clientes, 5*10^6 pagos / empty, any cliente pays", of(&any), of(&empty), target);
    report.run("empty database", "service, 200 clientes pay", &empty);
    report.run("10^6 clientes, 5*10^6 pagos", "service, 200 clientes pay", &few);
    report.run("10^6 clientes, 5*10^6 pagos", "service, any cliente pays", &any);
    Ok(())
}

/// `payers` clientes, evenly over the table, pay: first unmeasured, for after a checkpoint (which the removal of the empty database
/// makes) a page is written whole into the log when it is first touched. A service meets that once in minutes, not all the time.
async fn large_round(bench: &Bench, report: &mut Report, large: &BenchDatabase, payers: u32) -> Outcome<Round> {
    pay(bench, report, large, payers).await?;
    pay(bench, report, large, payers).await
}

async fn pay(bench: &Bench, report: &mut Report, large: &BenchDatabase, payers: u32) -> Outcome<Round> {
    let step = MANY_CLIENTES / payers;
    let requests = (1..=payers).map(|number| payment::request(number * step)).collect();
    let mut connection = large.connect().await?;
    let earlier = Books::read(&mut connection).await?.pagos();
    let (tally, round) = service::load(bench, report, &large.url, requests, CONNECTIONS).await?;
    Books::read(&mut connection).await?.verify(earlier, &tally)?;
    Ok(round)
}

/// Says so where the server cannot hold what the payments of any cliente touch: that is a matter of its settings.
async fn note_memory(report: &mut Report, large: &BenchDatabase) -> Outcome<()> {
    const TOUCHED: &str = "select pg_size_pretty(touched), pg_size_pretty(memory) from
        (select pg_relation_size('clientes') + pg_relation_size('clientes_pkey') + pg_relation_size('pagos_cliente_id_id_idx')) as t (touched),
        (select pg_size_bytes(current_setting('shared_buffers'))) as m (memory)
        where touched > memory";
    let short: Option<(String, String)> = sqlx::query_as(TOUCHED).fetch_optional(&mut large.connect().await?).await?;
    if let Some((touched, memory)) = short {
        report.note(format!(
            "Where any cliente pays, {touched} of pages are written at random; the server's shared_buffers hold {memory}."
        ));
    }
    Ok(())
}

async fn fill(bench: &Bench) -> Outcome<BenchDatabase> {
    say(format_args!("size: writing {MANY_CLIENTES} clientes and {} pagos", MANY_CLIENTES * PAGOS_EACH));
    let database = bench.server.create("large").await?;
    ledger::migrate(&database.url).await?;
    let mut connection = database.connect().await?;
    for statement in statements() {
        sqlx::query(AssertSqlSafe(statement)).execute(&mut connection).await?;
    }
    connection.close().await?;
    Ok(database)
}

fn statements() -> [String; 5] {
    [
        // Foreign keys are what the rows are made by; checking each again would take minutes.
        "set session_replication_role = replica".to_owned(),
        format!(
            "insert into clientes (id, nombre, email, email_normalizado, saldo)
             select id, 'Cliente ' || id, 'cliente' || id || '@example.com', 'cliente' || id || '@example.com', {OPENING}
             from generate_series(1, {MANY_CLIENTES}) as id"
        ),
        format!("insert into recargas (cliente_id, monto) select id, saldo + {PAGOS_EACH} from clientes"),
        format!(
            "insert into pagos (cliente_id, monto, estado)
             select id, 1.00, 'PROCESADO' from generate_series(1, {PAGOS_EACH}), generate_series(1, {MANY_CLIENTES}) as id"
        ),
        "vacuum (analyze, freeze) clientes, recargas, pagos".to_owned(),
    ]
}
