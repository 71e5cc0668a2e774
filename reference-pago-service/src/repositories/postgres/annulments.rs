//! Annulments in PostgreSQL.

use std::sync::Arc;

use sqlx::PgConnection;
use standards_core::idempotency::{Keyed, KeyedRequest};

use super::outcomes::Previous;
use crate::database::RepositoryError;
use crate::models::{Annulled, AnulacionError, Pago, PagoId, Transition};
use crate::repositories::rows::{PagoRow, monto};

/// The cliente is locked before its pago, as everything that changes a balance does; `latest` then sees the newest version of both.
const ANNUL: &str = "
    with previous as materialized (
        select huella = $7 as same, idioma, resultado from idempotencia
        where sujeto = $4 and operacion = $5 and clave = $6
    ), sought as materialized (
        select cliente_id from pagos where id = $1 and not exists (select from previous)
    ), account as materialized (
        select id, saldo from clientes where id = (select cliente_id from sought) for no key update
    ), latest as materialized (
        select pagos.id, cliente_id, monto, moneda, estado, created_at, account.saldo + monto as nuevo_saldo
        from account join pagos on pagos.cliente_id = account.id
        where pagos.id = $1 for no key update of pagos
    ), annulled as (
        update pagos set estado = $3, updated_at = now()
        from latest
        where pagos.id = latest.id and pagos.id = $1 and latest.estado = $2 and latest.nuevo_saldo <= 99999999.99
        returning pagos.id
    ), credit as (
        update clientes set saldo = latest.nuevo_saldo
        from latest join annulled using (id)
        where clientes.id = latest.cliente_id and clientes.id = (select cliente_id from sought)
    ), final as materialized (
        select latest.id, cliente_id, (monto * 100)::bigint as monto, moneda, estado,
               (extract(epoch from created_at) * 1000000)::bigint as created_at,
               (nuevo_saldo * 100)::bigint as nuevo_saldo, annulled.id is not null as annulled
        from latest left join annulled using (id)
    ), kept as (
        insert into idempotencia (sujeto, operacion, clave, huella, idioma, resultado)
        select $4, $5, $6, $7, $8, (case
            when annulled then json_build_object('anulado', json_build_object('pago', json_build_object(
                'id', id, 'cliente_id', cliente_id, 'monto', monto, 'moneda', moneda, 'estado', $3::text,
                'created_at', created_at), 'nuevo_saldo', nuevo_saldo))
            when estado <> $2 then json_build_object('no_anulable', json_build_object('estado', estado))
            else json_build_object('saldo_excedido', json_build_object('monto', monto))
            end)::text
        from final where $6 is not null
    )
    select null as same, null as idioma, null as resultado, id, cliente_id, monto, moneda, estado, created_at, nuevo_saldo, annulled
    from final
    union all
    select same, idioma, resultado, 0, 0, 0, '', '', 0, 0, false from previous";

#[derive(sqlx::FromRow)]
struct Row {
    #[sqlx(flatten)]
    previous: Previous,
    #[sqlx(flatten)]
    pago: PagoRow,
    nuevo_saldo: i64,
    annulled: bool,
}

pub(super) async fn annul(
    connection: &mut PgConnection,
    id: PagoId,
    key: Option<Arc<KeyedRequest>>,
) -> Result<Keyed<Result<Annulled, AnulacionError>>, RepositoryError> {
    let Some(row) = run(connection, id, key.as_deref()).await?.into_iter().next() else {
        return Ok(Keyed::Fresh(Err(AnulacionError::PagoNoEncontrado { pago_id: id })));
    };
    match row.previous.answer(&id)? {
        Some(previous) => Ok(previous),
        None => verdict(row.pago.try_into()?, row.nuevo_saldo, row.annulled).map(Keyed::Fresh),
    }
}

async fn run(connection: &mut PgConnection, id: PagoId, key: Option<&KeyedRequest>) -> Result<Vec<Row>, sqlx::Error> {
    sqlx::query_as(ANNUL)
        .bind(id.get())
        .bind(Transition::ANNULMENT.from().as_str())
        .bind(Transition::ANNULMENT.to().as_str())
        .bind(key.map(|key| key.scope().subject()))
        .bind(key.map(|key| key.scope().operation()))
        .bind(key.map(|key| key.scope().key()))
        .bind(key.map(KeyedRequest::fingerprint))
        .bind(key.map(|key| key.language().tag()))
        .fetch_all(connection)
        .await
}

/// What became of the pago, which is given as it was.
fn verdict(pago: Pago, nuevo_saldo: i64, annulled: bool) -> Result<Result<Annulled, AnulacionError>, RepositoryError> {
    let Some(estado) = Transition::ANNULMENT.apply(pago.estado) else {
        return Ok(Err(AnulacionError::PagoNoAnulable { pago_id: pago.id, estado: pago.estado }));
    };
    if !annulled {
        return Ok(Err(AnulacionError::SaldoExcedido { monto: pago.monto }));
    }
    Ok(Ok(Annulled { pago: Pago { estado, ..pago }, nuevo_saldo: monto(nuevo_saldo)? }))
}
