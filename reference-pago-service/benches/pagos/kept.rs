//! Reads of one pago each that is kept in memory, beside the same reads from PostgreSQL.

use std::process::Stdio;

use crate::bench::Bench;
use crate::figures::{Round, Rounds};
use crate::ledger;
use crate::load::Load;
use crate::outcome::{Outcome, say};
use crate::payment::CLIENTES;
use crate::reads::READERS;
use crate::report::{Report, Target};
use crate::service::Running;

/// One each, of an amount that no balance has to explain here.
const PAGOS: &str =
    "insert into pagos (cliente_id, monto, moneda, estado) select id, 1, moneda, 'PROCESADO' from clientes order by id";

/// The service by turns with and without its cache.
pub(crate) async fn measure(bench: &Bench, report: &mut Report) -> Outcome<()> {
    for connections in [READERS, 1] {
        let (mut kept, mut read) = (Rounds::default(), Rounds::default());
        let load = format!("reads of a pago, connections: {connections}");
        for number in 1..=bench.options.rounds {
            kept.add(round(bench, connections, "3600").await?);
            read.add(round(bench, connections, "0").await?);
            let (kept, read) = (kept.median().per_second, read.median().per_second);
            say(format_args!("{load}, after round {number}: from memory {kept:.0}/s, from PostgreSQL {read:.0}/s"));
        }
        let of = |rounds: &Rounds| Some(rounds.median().per_second);
        report.ratio(&format!("{load}: from memory / from PostgreSQL"), of(&kept), of(&read), Target::at_least(2.0));
        report.run(&load, "from memory", &kept);
        report.run(&load, "from PostgreSQL", &read);
    }
    Ok(())
}

async fn round(bench: &Bench, connections: u64, ttl: &str) -> Outcome<Round> {
    let database = bench.server.create("kept").await?;
    ledger::prepare(&database).await?;
    sqlx::query(PAGOS).execute(&mut database.connect().await?).await?;
    let service = Running::start_with(bench, &database.url, Stdio::null(), &[("CACHE_TTL_SECONDS", ttl)]).await?;
    let load = Load { address: service.address, requests: requests(), connections, duration: bench.options.round() };
    let (_, round) = load.run().await?;
    drop(service);
    database.remove().await?;
    Ok(round)
}

fn requests() -> Vec<Vec<u8>> {
    let request = |id| format!("GET /api/v1/pagos/{id} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").into_bytes();
    (1..=CLIENTES).map(request).collect()
}
