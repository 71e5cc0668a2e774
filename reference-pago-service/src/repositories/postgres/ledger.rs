//! The books in PostgreSQL.

use sqlx::postgres::PgRow;
use sqlx::{Connection as _, PgConnection, Row as _};

use crate::database::{PostgresDatabase, RepositoryError};
use crate::repositories::ledger::{Ledger, Report, Violation, next_row};

/// On a connection of its own: the pool's statements end after `DATABASE_STATEMENT_TIMEOUT_MS`.
pub(in crate::repositories) async fn verify_ledger(
    database: &PostgresDatabase,
    report: Report<'_>,
) -> Result<Ledger, RepositoryError> {
    database.unhurried(async |connection: &mut PgConnection| check(connection, report).await).await
}

async fn check(connection: &mut PgConnection, report: Report<'_>) -> Result<Ledger, RepositoryError> {
    let mut transaction = connection.begin_with("begin isolation level repeatable read read only").await?;
    let ledger = count(&mut transaction).await?;
    tell(&mut transaction, report).await?;
    transaction.rollback().await?;
    Ok(ledger)
}

async fn count(connection: &mut PgConnection) -> Result<Ledger, sqlx::Error> {
    let (clientes, pagos) =
        sqlx::query_as("select (select count(*) from clientes), (select count(*) from pagos)").fetch_one(connection).await?;
    Ok(Ledger { clientes, pagos })
}

/// Each table is read once or twice and no more; `is not true` also finds what is null.
const VIOLATIONS: &str = "
    with credits as (
        select cliente_id, sum(monto) as total from recargas group by cliente_id
    ), debits as (
        select cliente_id, sum(monto) as total from pagos where estado = 'PROCESADO' group by cliente_id
    ), accounts as materialized (
        select id, saldo, coalesce(credits.total, 0) - coalesce(debits.total, 0) as expected,
               (saldo between 0 and 99999999.99) is true as in_range
        from clientes
        left join credits on credits.cliente_id = clientes.id
        left join debits on debits.cliente_id = clientes.id
    ), suspects as materialized (
        select pagos.*, clientes.moneda as moneda_cliente, clientes.id is null as orphan,
               (monto > 0 and monto <= 99999999.99) is true as valid_monto,
               (estado in ('PENDIENTE', 'PROCESADO', 'ANULADO')) is true as valid_estado
        from pagos left join clientes on clientes.id = pagos.cliente_id
        where (pagos.moneda = clientes.moneda and monto > 0 and monto <= 99999999.99
               and estado in ('PENDIENTE', 'PROCESADO', 'ANULADO')) is not true
    )
    select 'saldo', id, id, saldo, expected from accounts where saldo is distinct from expected
    union all
    select 'saldo_range', id, id, saldo, null from accounts where not in_range
    union all
    select 'pago_monto', id, cliente_id, monto, null from suspects where not valid_monto
    union all
    select 'estado', id, cliente_id, monto, null from suspects where not valid_estado
    union all
    select 'moneda', id, cliente_id, monto, null
    from suspects where not orphan and moneda is distinct from moneda_cliente
    union all
    select 'pago_without_cliente', id, coalesce(cliente_id, 0), monto, null from suspects where orphan
    union all
    select 'recarga_monto', id, coalesce(cliente_id, 0), monto, null
    from recargas where (monto > 0) is not true
    union all
    select 'recarga_without_cliente', id, coalesce(cliente_id, 0), monto, null
    from recargas where not exists (select from clientes where clientes.id = cliente_id)";

async fn tell(connection: &mut PgConnection, report: Report<'_>) -> Result<(), RepositoryError> {
    let mut rows = sqlx::query(VIOLATIONS).fetch(connection);
    while let Some(row) = next_row(&mut rows).await? {
        report(violation(&row)?);
    }
    Ok(())
}

fn violation(row: &PgRow) -> Result<Violation, RepositoryError> {
    // What no decimal can be (NaN, an infinity) is told as no amount: one bad row must not end the check of the others.
    let amount = |column: usize| row.try_get(column).ok().flatten();
    Violation::read(row.try_get(0)?, row.try_get(1)?, row.try_get(2)?, [amount(3), amount(4)])
}
