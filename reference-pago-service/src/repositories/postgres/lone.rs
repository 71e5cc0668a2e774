//! A lone pago without a key, which is what an idle service decides.

use sqlx::PgConnection;

use super::batch::accepted;
use super::binary::{Hundredths, Microseconds};
use crate::database::RepositoryError;
use crate::models::{Accepted, NewPago};

/// No more than the debit and its pago. Where the pago would be refused, or somebody else holds the cliente's row, nothing is changed
/// and no row is answered.
///
/// Whoever locks or changes a row leaves the number of his transaction in it, as `xmax`. A row is free when that transaction is older
/// than every one that was running as this statement began; to look costs less than to lock the row first. Who takes it between the
/// look and the update, some microseconds later, is waited for like any holder (`lock_timeout`): both then read the row as he left it.
const PAY: &str = "
    with debit as (
        update clientes set saldo = saldo - $2::bigint * 0.01
        where id = $1 and age(xmax) > age(pg_snapshot_xmin(pg_current_snapshot())::xid)
            and moneda = $3 and saldo >= $2::bigint * 0.01
        returning id, moneda, saldo
    )
    insert into pagos (cliente_id, monto, moneda, estado)
    select id, $2::bigint * 0.01, moneda, 'PROCESADO' from debit
    returning id, (select saldo from debit), created_at";

/// Makes the pago, if nothing stands in its way; what does is not told.
pub(super) async fn pay(
    connection: &mut PgConnection,
    pago: &NewPago,
) -> Result<Option<Result<Accepted, RepositoryError>>, RepositoryError> {
    let query = sqlx::query_as::<_, (i64, Hundredths, Microseconds)>(PAY)
        .bind(pago.cliente_id.get())
        .bind(pago.monto.centavos())
        .bind(pago.moneda.as_str());
    let made = query.fetch_all(connection).await?.pop();
    Ok(made.map(|(id, Hundredths(saldo), Microseconds(created_at))| accepted(pago, id, saldo, created_at)))
}
