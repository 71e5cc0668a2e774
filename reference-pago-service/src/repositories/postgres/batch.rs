//! Batches of pagos in PostgreSQL.

use std::collections::{HashMap, HashSet};

use sqlx::postgres::PgArguments;
use sqlx::query::QueryAs;
use sqlx::{PgConnection, Postgres};

use super::lone;
use crate::database::RepositoryError;
use crate::models::{ClienteId, NewPago, Veredicto};
use crate::repositories::outcomes::repetida;
use crate::repositories::rows::{instante, moneda, monto, pago_id};
use crate::repositories::{Atencion, Batch, Clave, Decision, LockWait, PagoOrder, Resolucion, Respuesta};

/// The outcome of an order in the form in which it is kept.
macro_rules! resultado {
    () => {
        "(case
            when pago_id is not null then json_build_object('aceptado', json_build_object('pago', json_build_object(
                'id', pago_id, 'cliente_id', cliente_id, 'monto', monto, 'moneda', moneda, 'estado', 'PROCESADO',
                'created_at', (extract(epoch from now()) * 1000000)::bigint), 'nuevo_saldo', nuevo_saldo))
            when moneda_cliente is not null then json_build_object('moneda_no_coincide', json_build_object('moneda', moneda_cliente))
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
    select n, null as misma, null as resultado, null as idioma, moneda_cliente, saldo, nuevo_saldo, pago_id,
           (extract(epoch from now()) * 1000000)::bigint as created_at, ocupado
    from ",
            $decididas,
            "
    union all
    select n, misma, resultado, idioma, null, null, null, null, 0, false from previa
    order by n"
        )
    };
}

/// One statement decides a batch. Orders are told apart by `n`, their place in it. What happens, in this order:
///
/// - `previa`: orders whose key has an outcome already are answered with it and take no part in the rest;
/// - `cuenta`: the clientes of the others are locked in the order of their ids, so that two instances cannot wait for each other.
///   Only this query sees the newest version of a row that it waited for; everything else counts by what it saw, because the table
///   still shows the statement's snapshot;
/// - `paso`: each cliente's balance goes from the first of its orders (`primera`) to the next (`sigue`, 0 after the last), and shrinks
///   only by those that it bears. Orders in another currency are not on the way. The next order is read from the arrays of the
///   parameters: to look it up in `order` would be quadratic for a cliente with many;
/// - one `update` of the clientes, one `insert` of the pagos, whose ids are given in order of arrival;
/// - `resuelta`: what became of each order. The accepted ones have the pagos' ids, the first the least, and so on;
/// - one `insert` of the outcomes under a key, sorted by key for the same reason as the clientes. A key that another process wrote
///   since the snapshot is a 23505: nothing is committed, and the next attempt finds that outcome.
///
/// Each table is asked for the rows that are named and no others (`lateral ... limit 1`, `= any (array(..))` beside a join): a join
/// alone would leave it to a plan that may have been made while the table was empty.
macro_rules! decidir {
    ($espera:literal, $ocupado:literal) => {
        concat!(
            "
    with recursive orden as materialized (
        select * from unnest($1::bigint[], $2::bigint[], $3::text[], $4::bigint[], $5::boolean[])
            with ordinality as o (cliente_id, monto, moneda, sigue, primera, n)
    ), con_clave as materialized (
        select * from unnest($6::bigint[], $7::text[], $8::text[], $9::text[], $10::text[]) as c (n, sujeto, clave, huella, idioma)
    ), previa as materialized (
        select n, i.huella = con_clave.huella as misma, i.resultado, i.idioma
        from con_clave, lateral (
            select * from idempotencia where sujeto = con_clave.sujeto and operacion = $11 and clave = con_clave.clave limit 1
        ) i
    ), cuenta as materialized (
        select id, (saldo * 100)::bigint as saldo, moneda from clientes
        where id = any (array(select cliente_id from orden where n not in (select n from previa)))
        order by id for no key update ",
            $espera,
            "
    ), paso (n, cliente_id, moneda, monto, sigue, saldo, nuevo_saldo) as (
        select n, cliente_id, orden.moneda, monto, sigue, saldo,
               saldo - case when monto <= saldo and n <> all (array(select n from previa)) then monto else 0 end
        from orden join cuenta on id = cliente_id and cuenta.moneda = orden.moneda
        where primera
        union all
        select paso.sigue, cliente_id, moneda, o.monto, o.sigue, nuevo_saldo,
               nuevo_saldo - case when o.monto <= nuevo_saldo and paso.sigue <> all (array(select n from previa)) then o.monto else 0 end
        from paso, lateral (select ($2::bigint[])[paso.sigue] as monto, ($4::bigint[])[paso.sigue] as sigue) o
        where paso.sigue > 0
    ), debito as (
        update clientes set saldo = nuevo_saldo * 0.01
        from (
            select cliente_id, min(nuevo_saldo) as nuevo_saldo from paso group by cliente_id having bool_or(nuevo_saldo < saldo)
        ) final
        where clientes.id = cliente_id and clientes.id = any (array(select cliente_id from orden))
    ), asiento as (
        insert into pagos (cliente_id, monto, moneda, estado)
        select cliente_id, monto * 0.01, moneda, 'PROCESADO' from paso where nuevo_saldo < saldo order by n
        returning id
    ), resuelta as materialized (
        select n, cliente_id, monto, moneda, null as moneda_cliente, saldo, nuevo_saldo,
               case when nuevo_saldo < saldo then (array(select id from asiento order by id))[
                   count(*) filter (where nuevo_saldo < saldo) over (order by n rows unbounded preceding)
               ] end as pago_id, false as ocupado
        from paso where n not in (select n from previa)
        union all
        select n, cliente_id, monto, orden.moneda, cuenta.moneda, null, null, null, ",
            $ocupado,
            "
        from orden left join cuenta on id = cliente_id
        where cuenta.moneda is distinct from orden.moneda and n not in (select n from previa)
    ), registro as (
        insert into idempotencia (sujeto, operacion, clave, huella, idioma, resultado)
        select sujeto, $11, clave, huella, idioma, ",
            resultado!(),
            "
        from con_clave join resuelta using (n) where not ocupado order by sujeto, clave
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
        select 1::bigint as n, $1::bigint as cliente_id, $2::bigint as monto, $3::text as moneda,
               nullif(cuenta.moneda, $3) as moneda_cliente, (cuenta.saldo * 100)::bigint as saldo, nuevo_saldo, pago_id, ",
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
const SIN_ESPERA: &str = decidir!("skip locked", "cuenta.id is null and exists (select from clientes where id = cliente_id)");
const CON_ESPERA: &str = decidir!("", "false");
const UNO_SIN_ESPERA: &str = decidir_uno!("skip locked", "cuenta.id is null and exists (select from clientes where id = $1)");
const UNO_CON_ESPERA: &str = decidir_uno!("", "false");

/// `n`, whether a kept outcome is of the same request, that outcome and its language, the cliente's currency where it is another, the
/// balance at its turn and after it, the pago's id and instant, whether the cliente's row was passed over.
type Fila = (i64, Option<bool>, Option<String>, Option<String>, Option<String>, Option<i64>, Option<i64>, Option<i64>, i64, bool);

pub(super) async fn decidir(
    connection: &mut PgConnection,
    batch: Batch,
    paciencia: LockWait,
) -> Result<Vec<Respuesta>, RepositoryError> {
    if let ([PagoOrder { nuevo, clave: None }], LockWait::Skip) = (&*batch, paciencia)
        && let Some(respuesta) = lone::pagar(connection, nuevo).await?
    {
        return Ok(vec![respuesta]);
    }
    // All rows, up to the server's last word: a single one may arrive before its transaction is committed.
    let filas = match &*batch {
        [order] => de_uno(order, paciencia).fetch_all(connection).await?,
        varias => de_varias(varias, paciencia).fetch_all(connection).await?,
    };
    Ok(batch.iter().zip(filas).map(|(order, fila)| respuesta(order, fila)).collect())
}

type Consulta<'q> = QueryAs<'q, Postgres, Fila, PgArguments>;

fn de_varias(orders: &[PagoOrder], paciencia: LockWait) -> Consulta<'_> {
    let sentencia = match paciencia {
        LockWait::Skip => SIN_ESPERA,
        LockWait::Espera => CON_ESPERA,
    };
    let claves = || (1..).zip(orders).filter_map(|(n, order)| Some((n, order.clave.as_ref()?)));
    let clave = |parte: fn(&Clave) -> &str| claves().map(|(_, clave)| parte(clave)).collect::<Vec<_>>();
    sqlx::query_as(sentencia)
        .bind(orders.iter().map(|order| order.nuevo.cliente_id.get()).collect::<Vec<_>>())
        .bind(orders.iter().map(|order| order.nuevo.monto.centavos()).collect::<Vec<_>>())
        .bind(orders.iter().map(|order| order.nuevo.moneda.as_str()).collect::<Vec<_>>())
        .bind(siguientes(orders))
        .bind(primeras(orders))
        .bind(claves().map(|(n, _)| n).collect::<Vec<i64>>())
        .bind(clave(Clave::sujeto))
        .bind(clave(Clave::texto))
        .bind(clave(Clave::huella))
        .bind(clave(|clave| clave.idioma()))
        .bind(claves().next().map_or("", |(_, clave)| clave.operacion()))
}

/// Orders that the same balance bears, if it bears any of them.
fn grupo(order: &PagoOrder) -> (ClienteId, &str) {
    (order.nuevo.cliente_id, order.nuevo.moneda.as_str())
}

/// For each order the place of the next one of its group, counted from one; 0 if there is none.
fn siguientes(orders: &[PagoOrder]) -> Vec<i64> {
    let mut vistas = HashMap::new();
    let lugares = (1..).zip(orders).collect::<Vec<_>>();
    let mut siguientes: Vec<_> = lugares.iter().rev().map(|(n, order)| vistas.insert(grupo(order), *n).unwrap_or(0)).collect();
    siguientes.reverse();
    siguientes
}

/// Whether each order is the first of its group.
fn primeras(orders: &[PagoOrder]) -> Vec<bool> {
    let mut vistas = HashSet::new();
    orders.iter().map(|order| vistas.insert(grupo(order))).collect()
}

fn de_uno(PagoOrder { nuevo, clave }: &PagoOrder, paciencia: LockWait) -> Consulta<'_> {
    let sentencia = match paciencia {
        LockWait::Skip => UNO_SIN_ESPERA,
        LockWait::Espera => UNO_CON_ESPERA,
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

fn respuesta(order: &PagoOrder, fila: Fila) -> Respuesta {
    let (_, misma, resultado, idioma, moneda_cliente, saldo, nuevo_saldo, id, created_at, ocupado) = fila;
    match (misma, id, nuevo_saldo) {
        _ if ocupado => Ok(Atencion::Pospuesta),
        (Some(false), ..) => Ok(Atencion::Decidida(Resolucion::Reutilizada)),
        (Some(true), ..) => repetida(&resultado.unwrap_or_default(), &idioma.unwrap_or_default()).map(Atencion::Decidida),
        (None, Some(id), Some(nuevo_saldo)) => aceptado(&order.nuevo, id, nuevo_saldo, created_at),
        _ => rechazo(moneda_cliente.as_deref(), saldo).map(nueva),
    }
}

const fn nueva(decision: Decision) -> Atencion {
    Atencion::Decidida(Resolucion::Nueva(decision))
}

/// What is answered of a pago that was made.
pub(super) fn aceptado(nuevo: &NewPago, id: i64, nuevo_saldo: i64, created_at: i64) -> Respuesta {
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
