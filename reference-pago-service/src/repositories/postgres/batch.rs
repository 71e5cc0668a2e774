//! Batches of pagos in PostgreSQL.

use std::collections::{HashMap, HashSet};

use sqlx::postgres::PgArguments;
use sqlx::query::QueryAs;
use sqlx::{PgConnection, Postgres};
use standards_core::idempotency::{Keyed, KeyedRequest};

use crate::database::RepositoryError;
use crate::models::{Accepted, ClienteId, NewPago, PagoError, Verdict};
use crate::repositories::outcomes::replayed;
use crate::repositories::rows::{moneda, monto, pago_id, timestamp};
use crate::repositories::{Batch, LockWait, PagoOrder};

/// The outcome of an order in the form in which it is kept.
macro_rules! outcome {
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
macro_rules! answers {
    ($decided:literal) => {
        concat!(
            "
    select n, null as same, null as resultado, null as idioma, moneda_cliente, saldo, nuevo_saldo, pago_id,
           (extract(epoch from now()) * 1000000)::bigint as created_at, held
    from ",
            $decided,
            "
    union all
    select n, same, resultado, idioma, null, null, null, null, 0, false from previous
    order by n"
        )
    };
}

/// One statement decides a batch. Orders are told apart by `n`, their place in it. What happens, in this order:
///
/// - `previous`: orders whose key has an outcome already are answered with it and take no part in the rest;
/// - `account`: the clientes of the others are locked in the order of their ids, so that two instances cannot wait for each other.
///   Only this query sees the newest version of a row that it waited for; everything else counts by what it saw, because the table
///   still shows the statement's snapshot;
/// - `step`: each cliente's balance goes from the first of its orders (`is_first`) to the next (`next_n`, 0 after the last), and shrinks
///   only by those that it bears. Orders in another currency are not on the way. The next order is read from the arrays of the
///   parameters: to look it up in `orders` would be quadratic for a cliente with many;
/// - one `update` of the clientes, one `insert` of the pagos, whose ids are given in order of arrival;
/// - `decided`: what became of each order. The accepted ones have the pagos' ids, the first the least, and so on;
/// - one `insert` of the outcomes under a key, sorted by key for the same reason as the clientes. A key that another process wrote
///   since the snapshot is a 23505: nothing is committed, and the next attempt finds that outcome.
///
/// Each table is asked for the rows that are named and no others (`lateral ... limit 1`, `= any (array(..))` beside a join): a join
/// alone would leave it to a plan that may have been made while the table was empty.
macro_rules! decide {
    ($lock:literal, $held:literal) => {
        concat!(
            "
    with recursive orders as materialized (
        select * from unnest($1::bigint[], $2::bigint[], $3::text[], $4::bigint[], $5::boolean[])
            with ordinality as o (cliente_id, monto, moneda, next_n, is_first, n)
    ), keyed as materialized (
        select * from unnest($6::bigint[], $7::text[], $8::text[], $9::text[], $10::text[]) as c (n, sujeto, clave, huella, idioma)
    ), previous as materialized (
        select n, i.huella = keyed.huella as same, i.resultado, i.idioma
        from keyed, lateral (
            select * from idempotencia where sujeto = keyed.sujeto and operacion = $11 and clave = keyed.clave limit 1
        ) i
    ), account as materialized (
        select id, (saldo * 100)::bigint as saldo, moneda from clientes
        where id = any (array(select cliente_id from orders where n not in (select n from previous)))
        order by id for no key update ",
            $lock,
            "
    ), step (n, cliente_id, moneda, monto, next_n, saldo, nuevo_saldo) as (
        select n, cliente_id, orders.moneda, monto, next_n, saldo,
               saldo - case when monto <= saldo and n <> all (array(select n from previous)) then monto else 0 end
        from orders join account on id = cliente_id and account.moneda = orders.moneda
        where is_first
        union all
        select step.next_n, cliente_id, moneda, o.monto, o.next_n, nuevo_saldo,
               nuevo_saldo - case when o.monto <= nuevo_saldo and step.next_n <> all (array(select n from previous)) then o.monto else 0 end
        from step, lateral (select ($2::bigint[])[step.next_n] as monto, ($4::bigint[])[step.next_n] as next_n) o
        where step.next_n > 0
    ), debit as (
        update clientes set saldo = nuevo_saldo * 0.01
        from (
            select cliente_id, min(nuevo_saldo) as nuevo_saldo from step group by cliente_id having bool_or(nuevo_saldo < saldo)
        ) final
        where clientes.id = cliente_id and clientes.id = any (array(select cliente_id from orders))
    ), entry as (
        insert into pagos (cliente_id, monto, moneda, estado)
        select cliente_id, monto * 0.01, moneda, 'PROCESADO' from step where nuevo_saldo < saldo order by n
        returning id
    ), decided as materialized (
        select n, cliente_id, monto, moneda, null as moneda_cliente, saldo, nuevo_saldo,
               case when nuevo_saldo < saldo then (array(select id from entry order by id))[
                   count(*) filter (where nuevo_saldo < saldo) over (order by n rows unbounded preceding)
               ] end as pago_id, false as held
        from step where n not in (select n from previous)
        union all
        select n, cliente_id, monto, orders.moneda, account.moneda, null, null, null, ",
            $held,
            "
        from orders left join account on id = cliente_id
        where account.moneda is distinct from orders.moneda and n not in (select n from previous)
    ), kept as (
        insert into idempotencia (sujeto, operacion, clave, huella, idioma, resultado)
        select sujeto, $11, clave, huella, idioma, ",
            outcome!(),
            "
        from keyed join decided using (n) where not held order by sujeto, clave
    )",
            answers!("decided")
        )
    };
}

/// The same for a batch of one: a plan a third of the size, which takes half of the time.
macro_rules! decide_one {
    ($lock:literal, $held:literal) => {
        concat!(
            "
    with previous as materialized (
        select 1::bigint as n, huella = $6 as same, resultado, idioma
        from idempotencia where sujeto = $4 and operacion = $8 and clave = $5
    ), account as materialized (
        select id, saldo, moneda, $2::bigint * 0.01 as monto from clientes
        where id = $1 and not exists (select from previous) for no key update ",
            $lock,
            "
    ), debit as (
        update clientes set saldo = account.saldo - account.monto
        from account
        where clientes.id = account.id and clientes.id = $1 and account.moneda = $3 and account.saldo >= account.monto
        returning clientes.id, (clientes.saldo * 100)::bigint as nuevo_saldo
    ), entry as (
        insert into pagos (cliente_id, monto, moneda, estado)
        select account.id, account.monto, account.moneda, 'PROCESADO' from debit join account using (id)
        returning id as pago_id
    ), decided as materialized (
        select 1::bigint as n, $1::bigint as cliente_id, $2::bigint as monto, $3::text as moneda,
               nullif(account.moneda, $3) as moneda_cliente, (account.saldo * 100)::bigint as saldo, nuevo_saldo, pago_id, ",
            $held,
            " as held
        from (select) as one left join account on true left join debit on true left join entry on true
        where not exists (select from previous)
    ), kept as (
        insert into idempotencia (sujeto, operacion, clave, huella, idioma, resultado)
        select $4, $8, $5, $6, $7, ",
            outcome!(),
            "
        from decided where $5 is not null and not held
    )",
            answers!("decided")
        )
    };
}

/// A cliente whose row is locked is passed over; one that is not there at all is told from it by the snapshot.
const SKIP: &str = decide!("skip locked", "account.id is null and exists (select from clientes where id = cliente_id)");
const WAIT: &str = decide!("", "false");
const ONE_SKIP: &str = decide_one!("skip locked", "account.id is null and exists (select from clientes where id = $1)");
const ONE_WAIT: &str = decide_one!("", "false");

/// All of them: what the service asks of a server's SQL is in them.
pub(in crate::repositories) const DECISIONS: [&str; 4] = [SKIP, WAIT, ONE_SKIP, ONE_WAIT];

/// `n`, whether a kept outcome is of the same request, that outcome and its language, the cliente's currency where it is another, the
/// balance at its turn and after it, the pago's id and instant, whether the cliente's row was passed over.
type Row = (i64, Option<bool>, Option<String>, Option<String>, Option<String>, Option<i64>, Option<i64>, Option<i64>, i64, bool);

type Query<'q> = QueryAs<'q, Postgres, Row, PgArguments>;

pub(super) async fn decide(
    connection: &mut PgConnection,
    batch: Batch,
    wait: LockWait,
) -> Result<Vec<Result<Keyed<Verdict>, RepositoryError>>, RepositoryError> {
    // All rows, up to the server's last word: a single one may arrive before its transaction is committed.
    let rows = match &*batch {
        [order] => of_one(order, wait).fetch_all(connection).await?,
        several => of_several(several, wait).fetch_all(connection).await?,
    };
    Ok(batch.iter().zip(rows).map(|(order, row)| read(&order.pago, row)).collect())
}

fn of_several(orders: &[PagoOrder], wait: LockWait) -> Query<'_> {
    let statement = match wait {
        LockWait::Skip => SKIP,
        LockWait::Wait => WAIT,
    };
    let keys = || (1..).zip(orders).filter_map(|(n, order)| Some((n, order.key.as_deref()?)));
    let part = |part: fn(&KeyedRequest) -> &str| keys().map(|(_, key)| part(key)).collect::<Vec<_>>();
    sqlx::query_as(statement)
        .bind(orders.iter().map(|order| order.pago.cliente_id.get()).collect::<Vec<_>>())
        .bind(orders.iter().map(|order| order.pago.monto.hundredths()).collect::<Vec<_>>())
        .bind(orders.iter().map(|order| order.pago.moneda.as_str()).collect::<Vec<_>>())
        .bind(next_of_group(orders))
        .bind(first_of_group(orders))
        .bind(keys().map(|(n, _)| n).collect::<Vec<i64>>())
        .bind(part(|key| key.scope().subject()))
        .bind(part(|key| key.scope().key()))
        .bind(part(KeyedRequest::fingerprint))
        .bind(part(|key| key.language().tag()))
        .bind(keys().next().map_or("", |(_, key)| key.scope().operation()))
}

/// Orders that the same balance bears, if it bears any of them.
fn group(order: &PagoOrder) -> (ClienteId, &str) {
    (order.pago.cliente_id, order.pago.moneda.as_str())
}

/// For each order the place of the next one of its group, counted from one; 0 if there is none.
fn next_of_group(orders: &[PagoOrder]) -> Vec<i64> {
    let mut seen = HashMap::new();
    let places = (1..).zip(orders).collect::<Vec<_>>();
    let mut next: Vec<_> = places.iter().rev().map(|(n, order)| seen.insert(group(order), *n).unwrap_or(0)).collect();
    next.reverse();
    next
}

/// Whether each order is the first of its group.
fn first_of_group(orders: &[PagoOrder]) -> Vec<bool> {
    let mut seen = HashSet::new();
    orders.iter().map(|order| seen.insert(group(order))).collect()
}

fn of_one(PagoOrder { pago, key }: &PagoOrder, wait: LockWait) -> Query<'_> {
    let statement = match wait {
        LockWait::Skip => ONE_SKIP,
        LockWait::Wait => ONE_WAIT,
    };
    let key = key.as_deref();
    sqlx::query_as(statement)
        .bind(pago.cliente_id.get())
        .bind(pago.monto.hundredths())
        .bind(pago.moneda.as_str())
        .bind(key.map(|key| key.scope().subject()))
        .bind(key.map(|key| key.scope().key()))
        .bind(key.map(KeyedRequest::fingerprint))
        .bind(key.map(|key| key.language().tag()))
        .bind(key.map(|key| key.scope().operation()))
}

fn read(pago: &NewPago, row: Row) -> Result<Keyed<Verdict>, RepositoryError> {
    let (_, same, outcome, language, moneda_cliente, saldo, nuevo_saldo, id, created_at, held) = row;
    match (same, id, nuevo_saldo) {
        _ if held => Err(RepositoryError::row_held()),
        (Some(false), ..) => Ok(Keyed::Reused),
        (Some(true), ..) => replayed(&outcome.unwrap_or_default(), &language.unwrap_or_default(), pago),
        (None, Some(id), Some(nuevo_saldo)) => Ok(Keyed::Fresh(Ok(accepted(pago, id, nuevo_saldo, created_at)?))),
        _ => Ok(Keyed::Fresh(Err(refused(pago, moneda_cliente.as_deref(), saldo)?))),
    }
}

pub(super) fn accepted(pago: &NewPago, id: i64, nuevo_saldo: i64, created_at: i64) -> Result<Accepted, RepositoryError> {
    Ok(pago.accepted(pago_id(id)?, timestamp(created_at)?, monto(nuevo_saldo)?))
}

fn refused(pago: &NewPago, moneda_cliente: Option<&str>, saldo: Option<i64>) -> Result<PagoError, RepositoryError> {
    Ok(match (moneda_cliente, saldo) {
        (Some(code), _) => pago.not_in(moneda(code)?),
        (None, Some(saldo)) => pago.beyond(monto(saldo)?),
        (None, None) => pago.without_cliente(),
    })
}
