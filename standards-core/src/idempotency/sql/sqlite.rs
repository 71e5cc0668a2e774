//! Outcomes in SQLite.

use std::time::{Duration, SystemTime};

use sqlx::{Sqlite, SqliteConnection, SqlitePool, Transaction};

use super::SqlStore;
use super::engine::{Columns, Row, Statements, microseconds};

/// Makes the table `idempotencia` where there is none: what [`migrate`](SqlStore::migrate) runs, for a migration of the service's own.
///
/// It may be run twice, and by two instances at once. Its text stays as it is, for `sqlx`'s migrator keeps its checksum.
pub const SQLITE_MIGRATION: &str = include_str!("sqlite.sql");

/// Outcomes in a SQLite database.
pub type SqliteStore = SqlStore<Sqlite>;

impl Statements for Sqlite {
    const MIGRATION: &'static str = SQLITE_MIGRATION;

    /// One that reads first and writes later would fail where another has written in between.
    async fn begin(pool: &SqlitePool) -> sqlx::Result<Transaction<'static, Self>> {
        pool.begin_with("begin immediate").await
    }

    /// Who may write is alone.
    async fn lock(_: &mut SqliteConnection, _: &Columns<'_>) -> sqlx::Result<bool> {
        Ok(true)
    }

    async fn find(connection: &mut SqliteConnection, key: &Columns<'_>, ttl: Duration) -> sqlx::Result<Option<Row>> {
        sqlx::query_as(FIND)
            .bind(&*key.subject)
            .bind(&*key.operation)
            .bind(key.key)
            .bind(limit(ttl))
            .fetch_optional(connection)
            .await
    }

    async fn keep(connection: &mut SqliteConnection, key: &Columns<'_>, outcome: &str, ttl: Duration) -> sqlx::Result<bool> {
        let kept = sqlx::query(KEEP)
            .bind(&*key.subject)
            .bind(&*key.operation)
            .bind(key.key)
            .bind(&key.fingerprint)
            .bind(key.language.tag())
            .bind(outcome)
            .bind(now())
            .bind(limit(ttl))
            .execute(connection)
            .await?;
        Ok(kept.rows_affected() == 1)
    }

    async fn execute(connection: &mut SqliteConnection, statement: &'static str) -> sqlx::Result<()> {
        sqlx::raw_sql(statement).execute(connection).await.map(drop)
    }

    async fn reap(pool: &SqlitePool, older_than: Duration, at_most: u32) -> sqlx::Result<u64> {
        let ahead = now().saturating_add(microseconds(older_than));
        sqlx::query(REDATE).bind(now()).bind(ahead).bind(at_most).execute(pool).await?;
        let reaped = sqlx::query(REAP).bind(limit(older_than)).bind(at_most).execute(pool).await?;
        Ok(reaped.rows_affected())
    }
}

const FIND: &str = "
    select huella, idioma, resultado from idempotencia
    where sujeto = ?1 and operacion = ?2 and clave = ?3 and created_at > ?4";

const KEEP: &str = "
    insert into idempotencia (sujeto, operacion, clave, huella, idioma, resultado, created_at)
    values (?1, ?2, ?3, ?4, ?5, ?6, ?7)
    on conflict (sujeto, operacion, clave) do update set
        huella = excluded.huella, idioma = excluded.idioma, resultado = excluded.resultado, created_at = excluded.created_at
    where idempotencia.created_at <= ?8";

/// What a clock that was far ahead has dated counts from now on: it would be kept until that day.
const REDATE: &str = "
    update idempotencia set created_at = ?1 where rowid in (select rowid from idempotencia where created_at > ?2 limit ?3)";

const REAP: &str = "
    delete from idempotencia where rowid in (
        select rowid from idempotencia where created_at <= ?1 order by created_at limit ?2
    )";

/// Microseconds since 1970-01-01T00:00:00Z.
fn now() -> i64 {
    microseconds(SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default())
}

/// What is not younger than this is older than that.
fn limit(older_than: Duration) -> i64 {
    now().saturating_sub(microseconds(older_than))
}
