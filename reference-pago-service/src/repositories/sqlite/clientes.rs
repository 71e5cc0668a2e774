//! Clientes in SQLite.

use sqlx::{SqliteConnection, SqlitePool};

use super::outcomes::{guardar_uno, previa};
use super::unit::write;
use crate::database::{BoxFuture, RepositoryError, SqliteDatabase};
use crate::models::{Cliente, ClienteId, Email, Monto, NewCliente, Nombre, Page, PositiveMonto, Timestamp};
use crate::repositories::rows::{ClienteRow, todos};
use crate::repositories::{Actualizacion, Clave, ClienteFilter, ClienteRepository, Creacion, Eliminacion, Recarga, Resolucion};

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
    fn crear(&self, nuevo: NewCliente) -> BoxFuture<'_, Creacion> {
        Box::pin(write(&self.database, move |writer| Box::pin(crear(writer, nuevo))))
    }

    fn obtener(&self, id: ClienteId) -> BoxFuture<'_, Option<Cliente>> {
        Box::pin(async move {
            let mut reader = self.database.readers().acquire().await?;
            obtener(&mut reader, id).await
        })
    }

    fn listar(&self, filtro: ClienteFilter) -> BoxFuture<'_, Vec<Cliente>> {
        Box::pin(async move {
            match filtro.email {
                Some(email) => por_email(self.database.readers(), &email, filtro.page).await,
                None => todos_por_id(self.database.readers(), filtro.page).await,
            }
        })
    }

    fn actualizar(&self, id: ClienteId, nombre: Nombre, email: Email) -> BoxFuture<'_, Actualizacion> {
        Box::pin(write(&self.database, move |writer| Box::pin(actualizar(writer, id, nombre, email))))
    }

    fn eliminar(&self, id: ClienteId) -> BoxFuture<'_, Eliminacion> {
        Box::pin(write(&self.database, move |writer| Box::pin(eliminar(writer, id))))
    }

    fn recargar(&self, id: ClienteId, monto: PositiveMonto, clave: Option<Clave>) -> BoxFuture<'_, Resolucion<Recarga>> {
        Box::pin(write(&self.database, move |writer| Box::pin(recargar_una_vez(writer, id, monto, clave))))
    }
}

/// `SQLITE_CONSTRAINT_UNIQUE`; the primary key has a code of its own.
const UNIQUE: &str = "2067";
/// `SQLITE_CONSTRAINT_FOREIGNKEY`.
const FOREIGN_KEY: &str = "787";

async fn crear(writer: &mut SqliteConnection, nuevo: NewCliente) -> Result<Creacion, RepositoryError> {
    let cliente = match insertar(writer, &nuevo).await.map_err(RepositoryError::from) {
        Ok(fila) => Cliente::try_from(fila)?,
        Err(error) if error.violates(UNIQUE) => return Ok(Creacion::EmailDuplicado),
        Err(error) => return Err(error),
    };
    if cliente.saldo > Monto::ZERO {
        registrar_recarga(writer, cliente.id, cliente.saldo, cliente.created_at).await?;
    }
    Ok(Creacion::Creado(cliente))
}

async fn insertar(writer: &mut SqliteConnection, nuevo: &NewCliente) -> Result<ClienteRow, sqlx::Error> {
    sqlx::query_as(
        "insert into clientes (nombre, email, email_normalizado, saldo, moneda, created_at)
         values (?1, ?2, ?3, ?4, ?5, ?6)
         returning id, nombre, email, saldo, moneda, created_at",
    )
    .bind(nuevo.nombre.as_str())
    .bind(nuevo.email.as_str())
    .bind(nuevo.email.normalized())
    .bind(nuevo.saldo.centavos())
    .bind(nuevo.moneda.as_str())
    .bind(Timestamp::now().microseconds())
    .fetch_one(writer)
    .await
}

async fn registrar_recarga(
    writer: &mut SqliteConnection,
    id: ClienteId,
    monto: Monto,
    created_at: Timestamp,
) -> Result<(), sqlx::Error> {
    sqlx::query("insert into recargas (cliente_id, monto, created_at) values (?1, ?2, ?3)")
        .bind(id.get())
        .bind(monto.centavos())
        .bind(created_at.microseconds())
        .execute(writer)
        .await?;
    Ok(())
}

async fn obtener(connection: &mut SqliteConnection, id: ClienteId) -> Result<Option<Cliente>, RepositoryError> {
    let fila = sqlx::query_as::<_, ClienteRow>("select id, nombre, email, saldo, moneda, created_at from clientes where id = ?1")
        .bind(id.get())
        .fetch_optional(connection)
        .await?;
    fila.map(Cliente::try_from).transpose()
}

async fn todos_por_id(readers: &SqlitePool, pagina: Page) -> Result<Vec<Cliente>, RepositoryError> {
    let filas = sqlx::query_as::<_, ClienteRow>(
        "select id, nombre, email, saldo, moneda, created_at
         from clientes where id > ?1 order by id limit ?3 offset ?2",
    )
    .bind(pagina.after())
    .bind(pagina.skip.get())
    .bind(pagina.limit.get())
    .fetch_all(readers)
    .await?;
    todos(filas)
}

async fn por_email(readers: &SqlitePool, email: &Email, pagina: Page) -> Result<Vec<Cliente>, RepositoryError> {
    let filas = sqlx::query_as::<_, ClienteRow>(
        "select id, nombre, email, saldo, moneda, created_at
         from clientes where email_normalizado = ?4 and id > ?1 order by id limit ?3 offset ?2",
    )
    .bind(pagina.after())
    .bind(pagina.skip.get())
    .bind(pagina.limit.get())
    .bind(email.normalized())
    .fetch_all(readers)
    .await?;
    todos(filas)
}

async fn actualizar(
    writer: &mut SqliteConnection,
    id: ClienteId,
    nombre: Nombre,
    email: Email,
) -> Result<Actualizacion, RepositoryError> {
    let fila = sqlx::query_as::<_, ClienteRow>(
        "update clientes set nombre = ?2, email = ?3, email_normalizado = ?4 where id = ?1
         returning id, nombre, email, saldo, moneda, created_at",
    )
    .bind(id.get())
    .bind(nombre.as_str())
    .bind(email.as_str())
    .bind(email.normalized())
    .fetch_optional(writer)
    .await;
    match fila.map_err(RepositoryError::from) {
        Ok(Some(fila)) => Ok(Actualizacion::Actualizado(fila.try_into()?)),
        Ok(None) => Ok(Actualizacion::NoEncontrado),
        Err(error) if error.violates(UNIQUE) => Ok(Actualizacion::EmailDuplicado),
        Err(error) => Err(error),
    }
}

async fn eliminar(writer: &mut SqliteConnection, id: ClienteId) -> Result<Eliminacion, RepositoryError> {
    let resultado = sqlx::query("delete from clientes where id = ?1").bind(id.get()).execute(writer).await;
    match resultado.map_err(RepositoryError::from) {
        Ok(resultado) if resultado.rows_affected() == 0 => Ok(Eliminacion::NoEncontrado),
        Ok(_) => Ok(Eliminacion::Eliminado),
        // Only pagos refuse: recargas cascade.
        Err(error) if error.violates(FOREIGN_KEY) => Ok(Eliminacion::ConPagos),
        Err(error) => Err(error),
    }
}

async fn recargar_una_vez(
    writer: &mut SqliteConnection,
    id: ClienteId,
    monto: PositiveMonto,
    clave: Option<Clave>,
) -> Result<Resolucion<Recarga>, RepositoryError> {
    if let Some(previa) = previa(writer, clave.as_ref()).await? {
        return Ok(previa);
    }
    let recarga = recargar(writer, id, monto).await?;
    guardar_uno(writer, clave.as_ref(), &recarga).await?;
    Ok(Resolucion::Nueva(recarga))
}

async fn recargar(writer: &mut SqliteConnection, id: ClienteId, monto: PositiveMonto) -> Result<Recarga, RepositoryError> {
    let Some(mut cliente) = obtener(writer, id).await? else {
        return Ok(Recarga::NoEncontrado);
    };
    let Some(saldo) = cliente.saldo.checked_add(monto.monto()) else {
        return Ok(Recarga::SaldoExcedido);
    };
    abonar(writer, id, monto).await?;
    registrar_recarga(writer, id, monto.monto(), Timestamp::now()).await?;
    cliente.saldo = saldo;
    Ok(Recarga::Recargado(cliente))
}

async fn abonar(writer: &mut SqliteConnection, id: ClienteId, monto: PositiveMonto) -> Result<(), sqlx::Error> {
    sqlx::query("update clientes set saldo = saldo + ?2 where id = ?1")
        .bind(id.get())
        .bind(monto.centavos())
        .execute(writer)
        .await?;
    Ok(())
}
