//! Clientes in SQLite.

use std::sync::Arc;

use sqlx::{SqliteConnection, SqlitePool};
use standards_core::idempotency::{Keyed, KeyedRequest};

use super::outcomes::{keep_one, previous};
use crate::database::{BoxFuture, RepositoryError, SqliteDatabase};
use crate::models::{
    Cliente, ClienteError, ClienteFilter, ClienteId, DeletionError, Email, Monto, NewCliente, Nombre, Page, PositiveMonto,
    RecargaError, Timestamp,
};
use crate::repositories::ClienteRepository;
use crate::repositories::rows::{ClienteRow, all};

/// Clientes in SQLite.
pub(in crate::repositories) struct Clientes {
    database: SqliteDatabase,
}

impl Clientes {
    pub(in crate::repositories) fn new(database: &SqliteDatabase) -> Self {
        Self { database: database.clone() }
    }
}

impl ClienteRepository for Clientes {
    fn create(&self, new: NewCliente) -> BoxFuture<'_, Result<Cliente, ClienteError>> {
        Box::pin(self.database.write(move |writer| Box::pin(create(writer, new))))
    }

    fn get(&self, id: ClienteId) -> BoxFuture<'_, Option<Cliente>> {
        Box::pin(async move {
            let mut reader = self.database.readers().acquire().await?;
            get(&mut reader, id).await
        })
    }

    fn list(&self, filter: ClienteFilter) -> BoxFuture<'_, Vec<Cliente>> {
        Box::pin(async move {
            match filter.email {
                Some(email) => by_email(self.database.readers(), &email, filter.page).await,
                None => all_by_id(self.database.readers(), filter.page).await,
            }
        })
    }

    fn update(&self, id: ClienteId, nombre: Nombre, email: Email) -> BoxFuture<'_, Result<Option<Cliente>, ClienteError>> {
        Box::pin(self.database.write(move |writer| Box::pin(update(writer, id, nombre, email))))
    }

    fn delete(&self, id: ClienteId) -> BoxFuture<'_, Result<Option<()>, DeletionError>> {
        Box::pin(self.database.write(move |writer| Box::pin(delete(writer, id))))
    }

    fn credit(
        &self,
        id: ClienteId,
        monto: PositiveMonto,
        key: Option<Arc<KeyedRequest>>,
    ) -> BoxFuture<'_, Keyed<Result<Cliente, RecargaError>>> {
        Box::pin(self.database.write(move |writer| Box::pin(credit_once(writer, id, monto, key))))
    }
}

/// `SQLITE_CONSTRAINT_UNIQUE`; the primary key has a code of its own.
const UNIQUE: &str = "2067";
/// `SQLITE_CONSTRAINT_FOREIGNKEY`.
const FOREIGN_KEY: &str = "787";

async fn create(writer: &mut SqliteConnection, new: NewCliente) -> Result<Result<Cliente, ClienteError>, RepositoryError> {
    let cliente = match insert(writer, &new).await.map_err(RepositoryError::from) {
        Ok(row) => Cliente::try_from(row)?,
        Err(error) if error.violates(UNIQUE) => return Ok(Err(ClienteError::EmailDuplicado)),
        Err(error) => return Err(error),
    };
    if cliente.saldo > Monto::ZERO {
        note_recarga(writer, cliente.id, cliente.saldo, cliente.created_at).await?;
    }
    Ok(Ok(cliente))
}

async fn insert(writer: &mut SqliteConnection, new: &NewCliente) -> Result<ClienteRow, sqlx::Error> {
    sqlx::query_as(
        "insert into clientes (nombre, email, email_normalizado, saldo, moneda, created_at)
         values (?1, ?2, ?3, ?4, ?5, ?6)
         returning id, nombre, email, saldo, moneda, created_at",
    )
    .bind(new.nombre.as_str())
    .bind(new.email.as_str())
    .bind(new.email.normalized())
    .bind(new.saldo.hundredths())
    .bind(new.moneda.as_str())
    .bind(Timestamp::now().microseconds())
    .fetch_one(writer)
    .await
}

async fn note_recarga(
    writer: &mut SqliteConnection,
    id: ClienteId,
    monto: Monto,
    created_at: Timestamp,
) -> Result<(), sqlx::Error> {
    sqlx::query("insert into recargas (cliente_id, monto, created_at) values (?1, ?2, ?3)")
        .bind(id.get())
        .bind(monto.hundredths())
        .bind(created_at.microseconds())
        .execute(writer)
        .await?;
    Ok(())
}

async fn get(connection: &mut SqliteConnection, id: ClienteId) -> Result<Option<Cliente>, RepositoryError> {
    let row = sqlx::query_as::<_, ClienteRow>("select id, nombre, email, saldo, moneda, created_at from clientes where id = ?1")
        .bind(id.get())
        .fetch_optional(connection)
        .await?;
    row.map(Cliente::try_from).transpose()
}

async fn all_by_id(readers: &SqlitePool, page: Page) -> Result<Vec<Cliente>, RepositoryError> {
    let rows = sqlx::query_as::<_, ClienteRow>(
        "select id, nombre, email, saldo, moneda, created_at
         from clientes where id > ?1 order by id limit ?3 offset ?2",
    )
    .bind(page.after_id)
    .bind(page.skip)
    .bind(page.limit)
    .fetch_all(readers)
    .await?;
    all(rows)
}

async fn by_email(readers: &SqlitePool, email: &Email, page: Page) -> Result<Vec<Cliente>, RepositoryError> {
    let rows = sqlx::query_as::<_, ClienteRow>(
        "select id, nombre, email, saldo, moneda, created_at
         from clientes where email_normalizado = ?4 and id > ?1 order by id limit ?3 offset ?2",
    )
    .bind(page.after_id)
    .bind(page.skip)
    .bind(page.limit)
    .bind(email.normalized())
    .fetch_all(readers)
    .await?;
    all(rows)
}

async fn update(
    writer: &mut SqliteConnection,
    id: ClienteId,
    nombre: Nombre,
    email: Email,
) -> Result<Result<Option<Cliente>, ClienteError>, RepositoryError> {
    let row = sqlx::query_as::<_, ClienteRow>(
        "update clientes set nombre = ?2, email = ?3, email_normalizado = ?4 where id = ?1
         returning id, nombre, email, saldo, moneda, created_at",
    )
    .bind(id.get())
    .bind(nombre.as_str())
    .bind(email.as_str())
    .bind(email.normalized())
    .fetch_optional(writer)
    .await;
    match row.map_err(RepositoryError::from) {
        Ok(Some(row)) => Ok(Ok(Some(row.try_into()?))),
        Ok(None) => Ok(Ok(None)),
        Err(error) if error.violates(UNIQUE) => Ok(Err(ClienteError::EmailDuplicado)),
        Err(error) => Err(error),
    }
}

async fn delete(writer: &mut SqliteConnection, id: ClienteId) -> Result<Result<Option<()>, DeletionError>, RepositoryError> {
    let deleted = sqlx::query("delete from clientes where id = ?1").bind(id.get()).execute(writer).await;
    match deleted.map_err(RepositoryError::from) {
        Ok(deleted) if deleted.rows_affected() == 0 => Ok(Ok(None)),
        Ok(_) => Ok(Ok(Some(()))),
        // Only pagos refuse: recargas cascade.
        Err(error) if error.violates(FOREIGN_KEY) => Ok(Err(DeletionError::ClienteConPagos { cliente_id: id })),
        Err(error) => Err(error),
    }
}

async fn credit_once(
    writer: &mut SqliteConnection,
    id: ClienteId,
    monto: PositiveMonto,
    key: Option<Arc<KeyedRequest>>,
) -> Result<Keyed<Result<Cliente, RecargaError>>, RepositoryError> {
    if let Some(previous) = previous(writer, key.as_deref(), &(id, monto)).await? {
        return Ok(previous);
    }
    let verdict = credit(writer, id, monto).await?;
    keep_one(writer, key.as_deref(), &verdict).await?;
    Ok(Keyed::Fresh(verdict))
}

async fn credit(
    writer: &mut SqliteConnection,
    id: ClienteId,
    monto: PositiveMonto,
) -> Result<Result<Cliente, RecargaError>, RepositoryError> {
    let Some(mut cliente) = get(writer, id).await? else {
        return Ok(Err(RecargaError::ClienteNoEncontrado { cliente_id: id }));
    };
    let Some(saldo) = cliente.saldo.checked_add(monto.monto()) else {
        return Ok(Err(RecargaError::SaldoExcedido { monto: monto.monto() }));
    };
    add_to_balance(writer, id, monto).await?;
    note_recarga(writer, id, monto.monto(), Timestamp::now()).await?;
    cliente.saldo = saldo;
    Ok(Ok(cliente))
}

async fn add_to_balance(writer: &mut SqliteConnection, id: ClienteId, monto: PositiveMonto) -> Result<(), sqlx::Error> {
    sqlx::query("update clientes set saldo = saldo + ?2 where id = ?1")
        .bind(id.get())
        .bind(monto.hundredths())
        .execute(writer)
        .await?;
    Ok(())
}
