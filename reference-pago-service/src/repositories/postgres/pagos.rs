//! Pagos in PostgreSQL.

use sqlx::{FromRow, PgConnection};

use crate::database::{Futuro, PostgresDatabase, RepositoryError};
use crate::models::{ClienteId, Estado, NuevoPago, Paginacion, Pago, PagoId};
use crate::repositories::filas::{FilaPago, instante, moneda, monto, pago_id, todos};
use crate::repositories::{Decision, FiltroPagos, PagoRepository};

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
    fn procesar(&self, nuevo: NuevoPago) -> Futuro<'_, Decision> {
        Box::pin(self.database.run(move |connection| Box::pin(procesar(connection, nuevo))))
    }

    fn obtener(&self, id: PagoId) -> Futuro<'_, Option<Pago>> {
        Box::pin(self.database.run(move |connection| Box::pin(obtener(connection, id))))
    }

    fn listar(&self, filtro: FiltroPagos) -> Futuro<'_, Vec<Pago>> {
        Box::pin(self.database.run(move |connection| Box::pin(listar(connection, filtro))))
    }
}

/// `cuenta` waits for the row and then sees its newest version. Everything else decides and counts
/// by what `cuenta` saw: the table itself still shows the statement's snapshot, and PostgreSQL
/// tries the checks on a row made from that before it looks for the newest version.
const PROCESAR: &str = "
    with cuenta as (
        select id, saldo, moneda, $2::bigint * 0.01 as monto
        from clientes where id = $1 for no key update
    ), debito as (
        update clientes
        set saldo = cuenta.saldo - cuenta.monto
        from cuenta
        where clientes.id = cuenta.id and cuenta.moneda = $3 and cuenta.saldo >= cuenta.monto
        returning clientes.id, clientes.saldo
    ), pago as (
        insert into pagos (cliente_id, monto, moneda, estado)
        select cuenta.id, cuenta.monto, cuenta.moneda, 'PROCESADO' from debito join cuenta using (id)
        returning id, cliente_id, created_at
    )
    select (cuenta.saldo * 100)::bigint as saldo, cuenta.moneda,
           (debito.saldo * 100)::bigint as nuevo_saldo, pago.id as pago_id,
           (extract(epoch from pago.created_at) * 1000000)::bigint as created_at
    from cuenta
    left join debito on debito.id = cuenta.id
    left join pago on pago.cliente_id = cuenta.id";

#[derive(FromRow)]
struct FilaDecision {
    saldo: i64,
    moneda: String,
    nuevo_saldo: Option<i64>,
    pago_id: Option<i64>,
    created_at: Option<i64>,
}

async fn procesar(connection: &mut PgConnection, nuevo: NuevoPago) -> Result<Decision, RepositoryError> {
    let fila = sqlx::query_as::<_, FilaDecision>(PROCESAR)
        .bind(nuevo.cliente_id.get())
        .bind(nuevo.monto.centavos())
        .bind(nuevo.moneda.as_str())
        .fetch_optional(connection)
        .await?;
    fila.map_or(Ok(Decision::ClienteNoEncontrado), |fila| decision(&nuevo, &fila))
}

fn decision(nuevo: &NuevoPago, fila: &FilaDecision) -> Result<Decision, RepositoryError> {
    let moneda = moneda(&fila.moneda)?;
    match (fila.nuevo_saldo, fila.pago_id, fila.created_at) {
        (Some(nuevo_saldo), Some(id), Some(created_at)) => {
            Ok(Decision::Aceptado { pago: procesado(nuevo, id, created_at)?, nuevo_saldo: monto(nuevo_saldo)? })
        }
        _ if moneda != nuevo.moneda => Ok(Decision::MonedaNoCoincide { moneda }),
        _ => Ok(Decision::SaldoInsuficiente { saldo: monto(fila.saldo)? }),
    }
}

fn procesado(nuevo: &NuevoPago, id: i64, created_at: i64) -> Result<Pago, RepositoryError> {
    Ok(Pago {
        id: pago_id(id)?,
        cliente_id: nuevo.cliente_id,
        monto: nuevo.monto.monto(),
        moneda: nuevo.moneda,
        estado: Estado::Procesado,
        created_at: instante(created_at)?,
    })
}

async fn obtener(connection: &mut PgConnection, id: PagoId) -> Result<Option<Pago>, RepositoryError> {
    let fila = sqlx::query_as::<_, FilaPago>(
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
async fn listar(connection: &mut PgConnection, filtro: FiltroPagos) -> Result<Vec<Pago>, RepositoryError> {
    let pagina = filtro.paginacion;
    let filas = match (filtro.cliente_id, filtro.estado) {
        (None, None) => todos_por_id(connection, pagina).await,
        (Some(cliente), None) => por_cliente(connection, cliente, pagina).await,
        (None, Some(estado)) => por_estado(connection, estado, pagina).await,
        (Some(cliente), Some(estado)) => por_cliente_y_estado(connection, cliente, estado, pagina).await,
    };
    todos(filas?)
}

async fn todos_por_id(connection: &mut PgConnection, pagina: Paginacion) -> Result<Vec<FilaPago>, sqlx::Error> {
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

async fn por_cliente(
    connection: &mut PgConnection,
    cliente: ClienteId,
    pagina: Paginacion,
) -> Result<Vec<FilaPago>, sqlx::Error> {
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

async fn por_estado(connection: &mut PgConnection, estado: Estado, pagina: Paginacion) -> Result<Vec<FilaPago>, sqlx::Error> {
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
    pagina: Paginacion,
) -> Result<Vec<FilaPago>, sqlx::Error> {
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
