//! Clientes in PostgreSQL.

use std::sync::Arc;

use sqlx::PgConnection;
use standards_core::idempotency::{Keyed, KeyedRequest};

use super::readers::Readers;
use super::recargas::credit;
use crate::database::{BoxFuture, PostgresDatabase, RepositoryError};
use crate::models::{
    Cliente, ClienteError, ClienteFilter, ClienteId, DeletionError, Email, NewCliente, Nombre, Page, PositiveMonto, RecargaError,
};
use crate::repositories::ClienteRepository;
use crate::repositories::rows::{ClienteRow, all};

/// Clientes in PostgreSQL.
pub(in crate::repositories) struct Clientes {
    database: PostgresDatabase,
    readers: Readers,
}

impl Clientes {
    pub(in crate::repositories) fn new(database: &PostgresDatabase) -> Self {
        Self { database: database.clone(), readers: Readers::new(database) }
    }
}

impl ClienteRepository for Clientes {
    fn create(&self, new: NewCliente) -> BoxFuture<'_, Result<Cliente, ClienteError>> {
        Box::pin(self.database.run(move |connection| Box::pin(create(connection, new))))
    }

    fn get(&self, id: ClienteId) -> BoxFuture<'_, Option<Cliente>> {
        Box::pin(self.readers.get(id))
    }

    fn list(&self, filter: ClienteFilter) -> BoxFuture<'_, Vec<Cliente>> {
        Box::pin(self.database.run(move |connection| Box::pin(list(connection, filter))))
    }

    fn update(&self, id: ClienteId, nombre: Nombre, email: Email) -> BoxFuture<'_, Result<Option<Cliente>, ClienteError>> {
        Box::pin(self.database.run(move |connection| Box::pin(update(connection, id, nombre, email))))
    }

    fn delete(&self, id: ClienteId) -> BoxFuture<'_, Result<Option<()>, DeletionError>> {
        Box::pin(self.database.run(move |connection| Box::pin(delete(connection, id))))
    }

    fn credit(
        &self,
        id: ClienteId,
        monto: PositiveMonto,
        key: Option<Arc<KeyedRequest>>,
    ) -> BoxFuture<'_, Keyed<Result<Cliente, RecargaError>>> {
        Box::pin(self.database.run(move |connection| Box::pin(credit(connection, id, monto, key))))
    }
}

const EMAIL_KEY: &str = "clientes_email_normalizado_key";

const CREATE: &str = "
    with created as (
        insert into clientes (nombre, email, email_normalizado, saldo, moneda)
        values ($1, $2, $3, $4::bigint * 0.01, $5)
        returning id, nombre, email, saldo, moneda, created_at
    ), opening as (
        insert into recargas (cliente_id, monto, created_at)
        select id, saldo, created_at from created where saldo > 0
    )
    select id, nombre, email, (saldo * 100)::bigint as saldo, moneda,
           (extract(epoch from created_at) * 1000000)::bigint as created_at
    from created";

async fn create(connection: &mut PgConnection, new: NewCliente) -> Result<Result<Cliente, ClienteError>, RepositoryError> {
    let row = sqlx::query_as::<_, ClienteRow>(CREATE)
        .bind(new.nombre.as_str())
        .bind(new.email.as_str())
        .bind(new.email.normalized())
        .bind(new.saldo.hundredths())
        .bind(new.moneda.as_str())
        .fetch_all(connection)
        .await;
    match row.and_then(only_one).map_err(RepositoryError::from) {
        Ok(row) => Ok(Ok(row.try_into()?)),
        Err(error) if error.violates(EMAIL_KEY) => Ok(Err(ClienteError::EmailDuplicado)),
        Err(error) => Err(error),
    }
}

async fn list(connection: &mut PgConnection, filter: ClienteFilter) -> Result<Vec<Cliente>, RepositoryError> {
    match filter.email {
        Some(email) => by_email(connection, &email, filter.page).await,
        None => all_by_id(connection, filter.page).await,
    }
}

async fn all_by_id(connection: &mut PgConnection, page: Page) -> Result<Vec<Cliente>, RepositoryError> {
    let rows = sqlx::query_as::<_, ClienteRow>(
        "select id, nombre, email, (saldo * 100)::bigint as saldo, moneda,
                (extract(epoch from created_at) * 1000000)::bigint as created_at
         from clientes where id > $1 order by id offset $2 limit $3",
    )
    .bind(page.after_id)
    .bind(page.skip)
    .bind(page.limit)
    .fetch_all(connection)
    .await?;
    all(rows)
}

async fn by_email(connection: &mut PgConnection, email: &Email, page: Page) -> Result<Vec<Cliente>, RepositoryError> {
    let rows = sqlx::query_as::<_, ClienteRow>(
        "select id, nombre, email, (saldo * 100)::bigint as saldo, moneda,
                (extract(epoch from created_at) * 1000000)::bigint as created_at
         from clientes where email_normalizado = $4 and id > $1 order by id offset $2 limit $3",
    )
    .bind(page.after_id)
    .bind(page.skip)
    .bind(page.limit)
    .bind(email.normalized())
    .fetch_all(connection)
    .await?;
    all(rows)
}

const UPDATE: &str = "
    update clientes set nombre = $2, email = $3, email_normalizado = $4 where id = $1
    returning id, nombre, email, (saldo * 100)::bigint as saldo, moneda,
              (extract(epoch from created_at) * 1000000)::bigint as created_at";

async fn update(
    connection: &mut PgConnection,
    id: ClienteId,
    nombre: Nombre,
    email: Email,
) -> Result<Result<Option<Cliente>, ClienteError>, RepositoryError> {
    let row = sqlx::query_as::<_, ClienteRow>(UPDATE)
        .bind(id.get())
        .bind(nombre.as_str())
        .bind(email.as_str())
        .bind(email.normalized())
        .fetch_all(connection)
        .await;
    match row.map(|mut rows| rows.pop()).map_err(RepositoryError::from) {
        Ok(Some(row)) => Ok(Ok(Some(row.try_into()?))),
        Ok(None) => Ok(Ok(None)),
        Err(error) if error.violates(EMAIL_KEY) => Ok(Err(ClienteError::EmailDuplicado)),
        Err(error) => Err(error),
    }
}

/// The foreign key of pagos decides, not a look beforehand: a pago may arrive in between.
async fn delete(connection: &mut PgConnection, id: ClienteId) -> Result<Result<Option<()>, DeletionError>, RepositoryError> {
    let deleted = sqlx::query("delete from clientes where id = $1").bind(id.get()).execute(connection).await;
    match deleted.map_err(RepositoryError::from) {
        Ok(deleted) if deleted.rows_affected() == 0 => Ok(Ok(None)),
        Ok(_) => Ok(Ok(Some(()))),
        Err(error) if error.violates("pagos_cliente_id_fkey") => Ok(Err(DeletionError::ClienteConPagos { cliente_id: id })),
        Err(error) => Err(error),
    }
}

fn only_one(mut rows: Vec<ClienteRow>) -> Result<ClienteRow, sqlx::Error> {
    rows.pop().ok_or(sqlx::Error::RowNotFound)
}
