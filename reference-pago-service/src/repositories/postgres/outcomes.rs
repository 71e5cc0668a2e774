//! Kept outcomes in PostgreSQL.

use std::time::Duration;

use sqlx::PgConnection;

use crate::database::{Futuro, PostgresDatabase, RepositoryError};
use crate::repositories::rows::microsegundos;
use crate::repositories::{Clave, ClaveRepository, Registro};

/// Kept outcomes in PostgreSQL.
pub(in crate::repositories) struct Claves {
    database: PostgresDatabase,
}

impl Claves {
    pub(in crate::repositories) fn new(database: &PostgresDatabase) -> Self {
        Self { database: database.clone() }
    }
}

impl ClaveRepository for Claves {
    fn buscar(&self, clave: Clave) -> Futuro<'_, Option<Registro>> {
        Box::pin(self.database.run(move |connection| Box::pin(buscar(connection, clave))))
    }

    fn purgar(&self, antiguedad: Duration, maximo: u32) -> Futuro<'_, u64> {
        Box::pin(self.database.run(move |connection| Box::pin(purgar(connection, antiguedad, maximo))))
    }
}

async fn buscar(connection: &mut PgConnection, clave: Clave) -> Result<Option<Registro>, RepositoryError> {
    let registro =
        sqlx::query_as("select huella, idioma, resultado from idempotencia where sujeto = $1 and operacion = $2 and clave = $3")
            .bind(clave.sujeto())
            .bind(clave.operacion())
            .bind(clave.texto())
            .fetch_optional(connection)
            .await?;
    Ok(registro)
}

/// What another instance is deleting is left to it.
const PURGAR: &str = "
    delete from idempotencia where created_at <= now() - $1 * interval '1 microsecond' and (sujeto, operacion, clave) in (
        select sujeto, operacion, clave from idempotencia
        where created_at <= now() - $1 * interval '1 microsecond'
        order by created_at limit $2 for update skip locked
    )";

async fn purgar(connection: &mut PgConnection, antiguedad: Duration, maximo: u32) -> Result<u64, RepositoryError> {
    fechar(connection, antiguedad, maximo).await?;
    let purga = sqlx::query(PURGAR).bind(microsegundos(antiguedad)).bind(i64::from(maximo)).execute(connection).await?;
    Ok(purga.rows_affected())
}

const FECHAR: &str = "
    update idempotencia set created_at = now() where (sujeto, operacion, clave) in (
        select sujeto, operacion, clave from idempotencia
        where created_at > now() + $1 * interval '1 microsecond' limit $2 for update skip locked
    )";

/// Dates anew what a clock that was far ahead has dated: it would be kept until that day, and how old it is nobody knows.
async fn fechar(connection: &mut PgConnection, antiguedad: Duration, maximo: u32) -> Result<(), RepositoryError> {
    sqlx::query(FECHAR).bind(microsegundos(antiguedad)).bind(i64::from(maximo)).execute(connection).await?;
    Ok(())
}
