//! Annulments in PostgreSQL.

use sqlx::PgConnection;

use crate::database::RepositoryError;
use crate::models::{Pago, PagoId, Transition};
use crate::repositories::outcomes::repetida;
use crate::repositories::rows::{PagoRow, monto};
use crate::repositories::{Anulacion, Clave, Resolucion};

/// The cliente is locked before its pago, as everything that changes a balance does; `actual` then sees the newest version of both.
const ANULAR: &str = "
    with previa as materialized (
        select huella = $7 as misma, idioma, resultado from idempotencia
        where sujeto = $4 and operacion = $5 and clave = $6
    ), buscado as materialized (
        select cliente_id from pagos where id = $1 and not exists (select from previa)
    ), cuenta as materialized (
        select id, saldo from clientes where id = (select cliente_id from buscado) for no key update
    ), actual as materialized (
        select pagos.id, cliente_id, monto, moneda, estado, created_at, cuenta.saldo + monto as nuevo_saldo
        from cuenta join pagos on pagos.cliente_id = cuenta.id
        where pagos.id = $1 for no key update of pagos
    ), anulado as (
        update pagos set estado = $3, updated_at = now()
        from actual
        where pagos.id = actual.id and pagos.id = $1 and actual.estado = $2 and actual.nuevo_saldo <= 99999999.99
        returning pagos.id
    ), abono as (
        update clientes set saldo = actual.nuevo_saldo
        from actual join anulado using (id)
        where clientes.id = actual.cliente_id and clientes.id = (select cliente_id from buscado)
    ), final as materialized (
        select actual.id, cliente_id, (monto * 100)::bigint as monto, moneda, estado,
               (extract(epoch from created_at) * 1000000)::bigint as created_at,
               (nuevo_saldo * 100)::bigint as nuevo_saldo, anulado.id is not null as anulado
        from actual left join anulado using (id)
    ), registro as (
        insert into idempotencia (sujeto, operacion, clave, huella, idioma, resultado)
        select $4, $5, $6, $7, $8, (case
            when anulado then json_build_object('anulado', json_build_object('pago', json_build_object(
                'id', id, 'cliente_id', cliente_id, 'monto', monto, 'moneda', moneda, 'estado', $3::text,
                'created_at', created_at), 'nuevo_saldo', nuevo_saldo))
            when estado <> $2 then json_build_object('no_anulable', json_build_object('estado', estado))
            else json_build_object('saldo_excedido', json_build_object('monto', monto))
            end)::text
        from final where $6 is not null
    )
    select null as misma, null as idioma, null as resultado, id, cliente_id, monto, moneda, estado, created_at, nuevo_saldo, anulado
    from final
    union all
    select misma, idioma, resultado, 0, 0, 0, '', '', 0, 0, false from previa";

#[derive(sqlx::FromRow)]
struct Fila {
    misma: Option<bool>,
    idioma: Option<String>,
    resultado: Option<String>,
    #[sqlx(flatten)]
    pago: PagoRow,
    nuevo_saldo: i64,
    anulado: bool,
}

pub(super) async fn anular(
    connection: &mut PgConnection,
    id: PagoId,
    clave: Option<Clave>,
) -> Result<Resolucion<Anulacion>, RepositoryError> {
    let filas = ejecutar(connection, id, clave.as_ref()).await?;
    match filas.into_iter().next() {
        None => Ok(Resolucion::Nueva(Anulacion::NoEncontrado)),
        Some(Fila { misma: Some(false), .. }) => Ok(Resolucion::Reutilizada),
        Some(Fila { misma: Some(true), resultado, idioma, .. }) => {
            repetida(&resultado.unwrap_or_default(), &idioma.unwrap_or_default())
        }
        Some(Fila { pago, nuevo_saldo, anulado, .. }) => anulacion(pago.try_into()?, nuevo_saldo, anulado).map(Resolucion::Nueva),
    }
}

async fn ejecutar(connection: &mut PgConnection, id: PagoId, clave: Option<&Clave>) -> Result<Vec<Fila>, sqlx::Error> {
    sqlx::query_as(ANULAR)
        .bind(id.get())
        .bind(Transition::ANNULMENT.desde().as_str())
        .bind(Transition::ANNULMENT.hacia().as_str())
        .bind(clave.map(Clave::sujeto))
        .bind(clave.map(Clave::operacion))
        .bind(clave.map(Clave::texto))
        .bind(clave.map(Clave::huella))
        .bind(clave.map(Clave::idioma))
        .fetch_all(connection)
        .await
}

/// What became of the pago, which is given as it was.
fn anulacion(pago: Pago, nuevo_saldo: i64, anulado: bool) -> Result<Anulacion, RepositoryError> {
    let Some(estado) = Transition::ANNULMENT.aplicar(pago.estado) else {
        return Ok(Anulacion::NoAnulable { estado: pago.estado });
    };
    if !anulado {
        return Ok(Anulacion::SaldoExcedido { monto: pago.monto });
    }
    Ok(Anulacion::Anulado { pago: Pago { estado, ..pago }, nuevo_saldo: monto(nuevo_saldo)? })
}
