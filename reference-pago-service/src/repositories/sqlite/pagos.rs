//! Pagos in SQLite.

use sqlx::{SqliteConnection, SqlitePool};

use super::unit::write;
use crate::database::{Futuro, RepositoryError, SqliteDatabase};
use crate::models::{ClienteId, Estado, Instante, Moneda, Monto, NuevoPago, Paginacion, Pago, PagoId};
use crate::repositories::filas::{FilaPago, moneda, monto, todos};
use crate::repositories::{Decision, FiltroPagos, PagoRepository};

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
    fn procesar(&self, nuevo: NuevoPago) -> Futuro<'_, Decision> {
        Box::pin(write(&self.database, move |writer| Box::pin(procesar(writer, nuevo))))
    }

    fn obtener(&self, id: PagoId) -> Futuro<'_, Option<Pago>> {
        Box::pin(obtener(self.database.readers(), id))
    }

    fn listar(&self, filtro: FiltroPagos) -> Futuro<'_, Vec<Pago>> {
        Box::pin(listar(self.database.readers(), filtro))
    }
}

struct Cuenta {
    saldo: Monto,
    moneda: Moneda,
}

async fn procesar(writer: &mut SqliteConnection, nuevo: NuevoPago) -> Result<Decision, RepositoryError> {
    let Some(cuenta) = leer_cuenta(writer, nuevo.cliente_id).await? else {
        return Ok(Decision::ClienteNoEncontrado);
    };
    match decidir(&cuenta, &nuevo) {
        Ok(nuevo_saldo) => {
            debitar(writer, &nuevo).await?;
            let pago = registrar(writer, &nuevo).await?.try_into()?;
            Ok(Decision::Aceptado { pago, nuevo_saldo })
        }
        Err(refusal) => Ok(refusal),
    }
}

/// The balance that the pago leaves, or why it is refused.
fn decidir(cuenta: &Cuenta, nuevo: &NuevoPago) -> Result<Monto, Decision> {
    if cuenta.moneda != nuevo.moneda {
        return Err(Decision::MonedaNoCoincide { moneda: cuenta.moneda });
    }
    let saldo = cuenta.saldo;
    saldo.checked_sub(nuevo.monto.monto()).ok_or(Decision::SaldoInsuficiente { saldo })
}

async fn leer_cuenta(writer: &mut SqliteConnection, id: ClienteId) -> Result<Option<Cuenta>, RepositoryError> {
    let fila = sqlx::query_as::<_, (i64, String)>("select saldo, moneda from clientes where id = ?1")
        .bind(id.get())
        .fetch_optional(writer)
        .await?;
    fila.map(|(saldo, codigo)| Ok(Cuenta { saldo: monto(saldo)?, moneda: moneda(&codigo)? })).transpose()
}

async fn debitar(writer: &mut SqliteConnection, nuevo: &NuevoPago) -> Result<(), sqlx::Error> {
    sqlx::query("update clientes set saldo = saldo - ?2 where id = ?1")
        .bind(nuevo.cliente_id.get())
        .bind(nuevo.monto.centavos())
        .execute(writer)
        .await?;
    Ok(())
}

async fn registrar(writer: &mut SqliteConnection, nuevo: &NuevoPago) -> Result<FilaPago, sqlx::Error> {
    sqlx::query_as(
        "insert into pagos (cliente_id, monto, moneda, estado, created_at, updated_at)
         values (?1, ?2, ?3, ?4, ?5, ?5)
         returning id, cliente_id, monto, moneda, estado, created_at",
    )
    .bind(nuevo.cliente_id.get())
    .bind(nuevo.monto.centavos())
    .bind(nuevo.moneda.as_str())
    .bind(Estado::Procesado.as_str())
    .bind(Instante::now().microseconds())
    .fetch_one(writer)
    .await
}

async fn obtener(readers: &SqlitePool, id: PagoId) -> Result<Option<Pago>, RepositoryError> {
    let fila = sqlx::query_as::<_, FilaPago>("select id, cliente_id, monto, moneda, estado, created_at from pagos where id = ?1")
        .bind(id.get())
        .fetch_optional(readers)
        .await?;
    fila.map(Pago::try_from).transpose()
}

async fn listar(readers: &SqlitePool, filtro: FiltroPagos) -> Result<Vec<Pago>, RepositoryError> {
    let pagina = filtro.paginacion;
    let filas = match (filtro.cliente_id, filtro.estado) {
        (None, None) => todos_por_id(readers, pagina).await,
        (Some(cliente), None) => por_cliente(readers, cliente, pagina).await,
        (None, Some(estado)) => por_estado(readers, estado, pagina).await,
        (Some(cliente), Some(estado)) => por_cliente_y_estado(readers, cliente, estado, pagina).await,
    };
    todos(filas?)
}

async fn todos_por_id(readers: &SqlitePool, pagina: Paginacion) -> Result<Vec<FilaPago>, sqlx::Error> {
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

async fn por_cliente(readers: &SqlitePool, cliente: ClienteId, pagina: Paginacion) -> Result<Vec<FilaPago>, sqlx::Error> {
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

async fn por_estado(readers: &SqlitePool, estado: Estado, pagina: Paginacion) -> Result<Vec<FilaPago>, sqlx::Error> {
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
    pagina: Paginacion,
) -> Result<Vec<FilaPago>, sqlx::Error> {
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
