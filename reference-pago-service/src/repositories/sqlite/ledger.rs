//! The books in SQLite.

use rust_decimal::Decimal;
use sqlx::{Connection as _, SqliteConnection};

use crate::database::{RepositoryError, SqliteDatabase};
use crate::repositories::ledger::{Ledger, Report, Violation, next_row};

pub(in crate::repositories) async fn verify_ledger(
    database: &SqliteDatabase,
    report: Report<'_>,
) -> Result<Ledger, RepositoryError> {
    database.check_file()?;
    let mut connection = database.readers().acquire().await?;
    let mut transaction = connection.begin().await?;
    let ledger = count(&mut transaction).await?;
    tell(&mut transaction, report).await?;
    transaction.rollback().await?;
    Ok(ledger)
}

async fn count(connection: &mut SqliteConnection) -> Result<Ledger, sqlx::Error> {
    let (clientes, pagos) =
        sqlx::query_as("select (select count(*) from clientes), (select count(*) from pagos)").fetch_one(connection).await?;
    Ok(Ledger { clientes, pagos })
}

/// As on PostgreSQL, in hundredths.
const VIOLATIONS: &str = "
    with credits as (
        select cliente_id, sum(monto) as total from recargas group by cliente_id
    ), debits as (
        select cliente_id, sum(monto) as total from pagos where estado = 'PROCESADO' group by cliente_id
    ), accounts as materialized (
        select id, saldo, coalesce(credits.total, 0) - coalesce(debits.total, 0) as expected,
               (saldo between 0 and 9999999999) is true as in_range
        from clientes
        left join credits on credits.cliente_id = clientes.id
        left join debits on debits.cliente_id = clientes.id
    ), suspects as materialized (
        select pagos.*, clientes.moneda as moneda_cliente, clientes.id is null as orphan,
               (monto between 1 and 9999999999) is true as valid_monto,
               (estado in ('PENDIENTE', 'PROCESADO', 'ANULADO')) is true as valid_estado
        from pagos left join clientes on clientes.id = pagos.cliente_id
        where (pagos.moneda = clientes.moneda and monto between 1 and 9999999999
               and estado in ('PENDIENTE', 'PROCESADO', 'ANULADO')) is not true
    )
    select 'saldo', id, id, saldo, expected from accounts where saldo is not expected
    union all
    select 'saldo_range', id, id, saldo, null from accounts where not in_range
    union all
    select 'pago_monto', id, cliente_id, monto, null from suspects where not valid_monto
    union all
    select 'estado', id, cliente_id, monto, null from suspects where not valid_estado
    union all
    select 'moneda', id, cliente_id, monto, null
    from suspects where not orphan and moneda is not moneda_cliente
    union all
    select 'pago_without_cliente', id, cliente_id, monto, null from suspects where orphan
    union all
    select 'recarga_monto', id, cliente_id, monto, null from recargas where (monto > 0) is not true
    union all
    select 'recarga_without_cliente', id, cliente_id, monto, null
    from recargas where not exists (select 1 from clientes where clientes.id = cliente_id)";

async fn tell(connection: &mut SqliteConnection, report: Report<'_>) -> Result<(), RepositoryError> {
    let mut rows = sqlx::query_as::<_, ViolationRow>(VIOLATIONS).fetch(connection);
    while let Some((rule, id, cliente_id, amount, expected)) = next_row(&mut rows).await? {
        let amounts = [amount, expected].map(|centavos| centavos.map(|centavos| Decimal::new(centavos, 2)));
        report(Violation::read(&rule, id, cliente_id, amounts)?);
    }
    Ok(())
}

/// Rule, row, cliente, and in hundredths the amount and the balance that was expected.
type ViolationRow = (String, i64, i64, Option<i64>, Option<i64>);
