//! Kept outcomes in SQLite.

use std::time::Duration;

use sqlx::{SqliteConnection, SqlitePool};

use super::clock::ahora;
use super::unit::write;
use crate::database::{BoxFuture, RepositoryError, SqliteDatabase};
use crate::repositories::rows::microsegundos;
use crate::repositories::{Clave, OutcomeRepository, Resolucion, Stored, StoredOutcome};

/// Kept outcomes in SQLite.
pub(in crate::repositories) struct Keys {
    database: SqliteDatabase,
}

impl Keys {
    pub(in crate::repositories) fn new(database: &SqliteDatabase) -> Self {
        Self { database: database.clone() }
    }
}

impl OutcomeRepository for Keys {
    fn buscar(&self, clave: Clave) -> BoxFuture<'_, Option<StoredOutcome>> {
        Box::pin(async move {
            let mut reader = self.database.readers().acquire().await?;
            buscar(&mut reader, &clave).await
        })
    }

    fn reap(&self, older_than: Duration, at_most: u32) -> BoxFuture<'_, u64> {
        Box::pin(async move {
            // Most of the time there is nothing: to see that takes no writer.
            if !hay_trabajo(self.database.readers(), older_than).await? {
                return Ok(0);
            }
            write(&self.database, move |writer| Box::pin(reap(writer, older_than, at_most))).await
        })
    }
}

/// What is kept under the key, for a request that is being decided.
pub(super) async fn previa<T: Stored>(
    connection: &mut SqliteConnection,
    clave: Option<&Clave>,
) -> Result<Option<Resolucion<T>>, RepositoryError> {
    let Some(clave) = clave else { return Ok(None) };
    let stored = buscar(connection, clave).await?;
    stored.map(|stored| stored.resolver(clave)).transpose()
}

async fn buscar(connection: &mut SqliteConnection, clave: &Clave) -> Result<Option<StoredOutcome>, RepositoryError> {
    let stored =
        sqlx::query_as("select huella, idioma, resultado from idempotencia where sujeto = ?1 and operacion = ?2 and clave = ?3")
            .bind(clave.sujeto())
            .bind(clave.operacion())
            .bind(clave.texto())
            .fetch_optional(connection)
            .await?;
    Ok(stored)
}

const GUARDAR: &str = "
    insert into idempotencia (sujeto, operacion, clave, huella, idioma, resultado, created_at)
    select value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, ?2 from json_each(?1)";

/// Keeps outcomes, each under its key.
pub(super) async fn guardar(writer: &mut SqliteConnection, registros: Vec<(&Clave, String)>) -> Result<(), RepositoryError> {
    if registros.is_empty() {
        return Ok(());
    }
    let fila = |(clave, resultado)| {
        let clave: &Clave = clave;
        [clave.sujeto(), clave.operacion(), clave.texto(), clave.huella(), clave.idioma(), resultado].map(str::to_owned)
    };
    let filas: Vec<_> = registros.iter().map(|(clave, resultado)| fila((clave, resultado.as_str()))).collect();
    let json = serde_json::to_string(&filas).map_err(RepositoryError::internal)?;
    sqlx::query(GUARDAR).bind(json).bind(ahora()).execute(writer).await?;
    Ok(())
}

/// Keeps the outcome of one operation, if it is one to be kept and there is a key.
pub(super) async fn guardar_uno<T: Stored>(
    writer: &mut SqliteConnection,
    clave: Option<&Clave>,
    resultado: &T,
) -> Result<(), RepositoryError> {
    let Some(clave) = clave else { return Ok(()) };
    let stored = resultado.escribir()?.map(|texto| (clave, texto));
    guardar(writer, stored.into_iter().collect()).await
}

fn limite(older_than: Duration) -> i64 {
    ahora().saturating_sub(microsegundos(older_than))
}

/// Later than this no key was kept by a clock that was right.
fn futuro(older_than: Duration) -> i64 {
    ahora().saturating_add(microsegundos(older_than))
}

const HAY_TRABAJO: &str = "
    select exists (select 1 from idempotencia where created_at <= ?1) or exists (select 1 from idempotencia where created_at > ?2)";

async fn hay_trabajo(readers: &SqlitePool, older_than: Duration) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar(HAY_TRABAJO).bind(limite(older_than)).bind(futuro(older_than)).fetch_one(readers).await
}

const PURGAR: &str = "
    delete from idempotencia where rowid in (
        select rowid from idempotencia where created_at <= ?1 order by created_at limit ?2
    )";

async fn reap(writer: &mut SqliteConnection, older_than: Duration, at_most: u32) -> Result<u64, RepositoryError> {
    fechar(writer, older_than, at_most).await?;
    let purga = sqlx::query(PURGAR).bind(limite(older_than)).bind(at_most).execute(writer).await?;
    Ok(purga.rows_affected())
}

const FECHAR: &str = "
    update idempotencia set created_at = ?1 where rowid in (select rowid from idempotencia where created_at > ?2 limit ?3)";

/// Dates anew what a clock that was far ahead has dated: it would be kept until that day, and how old it is nobody knows.
async fn fechar(writer: &mut SqliteConnection, older_than: Duration, at_most: u32) -> Result<(), RepositoryError> {
    sqlx::query(FECHAR).bind(ahora()).bind(futuro(older_than)).bind(at_most).execute(writer).await?;
    Ok(())
}
