//! Kept outcomes in PostgreSQL.

use std::sync::Arc;
use std::time::Duration;

use sqlx::PgConnection;
use standards_core::idempotency::{Keyed, KeyedRequest};

use crate::database::{BoxFuture, PostgresDatabase, RepositoryError};
use crate::repositories::outcomes::replayed;
use crate::repositories::rows::microseconds;
use crate::repositories::{OutcomeRepository, Stored, StoredOutcome};

/// Kept outcomes in PostgreSQL.
pub(in crate::repositories) struct Outcomes {
    database: PostgresDatabase,
}

impl Outcomes {
    pub(in crate::repositories) fn new(database: &PostgresDatabase) -> Self {
        Self { database: database.clone() }
    }
}

impl OutcomeRepository for Outcomes {
    fn find(&self, key: Arc<KeyedRequest>) -> BoxFuture<'_, Option<StoredOutcome>> {
        Box::pin(self.database.run(move |connection| Box::pin(find(connection, key))))
    }

    fn reap(&self, older_than: Duration, at_most: u32) -> BoxFuture<'_, u64> {
        let skip_locked = self.database.skip_locked();
        Box::pin(self.database.run(move |connection| Box::pin(reap(connection, older_than, at_most, skip_locked))))
    }
}

/// What a statement found under its key, before it did anything.
#[derive(sqlx::FromRow)]
pub(super) struct Previous {
    same: Option<bool>,
    #[sqlx(rename = "idioma")]
    language: Option<String>,
    #[sqlx(rename = "resultado")]
    outcome: Option<String>,
}

impl Previous {
    /// What it comes to for `request`; `None` where nothing was found.
    pub(super) fn answer<T: Stored>(&self, request: &T::Request) -> Result<Option<Keyed<T>>, RepositoryError> {
        let Self { same, language, outcome } = self;
        Ok(match same {
            Some(true) => {
                let (outcome, language) = (outcome.as_deref().unwrap_or_default(), language.as_deref().unwrap_or_default());
                Some(replayed(outcome, language, request)?)
            }
            Some(false) => Some(Keyed::Reused),
            None => None,
        })
    }
}

async fn find(connection: &mut PgConnection, key: Arc<KeyedRequest>) -> Result<Option<StoredOutcome>, RepositoryError> {
    let stored =
        sqlx::query_as("select huella, idioma, resultado from idempotencia where sujeto = $1 and operacion = $2 and clave = $3")
            .bind(key.scope().subject())
            .bind(key.scope().operation())
            .bind(key.scope().key())
            .fetch_optional(connection)
            .await?;
    Ok(stored)
}

/// What another instance is deleting is left to it, or waited for.
macro_rules! reap {
    ($lock:literal) => {
        concat!(
            "
    delete from idempotencia where created_at <= now() - $1 * interval '1 microsecond' and (sujeto, operacion, clave) in (
        select sujeto, operacion, clave from idempotencia
        where created_at <= now() - $1 * interval '1 microsecond'
        order by created_at limit $2 for update ",
            $lock,
            "
    )"
        )
    };
}

/// Dates anew what a clock that was far ahead has dated: it would be kept until that day, and how old it is nobody knows.
macro_rules! redate {
    ($lock:literal) => {
        concat!(
            "
    update idempotencia set created_at = now() where (sujeto, operacion, clave) in (
        select sujeto, operacion, clave from idempotencia
        where created_at > now() + $1 * interval '1 microsecond' limit $2 for update ",
            $lock,
            "
    )"
        )
    };
}

async fn reap(
    connection: &mut PgConnection,
    older_than: Duration,
    at_most: u32,
    skip_locked: bool,
) -> Result<u64, RepositoryError> {
    let statements = if skip_locked { [redate!("skip locked"), reap!("skip locked")] } else { [redate!(""), reap!("")] };
    let mut reaped = 0;
    for statement in statements {
        let done =
            sqlx::query(statement).bind(microseconds(older_than)).bind(i64::from(at_most)).execute(&mut *connection).await?;
        reaped = done.rows_affected();
    }
    Ok(reaped)
}
