//! Pagos in PostgreSQL.

use sqlx::PgConnection;

use super::annulments::anular;
use super::batch::decidir;
use crate::database::{BoxFuture, PostgresDatabase, RepositoryError};
use crate::models::{ClienteId, Estado, Page, Pago, PagoId};
use crate::repositories::rows::{PagoRow, todos};
use crate::repositories::{Anulacion, Batch, Clave, LockWait, PagoFilter, PagoRepository, Resolucion, Respuesta};

/// Pagos in PostgreSQL.
pub(in crate::repositories) struct Pagos {
    database: PostgresDatabase,
}

impl Pagos {
    pub(in crate::repositories) fn new(database: &PostgresDatabase) -> Self {
        Self { database: database.clone() }
    }
}

impl PagoRepository for Pagos {
    fn decidir(&self, batch: Batch, paciencia: LockWait) -> BoxFuture<'_, Vec<Respuesta>> {
        Box::pin(self.database.run_whole(move |connection| Box::pin(decidir(connection, batch, paciencia))))
    }

    fn anular(&self, id: PagoId, clave: Option<Clave>) -> BoxFuture<'_, Resolucion<Anulacion>> {
        Box::pin(self.database.run(move |connection| Box::pin(anular(connection, id, clave))))
    }

    fn obtener(&self, id: PagoId) -> BoxFuture<'_, Option<Pago>> {
        Box::pin(self.database.run(move |connection| Box::pin(obtener(connection, id))))
    }

    fn listar(&self, filtro: PagoFilter) -> BoxFuture<'_, Vec<Pago>> {
        Box::pin(self.database.run(move |connection| Box::pin(listar(connection, filtro))))
    }
}

async fn obtener(connection: &mut PgConnection, id: PagoId) -> Result<Option<Pago>, RepositoryError> {
    let fila = sqlx::query_as::<_, PagoRow>(
        "select id, cliente_id, (monto * 100)::bigint as monto, moneda, estado,
                (extract(epoch from created_at) * 1000000)::bigint as created_at
         from pagos where id = $1",
    )
    .bind(id.get())
    .fetch_optional(connection)
    .await?;
    fila.map(Pago::try_from).transpose()
}

/// One statement per filter: `$1 is null or ...` would keep the planner from the indices.
async fn listar(connection: &mut PgConnection, filtro: PagoFilter) -> Result<Vec<Pago>, RepositoryError> {
    let pagina = filtro.page;
    let filas = match (filtro.cliente_id, filtro.estado) {
        (None, None) => todos_por_id(connection, pagina).await,
        (Some(cliente), None) => por_cliente(connection, cliente, pagina).await,
        (None, Some(estado)) => por_estado(connection, estado, pagina).await,
        (Some(cliente), Some(estado)) => por_cliente_y_estado(connection, cliente, estado, pagina).await,
    };
    todos(filas?)
}

async fn todos_por_id(connection: &mut PgConnection, pagina: Page) -> Result<Vec<PagoRow>, sqlx::Error> {
    sqlx::query_as(
        "select id, cliente_id, (monto * 100)::bigint as monto, moneda, estado,
                (extract(epoch from created_at) * 1000000)::bigint as created_at
         from pagos where id > $1 order by id offset $2 limit $3",
    )
    .bind(pagina.after())
    .bind(pagina.skip.get())
    .bind(pagina.limit.get())
    .fetch_all(connection)
    .await
}

async fn por_cliente(connection: &mut PgConnection, cliente: ClienteId, pagina: Page) -> Result<Vec<PagoRow>, sqlx::Error> {
    sqlx::query_as(
        "select id, cliente_id, (monto * 100)::bigint as monto, moneda, estado,
                (extract(epoch from created_at) * 1000000)::bigint as created_at
         from pagos where cliente_id = $4 and id > $1 order by id offset $2 limit $3",
    )
    .bind(pagina.after())
    .bind(pagina.skip.get())
    .bind(pagina.limit.get())
    .bind(cliente.get())
    .fetch_all(connection)
    .await
}

async fn por_estado(connection: &mut PgConnection, estado: Estado, pagina: Page) -> Result<Vec<PagoRow>, sqlx::Error> {
    sqlx::query_as(
        "select id, cliente_id, (monto * 100)::bigint as monto, moneda, estado,
                (extract(epoch from created_at) * 1000000)::bigint as created_at
         from pagos where estado = $4 and id > $1 order by id offset $2 limit $3",
    )
    .bind(pagina.after())
    .bind(pagina.skip.get())
    .bind(pagina.limit.get())
    .bind(estado.as_str())
    .fetch_all(connection)
    .await
}

async fn por_cliente_y_estado(
    connection: &mut PgConnection,
    cliente: ClienteId,
    estado: Estado,
    pagina: Page,
) -> Result<Vec<PagoRow>, sqlx::Error> {
    sqlx::query_as(
        "select id, cliente_id, (monto * 100)::bigint as monto, moneda, estado,
                (extract(epoch from created_at) * 1000000)::bigint as created_at
         from pagos where cliente_id = $4 and estado = $5 and id > $1 order by id offset $2 limit $3",
    )
    .bind(pagina.after())
    .bind(pagina.skip.get())
    .bind(pagina.limit.get())
    .bind(cliente.get())
    .bind(estado.as_str())
    .fetch_all(connection)
    .await
}
