//! Pagos in SQLite.

use std::sync::Arc;

use sqlx::SqlitePool;
use standards_core::idempotency::{Keyed, KeyedRequest};

use super::annulments::annul;
use super::batch::decide;
use crate::database::{BoxFuture, RepositoryError, SqliteDatabase};
use crate::models::{Annulled, AnulacionError, ClienteId, Estado, Page, Pago, PagoFilter, PagoId, Verdict};
use crate::repositories::rows::{PagoRow, all};
use crate::repositories::{Batch, LockWait, PagoRepository};

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
    fn decide(&self, batch: Batch, _: LockWait) -> BoxFuture<'_, Vec<Result<Keyed<Verdict>, RepositoryError>>> {
        Box::pin(self.database.write_here(move |writer| Box::pin(decide(writer, batch))))
    }

    fn system(&self) -> &'static str {
        "sqlite"
    }

    fn annul(&self, id: PagoId, key: Option<Arc<KeyedRequest>>) -> BoxFuture<'_, Keyed<Result<Annulled, AnulacionError>>> {
        Box::pin(self.database.write(move |writer| Box::pin(annul(writer, id, key))))
    }

    fn get(&self, id: PagoId) -> BoxFuture<'_, Option<Pago>> {
        Box::pin(get(self.database.readers(), id))
    }

    fn list(&self, filter: PagoFilter) -> BoxFuture<'_, Vec<Pago>> {
        Box::pin(list(self.database.readers(), filter))
    }
}

async fn get(readers: &SqlitePool, id: PagoId) -> Result<Option<Pago>, RepositoryError> {
    let row = sqlx::query_as::<_, PagoRow>("select id, cliente_id, monto, moneda, estado, created_at from pagos where id = ?1")
        .bind(id.get())
        .fetch_optional(readers)
        .await?;
    row.map(Pago::try_from).transpose()
}

async fn list(readers: &SqlitePool, filter: PagoFilter) -> Result<Vec<Pago>, RepositoryError> {
    let page = filter.page;
    let rows = match (filter.cliente_id, filter.estado) {
        (None, None) => all_by_id(readers, page).await,
        (Some(cliente), None) => by_cliente(readers, cliente, page).await,
        (None, Some(estado)) => by_estado(readers, estado, page).await,
        (Some(cliente), Some(estado)) => by_cliente_and_estado(readers, cliente, estado, page).await,
    };
    all(rows?)
}

async fn all_by_id(readers: &SqlitePool, page: Page) -> Result<Vec<PagoRow>, sqlx::Error> {
    sqlx::query_as(
        "select id, cliente_id, monto, moneda, estado, created_at
         from pagos where id > ?1 order by id limit ?3 offset ?2",
    )
    .bind(page.after_id)
    .bind(page.skip)
    .bind(page.limit)
    .fetch_all(readers)
    .await
}

async fn by_cliente(readers: &SqlitePool, cliente: ClienteId, page: Page) -> Result<Vec<PagoRow>, sqlx::Error> {
    sqlx::query_as(
        "select id, cliente_id, monto, moneda, estado, created_at
         from pagos where cliente_id = ?4 and id > ?1 order by id limit ?3 offset ?2",
    )
    .bind(page.after_id)
    .bind(page.skip)
    .bind(page.limit)
    .bind(cliente.get())
    .fetch_all(readers)
    .await
}

async fn by_estado(readers: &SqlitePool, estado: Estado, page: Page) -> Result<Vec<PagoRow>, sqlx::Error> {
    sqlx::query_as(
        "select id, cliente_id, monto, moneda, estado, created_at
         from pagos where estado = ?4 and id > ?1 order by id limit ?3 offset ?2",
    )
    .bind(page.after_id)
    .bind(page.skip)
    .bind(page.limit)
    .bind(estado.as_str())
    .fetch_all(readers)
    .await
}

async fn by_cliente_and_estado(
    readers: &SqlitePool,
    cliente: ClienteId,
    estado: Estado,
    page: Page,
) -> Result<Vec<PagoRow>, sqlx::Error> {
    sqlx::query_as(
        "select id, cliente_id, monto, moneda, estado, created_at
         from pagos where cliente_id = ?4 and estado = ?5 and id > ?1 order by id limit ?3 offset ?2",
    )
    .bind(page.after_id)
    .bind(page.skip)
    .bind(page.limit)
    .bind(cliente.get())
    .bind(estado.as_str())
    .fetch_all(readers)
    .await
}
