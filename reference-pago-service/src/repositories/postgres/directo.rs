//! A lone pago without a key, which is what an idle service decides.

use sqlx::PgConnection;

use super::lotes::aceptado;
use crate::database::RepositoryError;
use crate::models::NuevoPago;
use crate::repositories::Respuesta;

/// No more than the debit and its pago. Where the pago would be refused, or somebody else holds the cliente's row, nothing is changed
/// and no row is answered.
const SENTENCIA: &str = "
    with debito as (
        update clientes set saldo = saldo - $2::bigint * 0.01
        where id = (select id from clientes where id = $1 for no key update skip locked)
            and moneda = $3 and saldo >= $2::bigint * 0.01
        returning id, moneda, (saldo * 100)::bigint as nuevo_saldo
    )
    insert into pagos (cliente_id, monto, moneda, estado)
    select id, $2::bigint * 0.01, moneda, 'PROCESADO' from debito
    returning id, (select nuevo_saldo from debito), (extract(epoch from created_at) * 1000000)::bigint";

/// Makes the pago, if nothing stands in its way; what does is not told.
pub(super) async fn pagar(connection: &mut PgConnection, nuevo: &NuevoPago) -> Result<Option<Respuesta>, RepositoryError> {
    let consulta = sqlx::query_as::<_, (i64, i64, i64)>(SENTENCIA)
        .bind(nuevo.cliente_id.get())
        .bind(nuevo.monto.centavos())
        .bind(nuevo.moneda.as_str());
    let hecho = consulta.fetch_all(connection).await?.pop();
    Ok(hecho.map(|(id, nuevo_saldo, created_at)| aceptado(nuevo, id, nuevo_saldo, created_at)))
}
