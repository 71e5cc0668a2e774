//! Pagos in SQLite.

use sqlx::SqlitePool;

use super::annulments::anular;
use super::batch::decidir;
use super::unit::write;
use crate::database::{BoxFuture, RepositoryError, SqliteDatabase};
use crate::models::{ClienteId, Estado, Page, Pago, PagoId};
use crate::repositories::rows::{PagoRow, todos};
use crate::repositories::{Anulacion, Batch, Clave, LockWait, PagoFilter, PagoRepository, Resolucion, Respuesta};

/// Pagos in SQLite.
pub(in crate::repositories) struct Pagos {
    database: SqliteDatabase,
}

impl Pagos {
    pub(in crate::repositories) fn new(database: &SqliteDatabase) -> Self {
        Self { database: database.clone() }
    }
}

impl PagoRepository for Pagos {
    fn decidir(&self, batch: Batch, _: LockWait) -> BoxFuture<'_, Vec<Respuesta>> {
        Box::pin(write(&self.database, move |writer| Box::pin(decidir(writer, batch))))
    }

    fn anular(&self, id: PagoId, clave: Option<Clave>) -> BoxFuture<'_, Resolucion<Anulacion>> {
        Box::pin(write(&self.database, move |writer| Box::pin(anular(writer, id, clave))))
    }

    fn obtener(&self, id: PagoId) -> BoxFuture<'_, Option<Pago>> {
        Box::pin(obtener(self.database.readers(), id))
    }

    fn listar(&self, filtro: PagoFilter) -> BoxFuture<'_, Vec<Pago>> {
        Box::pin(listar(self.database.readers(), filtro))
    }
}

async fn obtener(readers: &SqlitePool, id: PagoId) -> Result<Option<Pago>, RepositoryError> {
    let fila = sqlx::query_as::<_, PagoRow>("select id, cliente_id, monto, moneda, estado, created_at from pagos where id = ?1")
        .bind(id.get())
        .fetch_optional(readers)
        .await?;
    fila.map(Pago::try_from).transpose()
}

async fn listar(readers: &SqlitePool, filtro: PagoFilter) -> Result<Vec<Pago>, RepositoryError> {
    let pagina = filtro.page;
    let filas = match (filtro.cliente_id, filtro.estado) {
        (None, None) => todos_por_id(readers, pagina).await,
        (Some(cliente), None) => por_cliente(readers, cliente, pagina).await,
        (None, Some(estado)) => por_estado(readers, estado, pagina).await,
        (Some(cliente), Some(estado)) => por_cliente_y_estado(readers, cliente, estado, pagina).await,
    };
    todos(filas?)
}

async fn todos_por_id(readers: &SqlitePool, pagina: Page) -> Result<Vec<PagoRow>, sqlx::Error> {
    sqlx::query_as(
        "select id, cliente_id, monto, moneda, estado, created_at
         from pagos where id > ?1 order by id limit ?3 offset ?2",
    )
    .bind(pagina.after())
    .bind(pagina.skip.get())
    .bind(pagina.limit.get())
    .fetch_all(readers)
    .await
}

async fn por_cliente(readers: &SqlitePool, cliente: ClienteId, pagina: Page) -> Result<Vec<PagoRow>, sqlx::Error> {
    sqlx::query_as(
        "select id, cliente_id, monto, moneda, estado, created_at
         from pagos where cliente_id = ?4 and id > ?1 order by id limit ?3 offset ?2",
    )
    .bind(pagina.after())
    .bind(pagina.skip.get())
    .bind(pagina.limit.get())
    .bind(cliente.get())
    .fetch_all(readers)
    .await
}

async fn por_estado(readers: &SqlitePool, estado: Estado, pagina: Page) -> Result<Vec<PagoRow>, sqlx::Error> {
    sqlx::query_as(
        "select id, cliente_id, monto, moneda, estado, created_at
         from pagos where estado = ?4 and id > ?1 order by id limit ?3 offset ?2",
    )
    .bind(pagina.after())
    .bind(pagina.skip.get())
    .bind(pagina.limit.get())
    .bind(estado.as_str())
    .fetch_all(readers)
    .await
}

async fn por_cliente_y_estado(
    readers: &SqlitePool,
    cliente: ClienteId,
    estado: Estado,
    pagina: Page,
) -> Result<Vec<PagoRow>, sqlx::Error> {
    sqlx::query_as(
        "select id, cliente_id, monto, moneda, estado, created_at
         from pagos where cliente_id = ?4 and estado = ?5 and id > ?1 order by id limit ?3 offset ?2",
    )
    .bind(pagina.after())
    .bind(pagina.skip.get())
    .bind(pagina.limit.get())
    .bind(cliente.get())
    .bind(estado.as_str())
    .fetch_all(readers)
    .await
}
