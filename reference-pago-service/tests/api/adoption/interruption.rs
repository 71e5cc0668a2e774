//! An adoption that does not end leaves the database as it was.

use std::time::{Duration, Instant};

use reference_pago_service::database::{Database, ErrorKind};
use reference_pago_service::migrate::{LegacyTables, MigrationError};
use sqlx::{Connection as _, Executor as _, PgConnection};
use standards_core::context;

use super::legacy;
use crate::support::{Fixture, on_both_engines, on_postgres};

on_both_engines!(empty:
    an_adoption_that_fails_half_way_is_undone,
    an_adoption_that_is_dropped_at_any_moment_is_undone_or_complete,
);

async fn an_adoption_that_fails_half_way_is_undone(fixture: Fixture) {
    let database = &fixture.database;
    legacy::make(database).await;
    // The first migration makes this table after two others.
    legacy::execute(database, "create table recargas (id integer)").await;
    let before = legacy::content(database).await;
    let outcome = database.migrate_up().await;
    let Err(MigrationError::Repository(error)) = outcome else { panic!("{outcome:?}") };
    assert_eq!(error.kind(), ErrorKind::Internal);
    assert_eq!(legacy::content(database).await, before);
    legacy::execute(database, "drop table recargas").await;
    assert_eq!(database.migrate_up().await.unwrap(), Some(super::ADOPTION));
}

const MANY: &str = "
    insert into clientes (id, nombre, email, saldo)
    with recursive n (n) as (select 101 union all select n + 1 from n where n < 3100)
    select n, 'a', n || '@x.cl', 1 from n";

async fn an_adoption_that_is_dropped_at_any_moment_is_undone_or_complete(fixture: Fixture) {
    let database = &fixture.database;
    legacy::make(database).await;
    legacy::execute(database, MANY).await;
    let before = legacy::content(database).await;
    for milliseconds in [1, 2, 4, 8, 16, 32, 64, 128] {
        let ended = tokio::time::timeout(Duration::from_millis(milliseconds), database.migrate_up()).await;
        let unchanged = legacy::content(database).await == before;
        // The commit may have been under way when its caller left.
        let adopted = database.legacy_tables().await.unwrap() == LegacyTables::Absent;
        assert!(unchanged || adopted);
        if ended.is_ok() || adopted {
            break;
        }
    }
    database.migrate_up().await.unwrap();
    assert_eq!(fixture.violations().await, Vec::<String>::new());
    assert_eq!(fixture.count("select count(*) from clientes").await, 3004);
}

const WAITING: &str = "
    select pid from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock' and query like '%lock table%'";

/// An adoption that failed before it came to the tables never waits for them.
const PATIENCE: Duration = Duration::from_secs(30);

/// The process of the server that waits for the tables.
async fn waiting(session: &mut PgConnection) -> i32 {
    let begun = Instant::now();
    loop {
        if let Some(pid) = sqlx::query_scalar(WAITING).fetch_optional(&mut *session).await.unwrap() {
            return pid;
        }
        assert!(begun.elapsed() < PATIENCE, "nobody waits for the tables");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// The old service may still be writing: its transaction is waited for, and what it wrote is adopted too.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_adoption_waits_for_transactions_that_are_open() {
    on_postgres(async |fixture| {
        let Database::Postgres(postgres) = fixture.database.clone() else { panic!("not PostgreSQL") };
        legacy::make(&fixture.database).await;
        let mut connection = postgres.connect().await.unwrap();
        let mut old_service = connection.begin().await.unwrap();
        old_service.execute("insert into clientes (nombre, email, saldo) values ('a', 'b@x.cl', 1)").await.unwrap();
        let database = fixture.database.clone();
        let adopting = context::spawn(async move { database.migrate_up().await });
        waiting(&mut postgres.connect().await.unwrap()).await;
        old_service.commit().await.unwrap();
        assert_eq!(adopting.await.unwrap().unwrap().unwrap().clientes, 5);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_adoption_whose_session_is_ended_changes_nothing() {
    on_postgres(async |fixture| {
        let Database::Postgres(postgres) = fixture.database.clone() else { panic!("not PostgreSQL") };
        legacy::make(&fixture.database).await;
        let before = legacy::content(&fixture.database).await;
        let mut connection = postgres.connect().await.unwrap();
        let mut old_service = connection.begin().await.unwrap();
        old_service.execute("lock table pagos in share mode").await.unwrap();
        let database = fixture.database.clone();
        let adopting = context::spawn(async move { database.migrate_up().await });
        let pid = waiting(&mut postgres.connect().await.unwrap()).await;
        sqlx::query("select pg_terminate_backend($1)").bind(pid).execute(&mut postgres.connect().await.unwrap()).await.unwrap();
        let outcome = adopting.await.unwrap();
        let Err(MigrationError::Repository(error)) = outcome else { panic!("{outcome:?}") };
        assert_eq!(error.kind(), ErrorKind::Unavailable);
        old_service.rollback().await.unwrap();
        assert_eq!(legacy::content(&fixture.database).await, before);
        assert_eq!(fixture.database.migrate_up().await.unwrap(), Some(super::ADOPTION));
    })
    .await;
}
