//! Clientes in PostgreSQL.

use sqlx::PgConnection;

use super::recargas::recargar;
use crate::database::{BoxFuture, PostgresDatabase, RepositoryError};
use crate::models::{Cliente, ClienteId, Email, NewCliente, Nombre, Page, PositiveMonto};
use crate::repositories::rows::{ClienteRow, todos};
use crate::repositories::{Actualizacion, Clave, ClienteFilter, ClienteRepository, Creacion, Eliminacion, Recarga, Resolucion};

/// Clientes in PostgreSQL.
pub(in crate::repositories) struct Clientes {
    database: PostgresDatabase,
}

impl Clientes {
    pub(in crate::repositories) fn new(database: &PostgresDatabase) -> Self {
        Self { database: database.clone() }
    }
}

impl ClienteRepository for Clientes {
    fn crear(&self, nuevo: NewCliente) -> BoxFuture<'_, Creacion> {
        Box::pin(self.database.run(move |connection| Box::pin(crear(connection, nuevo))))
    }

    fn obtener(&self, id: ClienteId) -> BoxFuture<'_, Option<Cliente>> {
        Box::pin(self.database.run(move |connection| Box::pin(obtener(connection, id))))
    }

    fn listar(&self, filtro: ClienteFilter) -> BoxFuture<'_, Vec<Cliente>> {
        Box::pin(self.database.run(move |connection| Box::pin(listar(connection, filtro))))
    }

    fn actualizar(&self, id: ClienteId, nombre: Nombre, email: Email) -> BoxFuture<'_, Actualizacion> {
        Box::pin(self.database.run(move |connection| Box::pin(actualizar(connection, id, nombre, email))))
    }

    fn eliminar(&self, id: ClienteId) -> BoxFuture<'_, Eliminacion> {
        Box::pin(self.database.run(move |connection| Box::pin(eliminar(connection, id))))
    }

    fn recargar(&self, id: ClienteId, monto: PositiveMonto, clave: Option<Clave>) -> BoxFuture<'_, Resolucion<Recarga>> {
        Box::pin(self.database.run(move |connection| Box::pin(recargar(connection, id, monto, clave))))
    }
}

const EMAIL_KEY: &str = "clientes_email_normalizado_key";

const CREAR: &str = "
    with nuevo as (
        insert into clientes (nombre, email, email_normalizado, saldo, moneda)
        values ($1, $2, $3, $4::bigint * 0.01, $5)
        returning id, nombre, email, saldo, moneda, created_at
    ), apertura as (
        insert into recargas (cliente_id, monto, created_at)
        select id, saldo, created_at from nuevo where saldo > 0
    )
    select id, nombre, email, (saldo * 100)::bigint as saldo, moneda,
           (extract(epoch from created_at) * 1000000)::bigint as created_at
    from nuevo";

async fn crear(connection: &mut PgConnection, nuevo: NewCliente) -> Result<Creacion, RepositoryError> {
    let fila = sqlx::query_as::<_, ClienteRow>(CREAR)
        .bind(nuevo.nombre.as_str())
        .bind(nuevo.email.as_str())
        .bind(nuevo.email.normalized())
        .bind(nuevo.saldo.centavos())
        .bind(nuevo.moneda.as_str())
        .fetch_all(connection)
        .await;
    match fila.and_then(una).map_err(RepositoryError::from) {
        Ok(fila) => Ok(Creacion::Creado(fila.try_into()?)),
        Err(error) if error.violates(EMAIL_KEY) => Ok(Creacion::EmailDuplicado),
        Err(error) => Err(error),
    }
}

async fn obtener(connection: &mut PgConnection, id: ClienteId) -> Result<Option<Cliente>, RepositoryError> {
    let fila = sqlx::query_as::<_, ClienteRow>(
        "select id, nombre, email, (saldo * 100)::bigint as saldo, moneda,
                (extract(epoch from created_at) * 1000000)::bigint as created_at
         from clientes where id = $1",
    )
    .bind(id.get())
    .fetch_optional(connection)
    .await?;
    fila.map(Cliente::try_from).transpose()
}

async fn listar(connection: &mut PgConnection, filtro: ClienteFilter) -> Result<Vec<Cliente>, RepositoryError> {
    match filtro.email {
        Some(email) => por_email(connection, &email, filtro.page).await,
        None => todos_por_id(connection, filtro.page).await,
    }
}

async fn todos_por_id(connection: &mut PgConnection, pagina: Page) -> Result<Vec<Cliente>, RepositoryError> {
    let filas = sqlx::query_as::<_, ClienteRow>(
        "select id, nombre, email, (saldo * 100)::bigint as saldo, moneda,
                (extract(epoch from created_at) * 1000000)::bigint as created_at
         from clientes where id > $1 order by id offset $2 limit $3",
    )
    .bind(pagina.after())
    .bind(pagina.skip.get())
    .bind(pagina.limit.get())
    .fetch_all(connection)
    .await?;
    todos(filas)
}

async fn por_email(connection: &mut PgConnection, email: &Email, pagina: Page) -> Result<Vec<Cliente>, RepositoryError> {
    let filas = sqlx::query_as::<_, ClienteRow>(
        "select id, nombre, email, (saldo * 100)::bigint as saldo, moneda,
                (extract(epoch from created_at) * 1000000)::bigint as created_at
         from clientes where email_normalizado = $4 and id > $1 order by id offset $2 limit $3",
    )
    .bind(pagina.after())
    .bind(pagina.skip.get())
    .bind(pagina.limit.get())
    .bind(email.normalized())
    .fetch_all(connection)
    .await?;
    todos(filas)
}

const ACTUALIZAR: &str = "
    update clientes set nombre = $2, email = $3, email_normalizado = $4 where id = $1
    returning id, nombre, email, (saldo * 100)::bigint as saldo, moneda,
              (extract(epoch from created_at) * 1000000)::bigint as created_at";

async fn actualizar(
    connection: &mut PgConnection,
    id: ClienteId,
    nombre: Nombre,
    email: Email,
) -> Result<Actualizacion, RepositoryError> {
    let fila = sqlx::query_as::<_, ClienteRow>(ACTUALIZAR)
        .bind(id.get())
        .bind(nombre.as_str())
        .bind(email.as_str())
        .bind(email.normalized())
        .fetch_all(connection)
        .await;
    match fila.map(|mut filas| filas.pop()).map_err(RepositoryError::from) {
        Ok(Some(fila)) => Ok(Actualizacion::Actualizado(fila.try_into()?)),
        Ok(None) => Ok(Actualizacion::NoEncontrado),
        Err(error) if error.violates(EMAIL_KEY) => Ok(Actualizacion::EmailDuplicado),
        Err(error) => Err(error),
    }
}

/// The foreign key of pagos decides, not a look beforehand: a pago may arrive in between.
async fn eliminar(connection: &mut PgConnection, id: ClienteId) -> Result<Eliminacion, RepositoryError> {
    let resultado = sqlx::query("delete from clientes where id = $1").bind(id.get()).execute(connection).await;
    match resultado.map_err(RepositoryError::from) {
        Ok(resultado) if resultado.rows_affected() == 0 => Ok(Eliminacion::NoEncontrado),
        Ok(_) => Ok(Eliminacion::Eliminado),
        Err(error) if error.violates("pagos_cliente_id_fkey") => Ok(Eliminacion::ConPagos),
        Err(error) => Err(error),
    }
}

fn una(mut filas: Vec<ClienteRow>) -> Result<ClienteRow, sqlx::Error> {
    filas.pop().ok_or(sqlx::Error::RowNotFound)
}
