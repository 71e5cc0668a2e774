//! Kept outcomes in SQLite.

use std::sync::Arc;
use std::time::Duration;

use sqlx::{SqliteConnection, SqlitePool};
use standards_core::idempotency::{Keyed, KeyedRequest};

use super::clock::now;
use crate::database::{BoxFuture, RepositoryError, SqliteDatabase};
use crate::repositories::rows::microseconds;
use crate::repositories::{OutcomeRepository, Stored, StoredOutcome};

/// Kept outcomes in SQLite.
pub(in crate::repositories) struct Outcomes {
    database: SqliteDatabase,
}

impl Outcomes {
    pub(in crate::repositories) fn new(database: &SqliteDatabase) -> Self {
        Self { database: database.clone() }
    }
}

impl OutcomeRepository for Outcomes {
    fn find(&self, key: Arc<KeyedRequest>) -> BoxFuture<'_, Option<StoredOutcome>> {
        Box::pin(async move {
            let mut reader = self.database.readers().acquire().await?;
            find(&mut reader, &key).await
        })
    }

    fn reap(&self, older_than: Duration, at_most: u32) -> BoxFuture<'_, u64> {
        Box::pin(async move {
            // Most of the time there is nothing: to see that takes no writer.
            if !has_work(self.database.readers(), older_than).await? {
                return Ok(0);
            }
            self.database.write(move |writer| Box::pin(reap(writer, older_than, at_most))).await
        })
    }
}

/// What is kept under the key, for a request that is being decided.
pub(super) async fn previous<T: Stored>(
    connection: &mut SqliteConnection,
    key: Option<&KeyedRequest>,
    request: &T::Request,
) -> Result<Option<Keyed<T>>, RepositoryError> {
    let Some(key) = key else { return Ok(None) };
    let stored = find(connection, key).await?;
    stored.map(|stored| stored.read(key, request)).transpose()
}

async fn find(connection: &mut SqliteConnection, key: &KeyedRequest) -> Result<Option<StoredOutcome>, RepositoryError> {
    let scope = key.scope();
    let stored =
        sqlx::query_as("select huella, idioma, resultado from idempotencia where sujeto = ?1 and operacion = ?2 and clave = ?3")
            .bind(scope.subject())
            .bind(scope.operation())
            .bind(scope.key())
            .fetch_optional(connection)
            .await?;
    Ok(stored)
}

const KEEP: &str = "
    insert into idempotencia (sujeto, operacion, clave, huella, idioma, resultado, created_at)
    select value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, ?2 from json_each(?1)";

/// Keeps outcomes, each under its key.
pub(super) async fn keep(writer: &mut SqliteConnection, outcomes: Vec<(&KeyedRequest, String)>) -> Result<(), RepositoryError> {
    if outcomes.is_empty() {
        return Ok(());
    }
    let rows: Vec<_> = outcomes.iter().map(|(key, outcome)| row(key, outcome)).collect();
    let json = serde_json::to_string(&rows).map_err(RepositoryError::internal)?;
    sqlx::query(KEEP).bind(json).bind(now()).execute(writer).await?;
    Ok(())
}

fn row<'o>(key: &'o KeyedRequest, outcome: &'o str) -> [&'o str; 6] {
    let scope = key.scope();
    [scope.subject(), scope.operation(), scope.key(), key.fingerprint(), key.language().tag(), outcome]
}

/// Keeps the outcome of one operation, if it is one to be kept and there is a key.
pub(super) async fn keep_one<T: Stored>(
    writer: &mut SqliteConnection,
    key: Option<&KeyedRequest>,
    outcome: &T,
) -> Result<(), RepositoryError> {
    let Some(key) = key else { return Ok(()) };
    let stored = outcome.write()?.map(|text| (key, text));
    keep(writer, stored.into_iter().collect()).await
}

fn limit(older_than: Duration) -> i64 {
    now().saturating_sub(microseconds(older_than))
}

/// Later than this no key was kept by a clock that was right.
fn future(older_than: Duration) -> i64 {
    now().saturating_add(microseconds(older_than))
}

const HAS_WORK: &str = "
    select exists (select 1 from idempotencia where created_at <= ?1) or exists (select 1 from idempotencia where created_at > ?2)";

async fn has_work(readers: &SqlitePool, older_than: Duration) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar(HAS_WORK).bind(limit(older_than)).bind(future(older_than)).fetch_one(readers).await
}

const REAP: &str = "
    delete from idempotencia where rowid in (
        select rowid from idempotencia where created_at <= ?1 order by created_at limit ?2
    )";

async fn reap(writer: &mut SqliteConnection, older_than: Duration, at_most: u32) -> Result<u64, RepositoryError> {
    redate(writer, older_than, at_most).await?;
    let reaped = sqlx::query(REAP).bind(limit(older_than)).bind(at_most).execute(writer).await?;
    Ok(reaped.rows_affected())
}

const REDATE: &str = "
    update idempotencia set created_at = ?1 where rowid in (select rowid from idempotencia where created_at > ?2 limit ?3)";

/// Dates anew what a clock that was far ahead has dated: it would be kept until that day, and how old it is nobody knows.
async fn redate(writer: &mut SqliteConnection, older_than: Duration, at_most: u32) -> Result<(), RepositoryError> {
    sqlx::query(REDATE).bind(now()).bind(future(older_than)).bind(at_most).execute(writer).await?;
    Ok(())
}
