//! Pagos, one after the other.

use reference_pago_service::models::{ClienteId, Estado, Moneda, Monto, Pago, PagoId};
use reference_pago_service::repositories::{Decision, PagoFilter};
use tokio::task::JoinSet;

use crate::support::{Fixture, monto, nuevo_pago, on_both_engines, pagina};

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
    let cliente = fixture.creado("ana@x.cl", "200.00").await;
    let (pago, nuevo_saldo) = fixture.aceptado(cliente.id, "100.50").await;
    assert_eq!((pago.cliente_id, pago.monto), (cliente.id, monto("100.50")));
    assert_eq!((pago.moneda, pago.estado), (Moneda::CLP, Estado::Procesado));
    assert_eq!(nuevo_saldo, monto("99.50"));
    assert_eq!(fixture.repositories.pagos.obtener(pago.id).await.unwrap(), Some(pago));
    let saldo = fixture.cliente(cliente.id).await.unwrap().saldo;
    assert_eq!(saldo, nuevo_saldo);
    fixture.assert_money_rule().await;
}

async fn a_pago_of_nobody_is_refused(fixture: Fixture) {
    for id in [999, 2_147_483_648, i64::MAX] {
        let nuevo = nuevo_pago(ClienteId::new(id).unwrap(), "1");
        let decision = fixture.procesar(nuevo).await;
        assert_eq!(decision, Decision::ClienteNoEncontrado);
    }
}

async fn a_pago_above_the_balance_is_refused_and_told_the_balance(fixture: Fixture) {
    let cliente = fixture.creado("ana@x.cl", "99.99").await;
    for monto in ["100.00", "99999999.99"] {
        let decision = fixture.procesar(nuevo_pago(cliente.id, monto)).await;
        let saldo = cliente.saldo;
        assert_eq!(decision, Decision::SaldoInsuficiente { saldo });
    }
    assert_eq!(fixture.count("select count(*) from pagos").await, 0);
    assert_eq!(fixture.cliente(cliente.id).await, Some(cliente));
}

async fn a_pago_in_another_currency_is_refused_whatever_the_balance(fixture: Fixture) {
    let cliente = fixture.creado("ana@x.cl", "5.00").await;
    for monto in ["1.00", "100.00"] {
        let mut nuevo = nuevo_pago(cliente.id, monto);
        nuevo.moneda = "USD".parse().unwrap();
        let moneda = Moneda::CLP;
        assert_eq!(fixture.procesar(nuevo).await, Decision::MonedaNoCoincide { moneda });
    }
    assert_eq!(fixture.cliente(cliente.id).await, Some(cliente));
}

async fn a_balance_can_be_drained_to_the_last_centavo(fixture: Fixture) {
    let cliente = fixture.creado("ana@x.cl", "0.30").await;
    assert_eq!(fixture.aceptado(cliente.id, "0.10").await.1, monto("0.20"));
    assert_eq!(fixture.aceptado(cliente.id, "0.20").await.1, Monto::ZERO);
    let decision = fixture.procesar(nuevo_pago(cliente.id, "0.01")).await;
    assert_eq!(decision, Decision::SaldoInsuficiente { saldo: Monto::ZERO });
    fixture.assert_money_rule().await;
}

async fn the_largest_amount_can_be_paid(fixture: Fixture) {
    let cliente = fixture.creado("ana@x.cl", "99999999.99").await;
    let (pago, nuevo_saldo) = fixture.aceptado(cliente.id, "99999999.99").await;
    assert_eq!((pago.monto, nuevo_saldo), (Monto::MAX, Monto::ZERO));
    assert_eq!(fixture.repositories.pagos.obtener(pago.id).await.unwrap(), Some(pago));
}

async fn an_unknown_id_is_no_pago(fixture: Fixture) {
    for id in [1, 2_147_483_648, i64::MAX] {
        let pago = fixture.repositories.pagos.obtener(PagoId::new(id).unwrap()).await.unwrap();
        assert_eq!(pago, None);
    }
}

async fn list(fixture: &Fixture, cliente_id: Option<ClienteId>, estado: Option<Estado>) -> Vec<Pago> {
    let filtro = PagoFilter { cliente_id, estado, ..PagoFilter::default() };
    fixture.repositories.pagos.listar(filtro).await.unwrap()
}

async fn pagos_are_listed_by_cliente_and_state(fixture: Fixture) {
    let ana = fixture.creado("ana@x.cl", "10.00").await.id;
    let eva = fixture.creado("eva@x.cl", "10.00").await.id;
    let mut all = Vec::new();
    for cliente in [ana, eva, ana, eva, ana] {
        all.push(fixture.aceptado(cliente, "1.00").await.0);
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
async fn page(fixture: &Fixture, skip: i64, limit: i64, after_id: i64) -> Vec<i64> {
    let filtro = PagoFilter { page: pagina(skip, limit, after_id), ..PagoFilter::default() };
    let pagos = fixture.repositories.pagos.listar(filtro).await.unwrap();
    pagos.iter().map(|pago| pago.id.get()).collect()
}

/// The ids of all pages, each after the last id of the one before, until no pago arrives.
async fn follow(fixture: &Fixture, mut arrivals: JoinSet<()>) -> Vec<i64> {
    let (mut seen, mut done) = (Vec::new(), false);
    loop {
        done |= arrivals.try_join_next().map(Result::unwrap).is_some();
        let next = page(fixture, 0, 7, seen.last().copied().unwrap_or(0)).await;
        if done && next.is_empty() {
            return seen;
        }
        seen.extend(next);
    }
}

async fn pages_that_follow_an_id_miss_nothing_while_pagos_arrive(fixture: Fixture) {
    let cliente = fixture.creado("ana@x.cl", "1000.00").await.id;
    let mut arrivals = JoinSet::new();
    let other = fixture.clone();
    arrivals.spawn(async move {
        for _ in 0..100 {
            other.aceptado(cliente, "1.00").await;
        }
    });
    let seen = follow(&fixture, arrivals).await;
    assert_eq!(seen, page(&fixture, 0, 1_000, 0).await);
    assert_eq!(seen.len(), 100);
    assert_eq!(page(&fixture, 98, 7, 0).await, seen[98..]);
}
