//! Pagos that are given back.

use reference_pago_service::models::{Annulled, AnulacionError, Estado, PagoId};
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
    async fn annul(&self, id: PagoId) -> Result<Annulled, AnulacionError> {
        self.repositories.pagos.annul(id, None).await.unwrap().outcome().unwrap()
    }
}

async fn an_annulled_pago_is_back_on_the_balance(fixture: Fixture) {
    let id = fixture.created("ana@x.cl", "100.00").await.id;
    let (pago, _) = fixture.accepted(id, "30.25").await;
    let Annulled { pago: annulled, nuevo_saldo } = fixture.annul(pago.id).await.unwrap();
    assert_eq!((annulled.estado, nuevo_saldo), (Estado::Anulado, monto("100.00")));
    assert_eq!(fixture.repositories.pagos.get(pago.id).await.unwrap(), Some(annulled));
    assert_eq!(fixture.cliente(id).await.unwrap().saldo, monto("100.00"));
    assert_eq!(fixture.annul(pago.id).await, Err(AnulacionError::PagoNoAnulable { pago_id: pago.id, estado: Estado::Anulado }));
    fixture.assert_money_rule().await;
}

async fn a_pago_is_annulled_once_however_many_try(fixture: Fixture) {
    let id = fixture.created("ana@x.cl", "100.00").await.id;
    let (pago, _) = fixture.accepted(id, "30.00").await;
    let mut tasks = JoinSet::new();
    for _ in 0..16 {
        let fixture = fixture.clone();
        tasks.spawn(async move { fixture.annul(pago.id).await });
    }
    let outcomes = tasks.join_all().await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    assert_eq!(fixture.cliente(id).await.unwrap().saldo, monto("100.00"));
    fixture.assert_money_rule().await;
}

async fn an_annulment_beyond_the_largest_balance_changes_nothing(fixture: Fixture) {
    let id = fixture.created("ana@x.cl", "99999999.99").await.id;
    let (pago, _) = fixture.accepted(id, "10.00").await;
    fixture.credit(id, "0.01").await.unwrap();
    assert_eq!(fixture.annul(pago.id).await, Err(AnulacionError::SaldoExcedido { monto: monto("10.00") }));
    assert_eq!(fixture.repositories.pagos.get(pago.id).await.unwrap(), Some(pago));
    fixture.accepted(id, "0.01").await;
    assert!(fixture.annul(pago.id).await.is_ok());
    fixture.assert_money_rule().await;
}

async fn what_was_never_debited_is_not_given_back(fixture: Fixture) {
    let id = fixture.created("ana@x.cl", "100.00").await.id;
    let (pago, _) = fixture.accepted(id, "30.00").await;
    execute(&fixture, "update pagos set estado = 'PENDIENTE'").await;
    assert_eq!(fixture.annul(pago.id).await, Err(AnulacionError::PagoNoAnulable { pago_id: pago.id, estado: Estado::Pendiente }));
    assert_eq!(fixture.cliente(id).await.unwrap().saldo, monto("70.00"));
}

async fn an_unknown_pago_is_not_found(fixture: Fixture) {
    for id in [1, i64::MAX] {
        let pago_id = PagoId::new(id).unwrap();
        assert_eq!(fixture.annul(pago_id).await, Err(AnulacionError::PagoNoEncontrado { pago_id }));
    }
}

async fn annulments_and_pagos_at_once_keep_the_money_rule(fixture: Fixture) {
    let id = fixture.created("ana@x.cl", "1000.00").await.id;
    let mut tasks = JoinSet::new();
    for _ in 0..8 {
        let fixture = fixture.clone();
        tasks.spawn(async move {
            for _ in 0..20 {
                let (pago, _) = fixture.accepted(id, "3.33").await;
                assert!(fixture.annul(pago.id).await.is_ok());
            }
        });
    }
    tasks.join_all().await;
    assert_eq!(fixture.cliente(id).await.unwrap().saldo, monto("1000.00"));
    assert_eq!(fixture.count("select count(*) from pagos where estado = 'ANULADO'").await, 160);
    fixture.assert_money_rule().await;
}
