//! Many callers at once, and callers that leave.

use std::time::Duration;

use reference_pago_service::database::ErrorKind;
use reference_pago_service::models::{
    ClienteError, ClienteFilter, ClienteId, DeletionError, Monto, NewPago, PagoError, PagoFilter, Verdict,
};
use reference_pago_service::repositories::{Batch, LockWait, PagoOrder, Repositories};
use standards_core::idempotency::Keyed;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::support::{Fixture, Random, monto, new_cliente, new_pago, on_both_engines};

on_both_engines!(
    of_64_that_register_one_address_one_succeeds,
    a_thousand_pagos_of_one_against_a_hundred_give_a_hundred,
    a_thousand_that_do_not_wait_for_the_row_give_a_hundred_too,
    no_pago_is_refused_that_the_balance_would_bear,
    the_money_rule_survives_a_random_mix,
    a_cliente_is_deleted_or_paid_with_never_both,
    a_caller_that_leaves_harms_nobody,
    regression_a_refused_statement_whose_caller_left_gives_its_connection_back,
    regression_a_pago_that_waited_for_a_recarga_counts_it,
);

async fn of_64_that_register_one_address_one_succeeds(fixture: Fixture) {
    let mut tasks = JoinSet::new();
    for _ in 0..64 {
        let fixture = fixture.clone();
        tasks.spawn(async move { fixture.create(new_cliente("ana@x.cl", "1.00")).await });
    }
    let outcomes = tasks.join_all().await;
    let duplicates = outcomes.iter().filter(|outcome| **outcome == Err(ClienteError::EmailDuplicado));
    assert_eq!(duplicates.count(), 63);
    assert_eq!(fixture.count("select count(*) from clientes").await, 1);
    fixture.assert_money_rule().await;
}

/// `total` pagos of `monto` from 64 tasks.
async fn pay(fixture: &Fixture, id: ClienteId, total: usize, monto: &'static str, wait: LockWait) -> Vec<Verdict> {
    let mut tasks = JoinSet::new();
    for task in 0..64 {
        let fixture = fixture.clone();
        tasks.spawn(async move {
            let mut verdicts = Vec::new();
            for _ in (task..total).step_by(64) {
                verdicts.push(insist(&fixture, new_pago(id, monto), wait).await);
            }
            verdicts
        });
    }
    tasks.join_all().await.concat()
}

/// Sends a pago again as long as it is passed over, which it is not for ever.
async fn insist(fixture: &Fixture, pago: NewPago, wait: LockWait) -> Verdict {
    let insisting = async {
        loop {
            let batch = Batch::from([PagoOrder { pago, key: None }]);
            match fixture.repositories.pagos.decide(batch, wait).await.unwrap().pop() {
                Some(Ok(Keyed::Fresh(verdict))) => return verdict,
                Some(Err(error)) if error.kind() == ErrorKind::RowHeld => {}
                other => panic!("{other:?}"),
            }
        }
    };
    timeout(Duration::from_secs(60), insisting).await.expect("passed over for a minute")
}

/// The balances that the accepted ones left, in falling order, and the refusals.
fn divide(verdicts: &[Verdict]) -> (Vec<i64>, Vec<PagoError>) {
    let (mut balances, mut refusals) = (Vec::new(), Vec::new());
    for verdict in verdicts {
        match verdict {
            Ok(accepted) => balances.push(accepted.nuevo_saldo.centavos()),
            Err(refusal) => refusals.push(refusal.clone()),
        }
    }
    balances.sort_unstable_by(|a, b| b.cmp(a));
    (balances, refusals)
}

async fn a_thousand_pagos_of_one_against_a_hundred_give_a_hundred(fixture: Fixture) {
    let id = fixture.created("ana@x.cl", "100.00").await.id;
    assert_a_hundred_of_a_thousand(&fixture, id, &pay(&fixture, id, 1_000, "1.00", LockWait::Wait).await).await;
}

async fn a_thousand_that_do_not_wait_for_the_row_give_a_hundred_too(fixture: Fixture) {
    let id = fixture.created("ana@x.cl", "100.00").await.id;
    assert_a_hundred_of_a_thousand(&fixture, id, &pay(&fixture, id, 1_000, "1.00", LockWait::Skip).await).await;
}

/// Every balance from 99 to 0 was left once, whoever came first.
async fn assert_a_hundred_of_a_thousand(fixture: &Fixture, id: ClienteId, verdicts: &[Verdict]) {
    let (balances, refusals) = divide(verdicts);
    let expected: Vec<i64> = (0..100).rev().map(|units| units * 100).collect();
    assert_eq!(balances, expected);
    assert_eq!(refusals, vec![new_pago(id, "1.00").beyond(Monto::ZERO); 900]);
    assert_eq!(fixture.cliente(id).await.unwrap().saldo, Monto::ZERO);
    assert_eq!(fixture.count("select count(*) from pagos").await, 100);
    fixture.assert_money_rule().await;
}

async fn no_pago_is_refused_that_the_balance_would_bear(fixture: Fixture) {
    let cliente = fixture.created("ana@x.cl", "100.00").await;
    let (large, small) = tokio::join!(
        pay(&fixture, cliente.id, 64, "7.77", LockWait::Wait),
        pay(&fixture, cliente.id, 64, "0.93", LockWait::Wait),
    );
    assert_refused_only_below(monto("7.77"), &large);
    assert_refused_only_below(monto("0.93"), &small);
    // Enough were made to use the balance up: what is left does not bear another.
    let saldo = fixture.cliente(cliente.id).await.unwrap().saldo;
    assert!(saldo < monto("7.77"), "{saldo}");
    fixture.assert_money_rule().await;
}

#[track_caller]
fn assert_refused_only_below(monto: Monto, verdicts: &[Verdict]) {
    for verdict in verdicts {
        match verdict {
            Ok(_) => {}
            Err(PagoError::SaldoInsuficiente { saldo, .. }) => assert!(*saldo < monto, "{saldo} < {monto}"),
            refused => panic!("{refused:?}"),
        }
    }
}

/// One operation chosen by chance; whatever its outcome, it must not fail.
async fn act(fixture: &Fixture, random: &mut Random, ids: &[ClienteId]) {
    let Repositories { clientes, pagos, .. } = &fixture.repositories;
    let id = ids[usize::try_from(random.below(ids.len() as u64)).unwrap()];
    let cents = 1 + random.below(5_000);
    let monto = format!("{}.{:02}", cents / 100, cents % 100);
    let address = format!("n{}@x.cl", random.below(1_000));
    match random.below(10) {
        0 => _ = fixture.credit(id, &monto).await,
        1 => _ = fixture.credit(id, "99999999.99").await,
        2 => _ = fixture.create(new_cliente(&address, &monto)).await,
        3 => _ = fixture.delete(id).await,
        4 => _ = clientes.list(ClienteFilter::default()).await.unwrap(),
        5 => _ = pagos.list(PagoFilter::default()).await.unwrap(),
        _ => _ = fixture.pay(new_pago(id, &monto)).await,
    }
}

async fn some_clientes(fixture: &Fixture) -> Vec<ClienteId> {
    let mut ids = Vec::new();
    for index in 0..8 {
        ids.push(fixture.created(&format!("c{index}@x.cl"), "500.00").await.id);
    }
    ids
}

async fn the_money_rule_survives_a_random_mix(fixture: Fixture) {
    let ids = some_clientes(&fixture).await;
    let mut tasks = JoinSet::new();
    for _ in 0..16 {
        let (fixture, ids, mut random) = (fixture.clone(), ids.clone(), Random::new());
        tasks.spawn(async move {
            for _ in 0..50 {
                act(&fixture, &mut random, &ids).await;
            }
        });
    }
    tasks.join_all().await;
    assert!(fixture.count("select count(*) from pagos").await > 0);
    fixture.assert_money_rule().await;
}

async fn a_cliente_is_deleted_or_paid_with_never_both(fixture: Fixture) {
    for index in 0..20 {
        let id = fixture.created(&format!("a{index}@x.cl"), "1.00").await.id;
        let pago = fixture.pay(new_pago(id, "1.00"));
        match tokio::join!(pago, fixture.delete(id)) {
            (Ok(_), Err(DeletionError::ClienteConPagos { .. })) | (Err(PagoError::ClienteNoEncontrado { .. }), Ok(Some(()))) => {}
            other => panic!("{other:?}"),
        }
    }
    fixture.assert_money_rule().await;
}

/// The fixture waits, when it closes the database, for every connection to come back.
async fn a_caller_that_leaves_harms_nobody(fixture: Fixture) {
    let ids = some_clientes(&fixture).await;
    let mut random = Random::new();
    for _ in 0..200 {
        let patience = Duration::from_micros(random.below(4_000));
        let _left_or_done = timeout(patience, act(&fixture, &mut random, &ids)).await;
    }
    let cliente = fixture.created("ana@x.cl", "64.00").await;
    let (balances, _) = divide(&pay(&fixture, cliente.id, 64, "1.00", LockWait::Wait).await);
    assert_eq!(balances.len(), 64);
    fixture.database.ping().await.unwrap();
    fixture.assert_money_rule().await;
    assert_no_open_transaction(&fixture).await;
}

async fn assert_no_open_transaction(fixture: &Fixture) {
    if fixture.database.engine() == "postgresql" {
        let open = "select count(*) from pg_stat_activity
            where datname = current_database() and state like 'idle in transaction%'";
        assert_eq!(fixture.count(open).await, 0);
    }
    // On SQLite the writer would refuse to begin.
    let cliente = fixture.created("eva@x.cl", "1.00").await;
    fixture.accepted(cliente.id, "1.00").await;
}

/// Over TLS, sqlx 0.9.0 never finished closing a connection that came back with an error unread.
async fn regression_a_refused_statement_whose_caller_left_gives_its_connection_back(fixture: Fixture) {
    let id = fixture.created("ana@x.cl", "1.00").await.id;
    fixture.accepted(id, "1.00").await;
    let mut random = Random::new();
    for _ in 0..200 {
        let patience = Duration::from_micros(random.below(2_000));
        let _left_or_done = timeout(patience, fixture.delete(id)).await;
    }
}

/// PostgreSQL tries the check of the balance on the row of the snapshot first.
async fn regression_a_pago_that_waited_for_a_recarga_counts_it(fixture: Fixture) {
    let id = fixture.created("ana@x.cl", "0.00").await.id;
    let mut tasks = JoinSet::new();
    for task in 0..8 {
        let fixture = fixture.clone();
        tasks.spawn(async move {
            for _ in 0..50 {
                if task % 2 == 0 {
                    _ = fixture.credit(id, "5.00").await;
                } else {
                    _ = fixture.pay(new_pago(id, "5.00")).await;
                }
            }
        });
    }
    tasks.join_all().await;
    fixture.assert_money_rule().await;
}
