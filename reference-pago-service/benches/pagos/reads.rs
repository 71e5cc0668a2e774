//! Reads of one cliente each, beside the same select behind axum and a pool of sqlx's and nothing else.

use std::net::SocketAddr;
use std::process::{Command, Stdio};

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;

use crate::bench::Bench;
use crate::child::Guarded;
use crate::figures::{Round, Rounds};
use crate::ledger;
use crate::load::Load;
use crate::outcome::{Outcome, say};
use crate::payment::CLIENTES;
use crate::report::{Report, Target};
use crate::service::{self, free_address, wait_until_ready};

/// Where this binary serves instead of measuring, and what.
const ADDRESS: &str = "READS_ADDRESS";
const DATABASE: &str = "READS_DATABASE_URL";
/// Connections that read at once.
pub(crate) const READERS: u64 = 32;
/// As many connections as the service has.
const POOL: u32 = 10;

/// The service by turns with axum and sqlx alone.
pub(crate) async fn measure(bench: &Bench, report: &mut Report) -> Outcome<()> {
    for connections in [READERS, 1] {
        let (mut ours, mut theirs) = (Rounds::default(), Rounds::default());
        let load = format!("reads of a cliente, connections: {connections}");
        for number in 1..=bench.options.rounds {
            ours.add(round(bench, report, connections).await?);
            theirs.add(alone(bench, connections).await?);
            let (ours, theirs) = (ours.median().per_second, theirs.median().per_second);
            say(format_args!("{load}, after round {number}: service {ours:.0}/s, axum and sqlx {theirs:.0}/s"));
        }
        let of = |rounds: &Rounds| Some(rounds.median().per_second);
        report.ratio(&format!("{load}: service / axum and sqlx"), of(&ours), of(&theirs), Target::at_least(0.9));
        report.run(&load, "service", &ours);
        report.run(&load, "axum and sqlx", &theirs);
    }
    Ok(())
}

/// One round of the service, on a database of its own.
pub(crate) async fn round(bench: &Bench, report: &mut Report, connections: u64) -> Outcome<Round> {
    let database = bench.server.create("reads").await?;
    ledger::prepare(&database).await?;
    let (_, round) = service::load(bench, report, &database.url, requests(), connections).await?;
    database.remove().await?;
    Ok(round)
}

fn requests() -> Vec<Vec<u8>> {
    let request = |id| format!("GET /api/v1/clientes/{id} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").into_bytes();
    (1..=CLIENTES).map(request).collect()
}

async fn alone(bench: &Bench, connections: u64) -> Outcome<Round> {
    let database = bench.server.create("alone").await?;
    ledger::prepare(&database).await?;
    let address = free_address()?;
    let mut command = Command::new(std::env::current_exe()?);
    command.env(ADDRESS, address.to_string()).env(DATABASE, &database.url).stdout(Stdio::null());
    let mut child = Guarded::spawn(&mut command, bench.file("reads.err"))?;
    wait_until_ready(&mut child, address, "/api/v1/clientes/1").await?;
    let load = Load { address, requests: requests(), connections, duration: bench.options.round() };
    let (_, round) = load.run().await?;
    drop(child);
    database.remove().await?;
    Ok(round)
}

/// The database that this process is to serve.
pub(crate) fn asked_to_serve() -> Option<String> {
    std::env::var(DATABASE).ok()
}

/// Serves until it is killed, on as many threads as the service.
pub(crate) async fn serve(url: &str) -> Outcome<()> {
    let address: SocketAddr = std::env::var(ADDRESS)?.parse()?;
    let url = url.to_owned();
    let served = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(async {
            let pool = PgPoolOptions::new().max_connections(POOL).connect(&url).await?;
            let app = Router::new().route("/api/v1/clientes/{id}", get(cliente)).with_state(pool);
            Outcome::Ok(axum::serve(tokio::net::TcpListener::bind(address).await?, app).await?)
        })
    });
    served.join().map_err(|_| "it panicked")?
}

/// As the service answers.
#[derive(Serialize)]
struct Envelope {
    success: bool,
    data: Cliente,
    errors: [(); 0],
}

/// The service's own, for one.
const SELECT: &str = "select id, nombre, email, (saldo * 100)::bigint as saldo, moneda,
        (extract(epoch from created_at) * 1000000)::bigint as created_at
    from clientes where id = $1";

#[derive(Serialize, sqlx::FromRow)]
struct Cliente {
    id: i64,
    nombre: String,
    email: String,
    saldo: i64,
    moneda: String,
    created_at: i64,
}

async fn cliente(State(pool): State<PgPool>, Path(id): Path<i64>) -> Result<Json<Envelope>, StatusCode> {
    let found = sqlx::query_as::<_, Cliente>(SELECT).bind(id).fetch_optional(&pool).await;
    let data = found.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?.ok_or(StatusCode::NOT_FOUND)?;
    Ok(Json(Envelope { success: true, data, errors: [] }))
}
