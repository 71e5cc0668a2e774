//! Many reads at once: each is answered its own, as fresh as if it were alone.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use reference_pago_service::database::Database;
use reference_pago_service::models::{Cliente, ClienteId};
use sqlx::{Connection as _, PgConnection};
use tokio::task::JoinSet;
use tokio::time::error::Elapsed;
use tokio::time::timeout;

use crate::support::{Fixture, on_both_engines, on_postgres};

on_both_engines!(each_is_answered_its_own, a_read_sees_what_was_acknowledged_before_it,);

/// More ids than clientes, and each many times.
async fn each_is_answered_its_own(fixture: Fixture) {
    for number in 0..8 {
        fixture.created(&format!("c{number}@x.cl"), &format!("{number}.00")).await;
    }
    let mut reads = JoinSet::new();
    for number in 0..600 {
        let fixture = fixture.clone();
        reads.spawn(async move {
            let id = ClienteId::new(1 + number % 12).unwrap();
            (id.get(), fixture.repositories.clientes.get(id).await.unwrap())
        });
    }
    for (id, cliente) in reads.join_all().await {
        let told = cliente.map(|cliente| (cliente.id.get(), cliente.saldo.to_string()));
        assert_eq!(told, (id <= 8).then(|| (id, format!("{}.00", id - 1))), "{id}");
    }
}

const RECARGAS: i64 = 60;

async fn a_read_sees_what_was_acknowledged_before_it(fixture: Fixture) {
    let id = fixture.created("ana@x.cl", "0.00").await.id;
    let (acknowledged, mut readers) = (Arc::new(AtomicI64::new(0)), JoinSet::new());
    for _ in 0..16 {
        readers.spawn(read_on(fixture.clone(), id, acknowledged.clone()));
    }
    for _ in 0..RECARGAS {
        fixture.credit(id, "1.00").await.unwrap();
        acknowledged.fetch_add(1, Ordering::SeqCst);
    }
    readers.join_all().await;
}

/// Reads until everything has been credited.
async fn read_on(fixture: Fixture, id: ClienteId, acknowledged: Arc<AtomicI64>) {
    let mut before = 0;
    while before < RECARGAS {
        before = acknowledged.load(Ordering::SeqCst);
        let saldo = fixture.repositories.clientes.get(id).await.unwrap().unwrap().saldo.hundredths();
        assert!(saldo >= before * 100, "{saldo} after {before} recargas");
    }
}

const WAITING: &str = "select count(*) from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock' and query like '%any($1)%'";

async fn hold(fixture: &Fixture) -> PgConnection {
    let Database::Postgres(postgres) = &fixture.database else { panic!("not PostgreSQL") };
    let mut connection = postgres.connect().await.unwrap();
    let lock = "begin; update clientes set saldo = 7; lock table clientes in access exclusive mode";
    sqlx::raw_sql(lock).execute(&mut connection).await.unwrap();
    connection
}

/// So many reads of two clientes, of which every third waits for a moment only.
fn reads(fixture: &Fixture, ids: [ClienteId; 2]) -> JoinSet<Result<Option<Cliente>, Elapsed>> {
    let mut reads = JoinSet::new();
    for number in 0..300 {
        let (fixture, id) = (fixture.clone(), ids[number % 2]);
        let patience = if number % 3 == 0 { Duration::from_millis(100) } else { Duration::from_secs(10) };
        reads.spawn(async move { timeout(patience, fixture.repositories.clientes.get(id)).await.map(Result::unwrap) });
    }
    reads
}

/// Those that wait take two connections at most, whatever their number; whoever leaves is missed by nobody.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reads_that_wait_are_asked_together() {
    on_postgres(async |fixture| {
        let fixture = fixture.migrated().await;
        let ids = [fixture.created("ana@x.cl", "1.00").await.id, fixture.created("eva@x.cl", "1.00").await.id];
        let mut held = hold(&fixture).await;
        let mut reads = reads(&fixture, ids);
        while fixture.count(WAITING).await == 0 {}
        let statements = fixture.count(WAITING).await;
        assert!(statements <= 2, "{statements}");
        let mut ended = std::iter::from_fn(|| reads.try_join_next());
        assert!(ended.all(|read| read.unwrap().is_err()), "nobody can read now, though some have left");
        sqlx::raw_sql("commit").execute(&mut held).await.unwrap();
        let answers: Vec<_> = reads.join_all().await.into_iter().flatten().collect();
        assert!(answers.len() >= 200, "{} of 300", answers.len());
        assert!(answers.iter().all(|cliente| cliente.as_ref().unwrap().saldo.to_string() == "7.00"));
        held.close().await.unwrap();
    })
    .await;
}
