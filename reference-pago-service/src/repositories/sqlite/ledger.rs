//! The books in SQLite.

use sqlx::{Connection as _, SqliteConnection};

use crate::database::{RepositoryError, SqliteDatabase};
use crate::repositories::ledger::{Informe, Libro, Violacion, ViolationRow, siguiente};

pub(in crate::repositories) async fn verificar(
    database: &SqliteDatabase,
    informe: Informe<'_>,
) -> Result<Libro, RepositoryError> {
    database.check_file()?;
    let mut connection = database.readers().acquire().await?;
    let mut transaction = connection.begin().await?;
    let libro = contar(&mut transaction).await?;
    informar(&mut transaction, informe).await?;
    transaction.rollback().await?;
    Ok(libro)
}

async fn contar(connection: &mut SqliteConnection) -> Result<Libro, sqlx::Error> {
    let (clientes, pagos) =
        sqlx::query_as("select (select count(*) from clientes), (select count(*) from pagos)").fetch_one(connection).await?;
    Ok(Libro { clientes, pagos })
}

/// As on PostgreSQL, in hundredths.
const VIOLACIONES: &str = "
    with abonos as (
        select cliente_id, sum(monto) as total from recargas group by cliente_id
    ), cargos as (
        select cliente_id, sum(monto) as total from pagos where estado = 'PROCESADO' group by cliente_id
    ), cuentas as materialized (
        select id, saldo, coalesce(abonos.total, 0) - coalesce(cargos.total, 0) as esperado,
               (saldo between 0 and 9999999999) is true as en_rango
        from clientes
        left join abonos on abonos.cliente_id = clientes.id
        left join cargos on cargos.cliente_id = clientes.id
    ), sospechosos as materialized (
        select pagos.*, clientes.moneda as moneda_cliente, clientes.id is null as huerfano,
               (monto between 1 and 9999999999) is true as monto_valido,
               (estado in ('PENDIENTE', 'PROCESADO', 'ANULADO')) is true as estado_valido
        from pagos left join clientes on clientes.id = pagos.cliente_id
        where (pagos.moneda = clientes.moneda and monto between 1 and 9999999999
               and estado in ('PENDIENTE', 'PROCESADO', 'ANULADO')) is not true
    )
    select 'saldo', id, id, saldo, esperado from cuentas where saldo is not esperado
    union all
    select 'rango', id, id, saldo, null from cuentas where not en_rango
    union all
    select 'monto_pago', id, cliente_id, monto, null from sospechosos where not monto_valido
    union all
    select 'estado', id, cliente_id, monto, null from sospechosos where not estado_valido
    union all
    select 'moneda', id, cliente_id, monto, null
    from sospechosos where not huerfano and moneda is not moneda_cliente
    union all
    select 'pago_sin_cliente', id, cliente_id, monto, null from sospechosos where huerfano
    union all
    select 'monto_recarga', id, cliente_id, monto, null from recargas where (monto > 0) is not true
    union all
    select 'recarga_sin_cliente', id, cliente_id, monto, null
    from recargas where not exists (select 1 from clientes where clientes.id = cliente_id)";

async fn informar(connection: &mut SqliteConnection, informe: Informe<'_>) -> Result<(), RepositoryError> {
    let mut filas = sqlx::query_as::<_, ViolationRow<i64>>(VIOLACIONES).fetch(connection);
    while let Some(fila) = siguiente(&mut filas).await? {
        informe(Violacion::leer(fila, decimal)?);
    }
    Ok(())
}

/// Hundredths with two decimals, of any sign and size.
fn decimal(centavos: i64) -> String {
    let sign = if centavos < 0 { "-" } else { "" };
    let magnitude = centavos.unsigned_abs();
    format!("{sign}{}.{:02}", magnitude / 100, magnitude % 100)
}

#[cfg(test)]
mod tests {
    use super::decimal;

    #[test]
    fn an_amount_of_any_sign_and_size_has_two_decimals() {
        assert_eq!(decimal(10_050), "100.50");
        assert_eq!(decimal(-1), "-0.01");
        assert_eq!(decimal(i64::MIN), "-92233720368547758.08");
    }
}
