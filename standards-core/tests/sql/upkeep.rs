//! The table that is made, and what is deleted from it.

use std::time::Duration;

use serde_json::Value;
use sqlx::SqlStr;
use sqlx::migrate::{Migrate, Migration, MigrationType, Migrator};
use standards_core::idempotency::sql::{POSTGRES_MIGRATION, SQLITE_MIGRATION};
use standards_core::log::capture::Capture;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use crate::bank::{Bank, Branch, PATIENCE, deposit, fresh, on_both};

on_both!(
    instances_that_start_at_once_make_one_table,
    a_table_that_is_there_is_kept,
    another_table_of_that_name_is_refused,
    the_migrator_makes_it_too,
    the_reaper_deletes_in_batches_and_ends_with_the_pool,
    a_reaper_that_fails_says_so_once,
);

const DELETED: &str = "Claves de idempotencia vencidas borradas";
const FAILED: &str = "No se pudieron borrar las claves de idempotencia vencidas";

async fn instances_that_start_at_once_make_one_table<DB: Bank>(branch: Branch<DB>) {
    branch.run("drop table idempotencia").await;
    let mut instances = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let other = Branch::<DB>::open(&branch.url).await;
        instances.spawn(async move { other.store.migrate().await });
    }
    for migrated in instances.join_all().await {
        migrated.unwrap();
    }
    assert_eq!(fresh(deposit(&branch, "k").await), 1);
}

async fn a_table_that_is_there_is_kept<DB: Bank>(branch: Branch<DB>) {
    fresh(deposit(&branch, "k").await);
    branch.store.migrate().await.unwrap();
    branch.run(text_of::<DB>()).await;
    assert_eq!(kept(&branch).await, 1);
}

async fn another_table_of_that_name_is_refused<DB: Bank>(branch: Branch<DB>) {
    branch.run("drop table idempotencia; create table idempotencia (created_at integer, clave text)").await;
    assert!(branch.store.migrate().await.unwrap_err().to_string().contains("sujeto"));
}

async fn the_migrator_makes_it_too<DB: Bank<Connection: Migrate>>(branch: Branch<DB>) {
    branch.run("drop table idempotencia").await;
    let table = Migration::new(7, "idempotencia".into(), MigrationType::Simple, SqlStr::from_static(text_of::<DB>()), false);
    let migrator = Migrator::with_migrations(vec![table]);
    for _ in 0..2 {
        migrator.run(&branch.pool).await.unwrap();
    }
    branch.store.migrate().await.unwrap();
    assert_eq!(fresh(deposit(&branch, "k").await), 1);
}

async fn the_reaper_deletes_in_batches_and_ends_with_the_pool<DB: Bank>(branch: Branch<DB>) {
    let old = keep_old_ones(&branch).await;
    let log = Capture::of_process();
    let reaper = start_reaper(&branch);
    let deleted = |record: &Value| record.pointer("/context/deleted").and_then(Value::as_u64);
    let is_told = |record: &Value| record["message"] == DELETED && deleted(record) == Some(old);
    until(async || log.records().iter().any(is_told)).await;
    assert_eq!(kept(&branch).await, 0);
    branch.pool.close().await;
    timeout(PATIENCE, reaper).await.unwrap().unwrap();
}

async fn a_reaper_that_fails_says_so_once<DB: Bank>(branch: Branch<DB>) {
    keep_old_ones(&branch).await;
    // Another number than that of the test above, which looks for its record by it.
    branch.run("delete from idempotencia where clave = '1'").await;
    branch.run("alter table idempotencia rename to elsewhere").await;
    let log = Capture::of_process();
    let reaper = start_reaper(&branch);
    let why = if DB::NAME == "PostgreSQL" { "does not exist" } else { "no such table" };
    let told = || {
        let records = log.records().into_iter().filter(|record| record["message"] == FAILED);
        let error = |record: &Value| record.pointer("/context/error").and_then(Value::as_str).map(str::to_owned);
        records.filter(|record| error(record).is_some_and(|error| error.contains(why))).count()
    };
    until(async || told() > 0).await;
    branch.run("alter table elsewhere rename to idempotencia").await;
    until(async || kept(&branch).await == 0).await;
    assert_eq!(told(), 1);
    branch.pool.close().await;
    timeout(PATIENCE, reaper).await.unwrap().unwrap();
}

/// One that looks ten times a second.
fn start_reaper<DB: Bank>(branch: &Branch<DB>) -> JoinHandle<()> {
    branch.store.clone().with_ttl(Duration::from_secs(1)).start_reaper()
}

/// More than a statement deletes; how many, which tells the database too.
async fn keep_old_ones<DB: Bank>(branch: &Branch<DB>) -> u64 {
    branch.run(if DB::NAME == "PostgreSQL" { OLD_ON_POSTGRES } else { OLD_ON_SQLITE }).await
}

const OLD_ON_POSTGRES: &str = "
    insert into idempotencia (sujeto, operacion, clave, huella, idioma, resultado, created_at)
    select '', 'POST /depositos', n, '', 'es', '', '2020-01-01' from generate_series(1, 1234) as old (n)";

const OLD_ON_SQLITE: &str = "
    with recursive old (n) as (select 1 union all select n + 1 from old where n < 1111)
    insert into idempotencia (sujeto, operacion, clave, huella, idioma, resultado, created_at)
    select '', 'POST /depositos', n, '', 'es', '', 0 from old";

fn text_of<DB: Bank>() -> &'static str {
    if DB::NAME == "PostgreSQL" { POSTGRES_MIGRATION } else { SQLITE_MIGRATION }
}

async fn kept<DB: Bank>(branch: &Branch<DB>) -> u64 {
    branch.run("update idempotencia set clave = clave").await
}

async fn until(mut it_holds: impl AsyncFnMut() -> bool) {
    let asked = async {
        while !it_holds().await {
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(PATIENCE, asked).await.unwrap();
}
