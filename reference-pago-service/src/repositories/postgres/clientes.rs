//! Clientes in PostgreSQL.

use sqlx::PgConnection;

use crate::database::{Futuro, PostgresDatabase, RepositoryError};
use crate::models::{Cliente, ClienteId, Email, MontoPositivo, Nombre, NuevoCliente, Paginacion};
use crate::repositories::filas::{FilaCliente, todos};
use crate::repositories::{Actualizacion, ClienteRepository, Creacion, Eliminacion, FiltroClientes, Recarga};

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
    fn crear(&self, nuevo: NuevoCliente) -> Futuro<'_, Creacion> {
        Box::pin(self.database.run(move |connection| Box::pin(crear(connection, nuevo))))
    }

    fn obtener(&self, id: ClienteId) -> Futuro<'_, Option<Cliente>> {
        Box::pin(self.database.run(move |connection| Box::pin(obtener(connection, id))))
    }

    fn listar(&self, filtro: FiltroClientes) -> Futuro<'_, Vec<Cliente>> {
        Box::pin(self.database.run(move |connection| Box::pin(listar(connection, filtro))))
    }

    fn actualizar(&self, id: ClienteId, nombre: Nombre, email: Email) -> Futuro<'_, Actualizacion> {
        Box::pin(self.database.run(move |connection| Box::pin(actualizar(connection, id, nombre, email))))
    }

    fn eliminar(&self, id: ClienteId) -> Futuro<'_, Eliminacion> {
        Box::pin(self.database.run(move |connection| Box::pin(eliminar(connection, id))))
    }

    fn recargar(&self, id: ClienteId, monto: MontoPositivo) -> Futuro<'_, Recarga> {
        Box::pin(self.database.run(move |connection| Box::pin(recargar(connection, id, monto))))
    }
}

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

async fn crear(connection: &mut PgConnection, nuevo: NuevoCliente) -> Result<Creacion, RepositoryError> {
    let fila = sqlx::query_as::<_, FilaCliente>(CREAR)
        .bind(nuevo.nombre.as_str())
        .bind(nuevo.email.as_str())
        .bind(nuevo.email.normalized())
        .bind(nuevo.saldo.centavos())
        .bind(nuevo.moneda.as_str())
        .fetch_one(connection)
        .await;
    match fila {
        Ok(fila) => Ok(Creacion::Creado(fila.try_into()?)),
        Err(error) if is_email_duplicado(&error) => Ok(Creacion::EmailDuplicado),
        Err(error) => Err(error.into()),
    }
}

async fn obtener(connection: &mut PgConnection, id: ClienteId) -> Result<Option<Cliente>, RepositoryError> {
    let fila = sqlx::query_as::<_, FilaCliente>(
        "select id, nombre, email, (saldo * 100)::bigint as saldo, moneda,
                (extract(epoch from created_at) * 1000000)::bigint as created_at
         from clientes where id = $1",
    )
    .bind(id.get())
    .fetch_optional(connection)
    .await?;
    fila.map(Cliente::try_from).transpose()
}

async fn listar(connection: &mut PgConnection, filtro: FiltroClientes) -> Result<Vec<Cliente>, RepositoryError> {
    match filtro.email {
        Some(email) => por_email(connection, &email, filtro.paginacion).await,
        None => todos_por_id(connection, filtro.paginacion).await,
    }
}

async fn todos_por_id(connection: &mut PgConnection, pagina: Paginacion) -> Result<Vec<Cliente>, RepositoryError> {
    let filas = sqlx::query_as::<_, FilaCliente>(
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

async fn por_email(connection: &mut PgConnection, email: &Email, pagina: Paginacion) -> Result<Vec<Cliente>, RepositoryError> {
    let filas = sqlx::query_as::<_, FilaCliente>(
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
    let fila = sqlx::query_as::<_, FilaCliente>(ACTUALIZAR)
        .bind(id.get())
        .bind(nombre.as_str())
        .bind(email.as_str())
        .bind(email.normalized())
        .fetch_optional(connection)
        .await;
    match fila {
        Ok(Some(fila)) => Ok(Actualizacion::Actualizado(fila.try_into()?)),
        Ok(None) => Ok(Actualizacion::NoEncontrado),
        Err(error) if is_email_duplicado(&error) => Ok(Actualizacion::EmailDuplicado),
        Err(error) => Err(error.into()),
    }
}

/// The foreign key of pagos decides, not a look beforehand: a pago may arrive in between.
async fn eliminar(connection: &mut PgConnection, id: ClienteId) -> Result<Eliminacion, RepositoryError> {
    let resultado = sqlx::query("delete from clientes where id = $1").bind(id.get()).execute(connection).await;
    match resultado {
        Ok(resultado) if resultado.rows_affected() == 0 => Ok(Eliminacion::NoEncontrado),
        Ok(_) => Ok(Eliminacion::Eliminado),
        Err(error) if violates(&error, "pagos_cliente_id_fkey") => Ok(Eliminacion::ConPagos),
        Err(error) => Err(error.into()),
    }
}

/// As with a pago, only `cuenta` sees the newest version of the row.
const RECARGAR: &str = "
    with cuenta as (
        select id, saldo, $2::bigint * 0.01 as monto from clientes where id = $1 for no key update
    ), abono as (
        update clientes
        set saldo = cuenta.saldo + cuenta.monto
        from cuenta
        where clientes.id = cuenta.id and cuenta.saldo + cuenta.monto <= 99999999.99
        returning clientes.id, nombre, email, clientes.saldo, moneda, created_at
    ), registro as (
        insert into recargas (cliente_id, monto)
        select abono.id, cuenta.monto from abono join cuenta using (id)
    )
    select cuenta.id, nombre, email, (abono.saldo * 100)::bigint as saldo, moneda,
           (extract(epoch from created_at) * 1000000)::bigint as created_at
    from cuenta left join abono using (id)";

async fn recargar(connection: &mut PgConnection, id: ClienteId, monto: MontoPositivo) -> Result<Recarga, RepositoryError> {
    let fila = sqlx::query(RECARGAR).bind(id.get()).bind(monto.centavos()).fetch_optional(connection).await?;
    let Some(fila) = fila else {
        return Ok(Recarga::NoEncontrado);
    };
    if sqlx::Row::try_get::<Option<i64>, _>(&fila, "saldo")?.is_none() {
        return Ok(Recarga::SaldoExcedido);
    }
    let fila: FilaCliente = sqlx::FromRow::from_row(&fila)?;
    Ok(Recarga::Recargado(fila.try_into()?))
}

fn is_email_duplicado(error: &sqlx::Error) -> bool {
    violates(error, "clientes_email_normalizado_key")
}

fn violates(error: &sqlx::Error, constraint: &str) -> bool {
    error.as_database_error().and_then(sqlx::error::DatabaseError::constraint) == Some(constraint)
}
