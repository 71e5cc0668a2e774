//! The books in PostgreSQL.

use sqlx::{Connection as _, PgConnection};

use crate::database::{PostgresDatabase, RepositoryError};
use crate::repositories::ledger::{Informe, Libro, Violacion, ViolationRow, siguiente};

/// On a connection of its own: the pool's statements end after `DATABASE_STATEMENT_TIMEOUT_MS`.
pub(in crate::repositories) async fn verificar(
    database: &PostgresDatabase,
    informe: Informe<'_>,
) -> Result<Libro, RepositoryError> {
    database.unhurried(async |connection: &mut PgConnection| leer(connection, informe).await).await
}

async fn leer(connection: &mut PgConnection, informe: Informe<'_>) -> Result<Libro, RepositoryError> {
    let mut transaction = connection.begin_with("begin isolation level repeatable read read only").await?;
    let libro = contar(&mut transaction).await?;
    informar(&mut transaction, informe).await?;
    transaction.rollback().await?;
    Ok(libro)
}

async fn contar(connection: &mut PgConnection) -> Result<Libro, sqlx::Error> {
    let (clientes, pagos) =
        sqlx::query_as("select (select count(*) from clientes), (select count(*) from pagos)").fetch_one(connection).await?;
    Ok(Libro { clientes, pagos })
}

/// Each table is read once or twice and no more; `is not true` also finds what is null.
const VIOLACIONES: &str = "
    with abonos as (
        select cliente_id, sum(monto) as total from recargas group by cliente_id
    ), cargos as (
        select cliente_id, sum(monto) as total from pagos where estado = 'PROCESADO' group by cliente_id
    ), cuentas as materialized (
        select id, saldo, coalesce(abonos.total, 0) - coalesce(cargos.total, 0) as esperado,
               (saldo between 0 and 99999999.99) is true as en_rango
        from clientes
        left join abonos on abonos.cliente_id = clientes.id
        left join cargos on cargos.cliente_id = clientes.id
    ), sospechosos as materialized (
        select pagos.*, clientes.moneda as moneda_cliente, clientes.id is null as huerfano,
               (monto > 0 and monto <= 99999999.99) is true as monto_valido,
               (estado in ('PENDIENTE', 'PROCESADO', 'ANULADO')) is true as estado_valido
        from pagos left join clientes on clientes.id = pagos.cliente_id
        where (pagos.moneda = clientes.moneda and monto > 0 and monto <= 99999999.99
               and estado in ('PENDIENTE', 'PROCESADO', 'ANULADO')) is not true
    )
    select 'saldo', id, id, saldo::text, esperado::text from cuentas where saldo is distinct from esperado
    union all
    select 'rango', id, id, saldo::text, null from cuentas where not en_rango
    union all
    select 'monto_pago', id, cliente_id, monto::text, null from sospechosos where not monto_valido
    union all
    select 'estado', id, cliente_id, monto::text, null from sospechosos where not estado_valido
    union all
    select 'moneda', id, cliente_id, monto::text, null
    from sospechosos where not huerfano and moneda is distinct from moneda_cliente
    union all
    select 'pago_sin_cliente', id, coalesce(cliente_id, 0), monto::text, null from sospechosos where huerfano
    union all
    select 'monto_recarga', id, coalesce(cliente_id, 0), monto::text, null
    from recargas where (monto > 0) is not true
    union all
    select 'recarga_sin_cliente', id, coalesce(cliente_id, 0), monto::text, null
    from recargas where not exists (select from clientes where clientes.id = cliente_id)";

async fn informar(connection: &mut PgConnection, informe: Informe<'_>) -> Result<(), RepositoryError> {
    let mut filas = sqlx::query_as::<_, ViolationRow<String>>(VIOLACIONES).fetch(connection);
    while let Some(fila) = siguiente(&mut filas).await? {
        informe(Violacion::leer(fila, |importe| importe)?);
    }
    Ok(())
}
