//! Pagos, one after the other.

use reference_pago_service::models::{ClienteId, Estado, Moneda, Monto, Pago, PagoFilter, PagoId};
use tokio::task::JoinSet;

use crate::support::{Fixture, monto, new_pago, on_both_engines, page};

on_both_engines!(
    a_pago_is_debited_and_found,
    a_pago_of_nobody_is_refused,
    a_pago_above_the_balance_is_refused_and_told_the_balance,
    a_pago_in_another_currency_is_refused_whatever_the_balance,
    a_balance_can_be_drained_to_the_last_centavo,
    the_largest_amount_can_be_paid,
    an_unknown_id_is_no_pago,
    pagos_are_listed_by_cliente_and_state,
    pages_that_follow_an_id_miss_nothing_while_pagos_arrive,
);

async fn a_pago_is_debited_and_found(fixture: Fixture) {
    let cliente = fixture.created("ana@x.cl", "200.00").await;
    let (pago, nuevo_saldo) = fixture.accepted(cliente.id, "100.50").await;
    assert_eq!((pago.cliente_id, pago.monto), (cliente.id, monto("100.50")));
    assert_eq!((pago.moneda, pago.estado), (Moneda::CLP, Estado::Procesado));
    assert_eq!(nuevo_saldo, monto("99.50"));
    assert_eq!(fixture.repositories.pagos.get(pago.id).await.unwrap(), Some(pago));
    let saldo = fixture.cliente(cliente.id).await.unwrap().saldo;
    assert_eq!(saldo, nuevo_saldo);
    fixture.assert_money_rule().await;
}

async fn a_pago_of_nobody_is_refused(fixture: Fixture) {
    for id in [999, 2_147_483_648, i64::MAX] {
        let pago = new_pago(ClienteId::new(id).unwrap(), "1");
        assert_eq!(fixture.pay(pago).await, Err(pago.without_cliente()));
    }
}

async fn a_pago_above_the_balance_is_refused_and_told_the_balance(fixture: Fixture) {
    let cliente = fixture.created("ana@x.cl", "99.99").await;
    for monto in ["100.00", "99999999.99"] {
        let pago = new_pago(cliente.id, monto);
        assert_eq!(fixture.pay(pago).await, Err(pago.beyond(cliente.saldo)));
    }
    assert_eq!(fixture.count("select count(*) from pagos").await, 0);
    assert_eq!(fixture.cliente(cliente.id).await, Some(cliente));
}

async fn a_pago_in_another_currency_is_refused_whatever_the_balance(fixture: Fixture) {
    let cliente = fixture.created("ana@x.cl", "5.00").await;
    for monto in ["1.00", "100.00"] {
        let mut pago = new_pago(cliente.id, monto);
        pago.moneda = "USD".parse().unwrap();
        assert_eq!(fixture.pay(pago).await, Err(pago.not_in(Moneda::CLP)));
    }
    assert_eq!(fixture.cliente(cliente.id).await, Some(cliente));
}

async fn a_balance_can_be_drained_to_the_last_centavo(fixture: Fixture) {
    let cliente = fixture.created("ana@x.cl", "0.30").await;
    assert_eq!(fixture.accepted(cliente.id, "0.10").await.1, monto("0.20"));
    assert_eq!(fixture.accepted(cliente.id, "0.20").await.1, Monto::ZERO);
    let pago = new_pago(cliente.id, "0.01");
    assert_eq!(fixture.pay(pago).await, Err(pago.beyond(Monto::ZERO)));
    fixture.assert_money_rule().await;
}

async fn the_largest_amount_can_be_paid(fixture: Fixture) {
    let cliente = fixture.created("ana@x.cl", "99999999.99").await;
    let (pago, nuevo_saldo) = fixture.accepted(cliente.id, "99999999.99").await;
    assert_eq!((pago.monto, nuevo_saldo), (Monto::MAX, Monto::ZERO));
    assert_eq!(fixture.repositories.pagos.get(pago.id).await.unwrap(), Some(pago));
}

async fn an_unknown_id_is_no_pago(fixture: Fixture) {
    for id in [1, 2_147_483_648, i64::MAX] {
        let pago = fixture.repositories.pagos.get(PagoId::new(id).unwrap()).await.unwrap();
        assert_eq!(pago, None);
    }
}

async fn list(fixture: &Fixture, cliente_id: Option<ClienteId>, estado: Option<Estado>) -> Vec<Pago> {
    let filter = PagoFilter { cliente_id, estado, ..PagoFilter::default() };
    fixture.repositories.pagos.list(filter).await.unwrap()
}

async fn pagos_are_listed_by_cliente_and_state(fixture: Fixture) {
    let ana = fixture.created("ana@x.cl", "10.00").await.id;
    let eva = fixture.created("eva@x.cl", "10.00").await.id;
    let mut all = Vec::new();
    for cliente in [ana, eva, ana, eva, ana] {
        all.push(fixture.accepted(cliente, "1.00").await.0);
    }
    let of_ana = [all[0], all[2], all[4]];
    assert_eq!(list(&fixture, None, None).await, all);
    assert_eq!(list(&fixture, Some(ana), None).await, of_ana);
    assert_eq!(list(&fixture, None, Some(Estado::Procesado)).await, all);
    assert_eq!(list(&fixture, Some(ana), Some(Estado::Procesado)).await, of_ana);
    assert_eq!(list(&fixture, Some(ana), Some(Estado::Anulado)).await, []);
    assert_eq!(list(&fixture, None, Some(Estado::Pendiente)).await, []);
}

/// The ids of one page.
async fn ids_of(fixture: &Fixture, skip: i64, limit: i64, after_id: i64) -> Vec<i64> {
    let filter = PagoFilter { page: page(skip, limit, after_id), ..PagoFilter::default() };
    let pagos = fixture.repositories.pagos.list(filter).await.unwrap();
    pagos.iter().map(|pago| pago.id.get()).collect()
}

/// The ids of all pages, each after the last id of the one before, until no pago arrives.
async fn follow(fixture: &Fixture, mut arrivals: JoinSet<()>) -> Vec<i64> {
    let (mut seen, mut done) = (Vec::new(), false);
    loop {
        done |= arrivals.try_join_next().map(Result::unwrap).is_some();
        let next = ids_of(fixture, 0, 7, seen.last().copied().unwrap_or(0)).await;
        if done && next.is_empty() {
            return seen;
        }
        seen.extend(next);
    }
}

async fn pages_that_follow_an_id_miss_nothing_while_pagos_arrive(fixture: Fixture) {
    let cliente = fixture.created("ana@x.cl", "1000.00").await.id;
    let mut arrivals = JoinSet::new();
    let other = fixture.clone();
    arrivals.spawn(async move {
        for _ in 0..100 {
            other.accepted(cliente, "1.00").await;
        }
    });
    let seen = follow(&fixture, arrivals).await;
    assert_eq!(seen, ids_of(&fixture, 0, 1_000, 0).await);
    assert_eq!(seen.len(), 100);
    assert_eq!(ids_of(&fixture, 98, 7, 0).await, seen[98..]);
}
