//! Outcomes in PostgreSQL, which grow old by its clock.

use std::time::Duration;

use sqlx::{PgConnection, PgPool, Postgres, Transaction};

use super::SqlStore;
use super::engine::{Columns, Row, Statements, microseconds, number_of};

/// Makes the table `idempotencia` where there is none: what [`migrate`](SqlStore::migrate) runs, for a migration of the service's own.
///
/// It may be run twice, and by two instances at once. Its text stays as it is, for `sqlx`'s migrator keeps its checksum.
pub const POSTGRES_MIGRATION: &str = include_str!("postgres.sql");

/// Outcomes in a PostgreSQL database.
pub type PostgresStore = SqlStore<Postgres>;

impl Statements for Postgres {
    const MIGRATION: &'static str = POSTGRES_MIGRATION;

    async fn begin(pool: &PgPool) -> sqlx::Result<Transaction<'static, Self>> {
        pool.begin().await
    }

    /// It ends with the transaction, so a pooler may stand between.
    async fn lock(connection: &mut PgConnection, key: &Columns<'_>) -> sqlx::Result<bool> {
        sqlx::query_scalar(LOCK).bind(number_of(key)).fetch_one(connection).await
    }

    async fn find(connection: &mut PgConnection, key: &Columns<'_>, ttl: Duration) -> sqlx::Result<Option<Row>> {
        sqlx::query_as(FIND)
            .bind(&*key.subject)
            .bind(&*key.operation)
            .bind(key.key)
            .bind(microseconds(ttl))
            .fetch_optional(connection)
            .await
    }

    async fn keep(connection: &mut PgConnection, key: &Columns<'_>, outcome: &str, ttl: Duration) -> sqlx::Result<bool> {
        let kept = sqlx::query(KEEP)
            .bind(&*key.subject)
            .bind(&*key.operation)
            .bind(key.key)
            .bind(&key.fingerprint)
            .bind(key.language.tag())
            .bind(outcome)
            .bind(microseconds(ttl))
            .execute(connection)
            .await?;
        Ok(kept.rows_affected() == 1)
    }

    async fn execute(connection: &mut PgConnection, statement: &'static str) -> sqlx::Result<()> {
        sqlx::raw_sql(statement).execute(connection).await.map(drop)
    }

    async fn reap(pool: &PgPool, older_than: Duration, at_most: u32) -> sqlx::Result<u64> {
        let (older_than, at_most) = (microseconds(older_than), i64::from(at_most));
        sqlx::query(REDATE).bind(older_than).bind(at_most).execute(pool).await?;
        let reaped = sqlx::query(REAP).bind(older_than).bind(at_most).execute(pool).await?;
        Ok(reaped.rows_affected())
    }
}

/// Tables of other schemas have locks of their own.
const LOCK: &str = "select pg_try_advisory_xact_lock($1 # 'idempotencia'::regclass::oid::bigint)";

const FIND: &str = "
    select huella, idioma, resultado from idempotencia
    where sujeto = $1 and operacion = $2 and clave = $3 and created_at > now() - $4 * interval '1 microsecond'";

const KEEP: &str = "
    insert into idempotencia (sujeto, operacion, clave, huella, idioma, resultado) values ($1, $2, $3, $4, $5, $6)
    on conflict (sujeto, operacion, clave) do update set
        huella = excluded.huella, idioma = excluded.idioma, resultado = excluded.resultado, created_at = excluded.created_at
    where idempotencia.created_at <= now() - $7 * interval '1 microsecond'";

/// What a clock that was far ahead has dated counts from now on: it would be kept until that day.
const REDATE: &str = "
    update idempotencia set created_at = now() where (sujeto, operacion, clave) in (
        select sujeto, operacion, clave from idempotencia
        where created_at > now() + $1 * interval '1 microsecond' limit $2 for update skip locked
    )";

/// What another instance is deleting is left to it.
const REAP: &str = "
    delete from idempotencia where created_at <= now() - $1 * interval '1 microsecond' and (sujeto, operacion, clave) in (
        select sujeto, operacion, clave from idempotencia
        where created_at <= now() - $1 * interval '1 microsecond'
        order by created_at limit $2 for update skip locked
    )";
