//! Kept outcomes in PostgreSQL.

use std::time::Duration;

use sqlx::PgConnection;

use crate::database::{BoxFuture, PostgresDatabase, RepositoryError};
use crate::repositories::rows::microsegundos;
use crate::repositories::{Clave, OutcomeRepository, StoredOutcome};

/// Kept outcomes in PostgreSQL.
pub(in crate::repositories) struct Keys {
    database: PostgresDatabase,
}

impl Keys {
    pub(in crate::repositories) fn new(database: &PostgresDatabase) -> Self {
        Self { database: database.clone() }
    }
}

impl OutcomeRepository for Keys {
    fn buscar(&self, clave: Clave) -> BoxFuture<'_, Option<StoredOutcome>> {
        Box::pin(self.database.run(move |connection| Box::pin(buscar(connection, clave))))
    }

    fn reap(&self, older_than: Duration, at_most: u32) -> BoxFuture<'_, u64> {
        Box::pin(self.database.run(move |connection| Box::pin(reap(connection, older_than, at_most))))
    }
}

async fn buscar(connection: &mut PgConnection, clave: Clave) -> Result<Option<StoredOutcome>, RepositoryError> {
    let stored =
        sqlx::query_as("select huella, idioma, resultado from idempotencia where sujeto = $1 and operacion = $2 and clave = $3")
            .bind(clave.sujeto())
            .bind(clave.operacion())
            .bind(clave.texto())
            .fetch_optional(connection)
            .await?;
    Ok(stored)
}

/// What another instance is deleting is left to it.
const PURGAR: &str = "
    delete from idempotencia where created_at <= now() - $1 * interval '1 microsecond' and (sujeto, operacion, clave) in (
        select sujeto, operacion, clave from idempotencia
        where created_at <= now() - $1 * interval '1 microsecond'
        order by created_at limit $2 for update skip locked
    )";

async fn reap(connection: &mut PgConnection, older_than: Duration, at_most: u32) -> Result<u64, RepositoryError> {
    fechar(connection, older_than, at_most).await?;
    let purga = sqlx::query(PURGAR).bind(microsegundos(older_than)).bind(i64::from(at_most)).execute(connection).await?;
    Ok(purga.rows_affected())
}

const FECHAR: &str = "
    update idempotencia set created_at = now() where (sujeto, operacion, clave) in (
        select sujeto, operacion, clave from idempotencia
        where created_at > now() + $1 * interval '1 microsecond' limit $2 for update skip locked
    )";

/// Dates anew what a clock that was far ahead has dated: it would be kept until that day, and how old it is nobody knows.
async fn fechar(connection: &mut PgConnection, older_than: Duration, at_most: u32) -> Result<(), RepositoryError> {
    sqlx::query(FECHAR).bind(microsegundos(older_than)).bind(i64::from(at_most)).execute(connection).await?;
    Ok(())
}
