//! Pagos in PostgreSQL.

use std::sync::Arc;

use sqlx::PgConnection;
use standards_core::idempotency::{Keyed, KeyedRequest};

use super::annulments::annul;
use super::batch::{self, accepted};
use crate::database::{BoxFuture, Crowd, PostgresDatabase, RepositoryError};
use crate::models::{Accepted, Annulled, AnulacionError, ClienteId, Estado, NewPago, Page, Pago, PagoFilter, PagoId, Verdict};
use crate::repositories::rows::{PagoRow, all};
use crate::repositories::{Batch, LockWait, PagoOrder, PagoRepository};

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
    fn decide(&self, batch: Batch, wait: LockWait) -> BoxFuture<'_, Vec<Result<Keyed<Verdict>, RepositoryError>>> {
        let (database, crowd) = (&self.database, Crowd::of(batch.len()));
        Box::pin(database.run_whole(crowd, move |connection| {
            // Asked once there is a connection, which may be the first one.
            let wait = if database.skip_locked() { wait } else { LockWait::Wait };
            Box::pin(decide(connection, batch, wait))
        }))
    }

    fn system(&self) -> &'static str {
        "postgresql"
    }

    fn annul(&self, id: PagoId, key: Option<Arc<KeyedRequest>>) -> BoxFuture<'_, Keyed<Result<Annulled, AnulacionError>>> {
        Box::pin(self.database.run(move |connection| Box::pin(annul(connection, id, key))))
    }

    fn get(&self, id: PagoId) -> BoxFuture<'_, Option<Pago>> {
        Box::pin(self.database.run(move |connection| Box::pin(get(connection, id))))
    }

    fn list(&self, filter: PagoFilter) -> BoxFuture<'_, Vec<Pago>> {
        Box::pin(self.database.run(move |connection| Box::pin(list(connection, filter))))
    }
}

/// A lone pago without a key, which is what an idle service decides, takes the shortest way.
async fn decide(
    connection: &mut PgConnection,
    batch: Batch,
    wait: LockWait,
) -> Result<Vec<Result<Keyed<Verdict>, RepositoryError>>, RepositoryError> {
    if let ([PagoOrder { pago, key: None }], LockWait::Skip) = (&*batch, wait)
        && let Some(accepted) = pay(connection, pago).await?
    {
        return Ok(vec![accepted.map(|accepted| Keyed::Fresh(Ok(accepted)))]);
    }
    batch::decide(connection, batch, wait).await
}

/// No more than the debit and its pago. Where the pago would be refused, or somebody else holds the cliente's row, nothing is changed
/// and no row is answered.
const PAY: &str = "
    with debit as (
        update clientes set saldo = saldo - $2::bigint * 0.01
        where id = (select id from clientes where id = $1 for no key update skip locked)
            and moneda = $3 and saldo >= $2::bigint * 0.01
        returning id, moneda, saldo
    )
    insert into pagos (cliente_id, monto, moneda, estado)
    select id, $2::bigint * 0.01, moneda, 'PROCESADO' from debit
    returning id, (select (saldo * 100)::bigint from debit), (extract(epoch from created_at) * 1000000)::bigint";

/// Makes the pago, if nothing stands in its way; what does is not told. One that was made and cannot be read is an error of its own.
async fn pay(
    connection: &mut PgConnection,
    pago: &NewPago,
) -> Result<Option<Result<Accepted, RepositoryError>>, RepositoryError> {
    let query = sqlx::query_as::<_, (i64, i64, i64)>(PAY)
        .bind(pago.cliente_id.get())
        .bind(pago.monto.hundredths())
        .bind(pago.moneda.as_str());
    let made = query.fetch_all(connection).await?.pop();
    Ok(made.map(|(id, saldo, created_at)| accepted(pago, id, saldo, created_at)))
}

async fn get(connection: &mut PgConnection, id: PagoId) -> Result<Option<Pago>, RepositoryError> {
    let row = sqlx::query_as::<_, PagoRow>(
        "select id, cliente_id, (monto * 100)::bigint as monto, moneda, estado,
                (extract(epoch from created_at) * 1000000)::bigint as created_at
         from pagos where id = $1",
    )
    .bind(id.get())
    .fetch_optional(connection)
    .await?;
    row.map(Pago::try_from).transpose()
}

/// One statement per filter: `$1 is null or ...` would keep the planner from the indices.
async fn list(connection: &mut PgConnection, filter: PagoFilter) -> Result<Vec<Pago>, RepositoryError> {
    let page = filter.page;
    let rows = match (filter.cliente_id, filter.estado) {
        (None, None) => all_by_id(connection, page).await,
        (Some(cliente), None) => by_cliente(connection, cliente, page).await,
        (None, Some(estado)) => by_estado(connection, estado, page).await,
        (Some(cliente), Some(estado)) => by_cliente_and_estado(connection, cliente, estado, page).await,
    };
    all(rows?)
}

async fn all_by_id(connection: &mut PgConnection, page: Page) -> Result<Vec<PagoRow>, sqlx::Error> {
    sqlx::query_as(
        "select id, cliente_id, (monto * 100)::bigint as monto, moneda, estado,
                (extract(epoch from created_at) * 1000000)::bigint as created_at
         from pagos where id > $1 order by id offset $2 limit $3",
    )
    .bind(page.after_id)
    .bind(page.skip)
    .bind(page.limit)
    .fetch_all(connection)
    .await
}

async fn by_cliente(connection: &mut PgConnection, cliente: ClienteId, page: Page) -> Result<Vec<PagoRow>, sqlx::Error> {
    sqlx::query_as(
        "select id, cliente_id, (monto * 100)::bigint as monto, moneda, estado,
                (extract(epoch from created_at) * 1000000)::bigint as created_at
         from pagos where cliente_id = $4 and id > $1 order by id offset $2 limit $3",
    )
    .bind(page.after_id)
    .bind(page.skip)
    .bind(page.limit)
    .bind(cliente.get())
    .fetch_all(connection)
    .await
}

async fn by_estado(connection: &mut PgConnection, estado: Estado, page: Page) -> Result<Vec<PagoRow>, sqlx::Error> {
    sqlx::query_as(
        "select id, cliente_id, (monto * 100)::bigint as monto, moneda, estado,
                (extract(epoch from created_at) * 1000000)::bigint as created_at
         from pagos where estado = $4 and id > $1 order by id offset $2 limit $3",
    )
    .bind(page.after_id)
    .bind(page.skip)
    .bind(page.limit)
    .bind(estado.as_str())
    .fetch_all(connection)
    .await
}

async fn by_cliente_and_estado(
    connection: &mut PgConnection,
    cliente: ClienteId,
    estado: Estado,
    page: Page,
) -> Result<Vec<PagoRow>, sqlx::Error> {
    sqlx::query_as(
        "select id, cliente_id, (monto * 100)::bigint as monto, moneda, estado,
                (extract(epoch from created_at) * 1000000)::bigint as created_at
         from pagos where cliente_id = $4 and estado = $5 and id > $1 order by id offset $2 limit $3",
    )
    .bind(page.after_id)
    .bind(page.skip)
    .bind(page.limit)
    .bind(cliente.get())
    .bind(estado.as_str())
    .fetch_all(connection)
    .await
}
