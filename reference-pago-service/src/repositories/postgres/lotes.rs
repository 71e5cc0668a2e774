//! Batches of pagos in PostgreSQL.

use sqlx::postgres::PgArguments;
use sqlx::query::QueryAs;
use sqlx::{PgConnection, Postgres};

use super::directo;
use crate::database::RepositoryError;
use crate::models::{NuevoPago, Veredicto};
use crate::repositories::claves::repetida;
use crate::repositories::filas::{instante, moneda, monto, pago_id};
use crate::repositories::{Atencion, Clave, Decision, Lote, OrdenPago, Paciencia, Resolucion, Respuesta};

/// The outcome of an order in the form in which it is kept.
macro_rules! resultado {
    () => {
        "(case
            when pago_id is not null then json_build_object('aceptado', json_build_object('pago', json_build_object(
                'id', pago_id, 'cliente_id', cliente_id, 'monto', monto, 'moneda', moneda, 'estado', 'PROCESADO',
                'created_at', (extract(epoch from now()) * 1000000)::bigint), 'nuevo_saldo', nuevo_saldo))
            when not coincide then json_build_object('moneda_no_coincide', json_build_object('moneda', moneda_cliente))
            when saldo is not null then json_build_object('saldo_insuficiente', json_build_object('saldo', saldo))
            else '\"cliente_no_encontrado\"'
            end)::text"
    };
}

/// What is answered of each order: those that were decided, and those whose outcome was kept before.
macro_rules! respuestas {
    ($decididas:literal) => {
        concat!(
            "
    select n, null as misma, null as resultado, null as idioma, case when not coincide then moneda_cliente end as moneda_cliente,
           saldo, nuevo_saldo, pago_id, (extract(epoch from now()) * 1000000)::bigint as created_at, ocupado
    from ",
            $decididas,
            "
    union all
    select n, misma, resultado, idioma, null, null, null, null, 0, false from previa
    order by n"
        )
    };
}

/// One statement decides a batch. What happens in it, in this order:
///
/// - `previa`: orders whose key has an outcome already are answered with it and take no part in the rest;
/// - `cuenta`: the clientes of the others are locked in the order of their ids, so that two instances cannot wait for each other.
///   Only this query sees the newest version of a row that it waited for; everything else counts by what it saw, because the table
///   still shows the statement's snapshot;
/// - `turno`: the orders of each cliente are numbered as they arrived; those in another currency have no turn;
/// - `paso`: each cliente's balance goes from one of its orders to the next, and shrinks only by those that it bears. The amounts
///   travel along as an array: to look the next one up in `turno` would be quadratic for a cliente with many orders;
/// - `resuelta`: accepted orders get the ids of their pagos, in order of arrival;
/// - then one `update` of the clientes, one `insert` of the pagos, one of the outcomes under a key, sorted by key for the same reason
///   as the clientes. A key that another process wrote since the snapshot is a 23505: nothing is committed, and the next attempt
///   finds that outcome.
///
/// Each table is asked for the rows that are named and no others (`lateral ... limit 1`, `= any (array(..))` beside a join): a join
/// alone would leave it to a plan that may have been made while the table was empty.
macro_rules! decidir {
    ($espera:literal, $ocupado:literal) => {
        concat!(
            "
    with recursive orden as materialized (
        select * from unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
            with ordinality as o (cliente_id, monto, moneda, sujeto, clave, huella, idioma, n)
    ), previa as materialized (
        select n, i.huella = orden.huella as misma, i.resultado, i.idioma
        from orden, lateral (
            select * from idempotencia where sujeto = orden.sujeto and operacion = $8 and clave = orden.clave limit 1
        ) i
        where orden.clave is not null
    ), nueva as materialized (
        select * from orden where n not in (select n from previa)
    ), cuenta as materialized (
        select id, (saldo * 100)::bigint as saldo, moneda from clientes
        where id = any (array(select cliente_id from nueva))
        order by id for no key update ",
            $espera,
            "
    ), turno as materialized (
        select nueva.*, cuenta.id as cuenta_id, saldo, cuenta.moneda as moneda_cliente, nueva.moneda = cuenta.moneda as coincide,
               case when nueva.moneda = cuenta.moneda
                   then row_number() over (partition by cliente_id, nueva.moneda = cuenta.moneda order by n) end as vez
        from nueva left join cuenta on cuenta.id = cliente_id
    ), paso (cliente_id, vez, aceptado, saldo, nuevo_saldo, montos) as (
        select cliente_id, 0::bigint, false, min(saldo), min(saldo), array_agg(monto order by n)
        from turno where coincide group by cliente_id
        union all
        select cliente_id, vez + 1, montos[vez + 1] <= nuevo_saldo, nuevo_saldo,
               nuevo_saldo - case when montos[vez + 1] <= nuevo_saldo then montos[vez + 1] else 0 end, montos
        from paso where vez < cardinality(montos)
    ), resuelta as materialized (
        select d.*, case when aceptado then nextval(secuencia) end as pago_id, ",
            $ocupado,
            " as ocupado
        from (select pg_get_serial_sequence('pagos', 'id')::regclass as secuencia) s, (
            select n, cliente_id, cuenta_id, monto, moneda, sujeto, clave, huella, idioma, coincide, moneda_cliente,
                   aceptado, paso.saldo, nuevo_saldo
            from turno left join paso using (cliente_id, vez) order by n
        ) d
    ), debito as (
        update clientes set saldo = final.saldo * 0.01
        from (
            select cliente_id, min(nuevo_saldo) as saldo from paso group by cliente_id having bool_or(aceptado)
        ) final
        where clientes.id = final.cliente_id and clientes.id = any (array(select cliente_id from nueva))
    ), asiento as (
        insert into pagos (id, cliente_id, monto, moneda, estado)
        select pago_id, cliente_id, monto * 0.01, moneda, 'PROCESADO' from resuelta where pago_id is not null
    ), registro as (
        insert into idempotencia (sujeto, operacion, clave, huella, idioma, resultado)
        select sujeto, $8, clave, huella, idioma, ",
            resultado!(),
            "
        from resuelta where clave is not null and not ocupado order by sujeto, clave
    )",
            respuestas!("resuelta")
        )
    };
}

/// The same for a batch of one: a plan a third of the size, which takes half of the time.
macro_rules! decidir_uno {
    ($espera:literal, $ocupado:literal) => {
        concat!(
            "
    with previa as materialized (
        select 1::bigint as n, huella = $6 as misma, resultado, idioma
        from idempotencia where sujeto = $4 and operacion = $8 and clave = $5
    ), cuenta as materialized (
        select id, saldo, moneda, $2::bigint * 0.01 as monto from clientes
        where id = $1 and not exists (select from previa) for no key update ",
            $espera,
            "
    ), debito as (
        update clientes set saldo = cuenta.saldo - cuenta.monto
        from cuenta
        where clientes.id = cuenta.id and clientes.id = $1 and cuenta.moneda = $3 and cuenta.saldo >= cuenta.monto
        returning clientes.id, (clientes.saldo * 100)::bigint as nuevo_saldo
    ), asiento as (
        insert into pagos (cliente_id, monto, moneda, estado)
        select cuenta.id, cuenta.monto, cuenta.moneda, 'PROCESADO' from debito join cuenta using (id)
        returning id as pago_id
    ), resuelta as materialized (
        select 1::bigint as n, $1::bigint as cliente_id, $2::bigint as monto, $3::text as moneda, cuenta.moneda = $3 as coincide,
               cuenta.moneda as moneda_cliente, (cuenta.saldo * 100)::bigint as saldo, nuevo_saldo, pago_id, ",
            $ocupado,
            " as ocupado
        from (select) as uno left join cuenta on true left join debito on true left join asiento on true
        where not exists (select from previa)
    ), registro as (
        insert into idempotencia (sujeto, operacion, clave, huella, idioma, resultado)
        select $4, $8, $5, $6, $7, ",
            resultado!(),
            "
        from resuelta where $5 is not null and not ocupado
    )",
            respuestas!("resuelta")
        )
    };
}

/// A cliente whose row is locked is passed over; one that is not there at all is told from it by the snapshot.
const SIN_ESPERA: &str = decidir!("skip locked", "cuenta_id is null and exists (select from clientes where id = d.cliente_id)");
const CON_ESPERA: &str = decidir!("", "false");
const UNO_SIN_ESPERA: &str = decidir_uno!("skip locked", "cuenta.id is null and exists (select from clientes where id = $1)");
const UNO_CON_ESPERA: &str = decidir_uno!("", "false");

/// `n`, whether a kept outcome is of the same request, that outcome and its language, the cliente's currency where it is another, the
/// balance at its turn and after it, the pago's id and instant, whether the cliente's row was passed over.
type Fila = (i64, Option<bool>, Option<String>, Option<String>, Option<String>, Option<i64>, Option<i64>, Option<i64>, i64, bool);

pub(super) async fn decidir(
    connection: &mut PgConnection,
    lote: Lote,
    paciencia: Paciencia,
) -> Result<Vec<Respuesta>, RepositoryError> {
    if let ([OrdenPago { nuevo, clave: None }], Paciencia::Ninguna) = (&*lote, paciencia)
        && let Some(respuesta) = directo::pagar(connection, nuevo).await?
    {
        return Ok(vec![respuesta]);
    }
    // All rows, up to the server's last word: a single one may arrive before its transaction is committed.
    let filas = match &*lote {
        [orden] => de_uno(orden, paciencia).fetch_all(connection).await?,
        varias => de_varias(varias, paciencia).fetch_all(connection).await?,
    };
    Ok(lote.iter().zip(filas).map(|(orden, fila)| respuesta(orden, fila)).collect())
}

type Consulta<'q> = QueryAs<'q, Postgres, Fila, PgArguments>;

fn de_varias(ordenes: &[OrdenPago], paciencia: Paciencia) -> Consulta<'_> {
    let sentencia = match paciencia {
        Paciencia::Ninguna => SIN_ESPERA,
        Paciencia::Espera => CON_ESPERA,
    };
    let clave = |parte: fn(&Clave) -> &str| ordenes.iter().map(|orden| orden.clave.as_ref().map(parte)).collect::<Vec<_>>();
    sqlx::query_as(sentencia)
        .bind(ordenes.iter().map(|orden| orden.nuevo.cliente_id.get()).collect::<Vec<_>>())
        .bind(ordenes.iter().map(|orden| orden.nuevo.monto.centavos()).collect::<Vec<_>>())
        .bind(ordenes.iter().map(|orden| orden.nuevo.moneda.as_str()).collect::<Vec<_>>())
        .bind(clave(Clave::sujeto))
        .bind(clave(Clave::texto))
        .bind(clave(Clave::huella))
        .bind(clave(|clave| clave.idioma()))
        .bind(ordenes.iter().find_map(|orden| orden.clave.as_ref()).map_or("", Clave::operacion))
}

fn de_uno(OrdenPago { nuevo, clave }: &OrdenPago, paciencia: Paciencia) -> Consulta<'_> {
    let sentencia = match paciencia {
        Paciencia::Ninguna => UNO_SIN_ESPERA,
        Paciencia::Espera => UNO_CON_ESPERA,
    };
    let clave = |parte: fn(&Clave) -> &str| clave.as_ref().map(parte);
    sqlx::query_as(sentencia)
        .bind(nuevo.cliente_id.get())
        .bind(nuevo.monto.centavos())
        .bind(nuevo.moneda.as_str())
        .bind(clave(Clave::sujeto))
        .bind(clave(Clave::texto))
        .bind(clave(Clave::huella))
        .bind(clave(|clave| clave.idioma()))
        .bind(clave(Clave::operacion))
}

fn respuesta(orden: &OrdenPago, fila: Fila) -> Respuesta {
    let (_, misma, resultado, idioma, moneda_cliente, saldo, nuevo_saldo, id, created_at, ocupado) = fila;
    match (misma, id, nuevo_saldo) {
        _ if ocupado => Ok(Atencion::Pospuesta),
        (Some(false), ..) => Ok(Atencion::Decidida(Resolucion::Reutilizada)),
        (Some(true), ..) => repetida(&resultado.unwrap_or_default(), &idioma.unwrap_or_default()).map(Atencion::Decidida),
        (None, Some(id), Some(nuevo_saldo)) => aceptado(&orden.nuevo, id, nuevo_saldo, created_at),
        _ => rechazo(moneda_cliente.as_deref(), saldo).map(nueva),
    }
}

const fn nueva(decision: Decision) -> Atencion {
    Atencion::Decidida(Resolucion::Nueva(decision))
}

/// What is answered of a pago that was made.
pub(super) fn aceptado(nuevo: &NuevoPago, id: i64, nuevo_saldo: i64, created_at: i64) -> Respuesta {
    let veredicto = Veredicto::Aceptado { nuevo_saldo: monto(nuevo_saldo)? };
    Ok(nueva(Decision::of(veredicto, nuevo, pago_id(id)?, instante(created_at)?)))
}

fn rechazo(moneda_cliente: Option<&str>, saldo: Option<i64>) -> Result<Decision, RepositoryError> {
    Ok(match (moneda_cliente, saldo) {
        (Some(codigo), _) => Decision::MonedaNoCoincide { moneda: moneda(codigo)? },
        (None, Some(saldo)) => Decision::SaldoInsuficiente { saldo: monto(saldo)? },
        (None, None) => Decision::ClienteNoEncontrado,
    })
}
