//! Pagos that are given back.

use reference_pago_service::models::{Estado, PagoId};
use reference_pago_service::repositories::{Anulacion, Resolucion};
use tokio::task::JoinSet;

use crate::support::http::execute;
use crate::support::{Fixture, monto, on_both_engines};

on_both_engines!(
    an_annulled_pago_is_back_on_the_balance,
    a_pago_is_annulled_once_however_many_try,
    an_annulment_beyond_the_largest_balance_changes_nothing,
    what_was_never_debited_is_not_given_back,
    an_unknown_pago_is_not_found,
    annulments_and_pagos_at_once_keep_the_money_rule,
);

impl Fixture {
    async fn anular(&self, id: PagoId) -> Anulacion {
        match self.repositories.pagos.anular(id, None).await.unwrap() {
            Resolucion::Nueva(anulacion) => anulacion,
            other => panic!("{other:?}"),
        }
    }
}

async fn an_annulled_pago_is_back_on_the_balance(fixture: Fixture) {
    let id = fixture.creado("ana@x.cl", "100.00").await.id;
    let (pago, _) = fixture.aceptado(id, "30.25").await;
    let Anulacion::Anulado { pago: annulled, nuevo_saldo } = fixture.anular(pago.id).await else { panic!("refused") };
    assert_eq!((annulled.estado, nuevo_saldo), (Estado::Anulado, monto("100.00")));
    assert_eq!(fixture.repositories.pagos.obtener(pago.id).await.unwrap(), Some(annulled));
    assert_eq!(fixture.cliente(id).await.unwrap().saldo, monto("100.00"));
    assert_eq!(fixture.anular(pago.id).await, Anulacion::NoAnulable { estado: Estado::Anulado });
    fixture.assert_money_rule().await;
}

async fn a_pago_is_annulled_once_however_many_try(fixture: Fixture) {
    let id = fixture.creado("ana@x.cl", "100.00").await.id;
    let (pago, _) = fixture.aceptado(id, "30.00").await;
    let mut tasks = JoinSet::new();
    for _ in 0..16 {
        let fixture = fixture.clone();
        tasks.spawn(async move { fixture.anular(pago.id).await });
    }
    let outcomes = tasks.join_all().await;
    assert_eq!(outcomes.iter().filter(|outcome| matches!(outcome, Anulacion::Anulado { .. })).count(), 1);
    assert_eq!(fixture.cliente(id).await.unwrap().saldo, monto("100.00"));
    fixture.assert_money_rule().await;
}

async fn an_annulment_beyond_the_largest_balance_changes_nothing(fixture: Fixture) {
    let id = fixture.creado("ana@x.cl", "99999999.99").await.id;
    let (pago, _) = fixture.aceptado(id, "10.00").await;
    fixture.recargar(id, "0.01").await;
    assert_eq!(fixture.anular(pago.id).await, Anulacion::SaldoExcedido { monto: monto("10.00") });
    assert_eq!(fixture.repositories.pagos.obtener(pago.id).await.unwrap(), Some(pago));
    fixture.aceptado(id, "0.01").await;
    assert!(matches!(fixture.anular(pago.id).await, Anulacion::Anulado { .. }));
    fixture.assert_money_rule().await;
}

async fn what_was_never_debited_is_not_given_back(fixture: Fixture) {
    let id = fixture.creado("ana@x.cl", "100.00").await.id;
    let (pago, _) = fixture.aceptado(id, "30.00").await;
    execute(&fixture, "update pagos set estado = 'PENDIENTE'").await;
    assert_eq!(fixture.anular(pago.id).await, Anulacion::NoAnulable { estado: Estado::Pendiente });
    assert_eq!(fixture.cliente(id).await.unwrap().saldo, monto("70.00"));
}

async fn an_unknown_pago_is_not_found(fixture: Fixture) {
    for id in [1, i64::MAX] {
        assert_eq!(fixture.anular(PagoId::new(id).unwrap()).await, Anulacion::NoEncontrado);
    }
}

async fn annulments_and_pagos_at_once_keep_the_money_rule(fixture: Fixture) {
    let id = fixture.creado("ana@x.cl", "1000.00").await.id;
    let mut tasks = JoinSet::new();
    for _ in 0..8 {
        let fixture = fixture.clone();
        tasks.spawn(async move {
            for _ in 0..20 {
                let (pago, _) = fixture.aceptado(id, "3.33").await;
                assert!(matches!(fixture.anular(pago.id).await, Anulacion::Anulado { .. }));
            }
        });
    }
    tasks.join_all().await;
    assert_eq!(fixture.cliente(id).await.unwrap().saldo, monto("1000.00"));
    assert_eq!(fixture.count("select count(*) from pagos where estado = 'ANULADO'").await, 160);
    fixture.assert_money_rule().await;
}
