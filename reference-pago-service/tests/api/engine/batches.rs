//! Both databases decide a batch as the rule does.

use std::collections::HashMap;
use std::sync::Arc;

use reference_pago_service::models::{Account, Accounts, ClienteId, Moneda, Monto, NewCliente, NewPago, PagoError, Verdict};
use reference_pago_service::repositories::{Batch, LockWait, PagoOrder};
use standards_core::Language;
use standards_core::idempotency::{KeyScope, Keyed, KeyedRequest};

use crate::support::{Fixture, Random, monto, new_cliente, new_pago, on_both_engines, positive};

on_both_engines!(
    a_refused_pago_does_not_count,
    random_batches_are_decided_as_the_rule_says,
    two_orders_with_one_key_come_to_nothing_together,
    an_empty_batch_is_nothing,
);

async fn decide(fixture: &Fixture, orders: &[PagoOrder], wait: LockWait) -> Vec<Keyed<Verdict>> {
    let answers = fixture.repositories.pagos.decide(Batch::from(orders), wait).await.unwrap();
    answers.into_iter().map(|answer| answer.unwrap()).collect()
}

async fn a_refused_pago_does_not_count(fixture: Fixture) {
    let id = fixture.created("ana@x.cl", "100.00").await.id;
    let orders = ["60", "60", "40", "0.01"].map(|monto| PagoOrder { pago: new_pago(id, monto), key: None });
    let verdicts = decide(&fixture, &orders, LockWait::Skip).await;
    let saldos: Vec<_> = verdicts
        .iter()
        .map(|verdict| match verdict {
            Keyed::Fresh(Ok(accepted)) => (true, accepted.nuevo_saldo.to_string()),
            Keyed::Fresh(Err(PagoError::SaldoInsuficiente { saldo, .. })) => (false, saldo.to_string()),
            other => panic!("{other:?}"),
        })
        .collect();
    let expected = [(true, "40.00"), (false, "40.00"), (true, "0.00"), (false, "0.00")];
    assert_eq!(saldos, expected.map(|(accepted, saldo)| (accepted, saldo.to_owned())));
    fixture.assert_money_rule().await;
}

async fn an_empty_batch_is_nothing(fixture: Fixture) {
    assert_eq!(decide(&fixture, &[], LockWait::Wait).await, []);
}

async fn two_orders_with_one_key_come_to_nothing_together(fixture: Fixture) {
    let id = fixture.created("ana@x.cl", "100.00").await.id;
    let order = || order(new_pago(id, "1"), Some("k"));
    let batch = Batch::from([order(), order()]);
    assert!(fixture.repositories.pagos.decide(batch, LockWait::Wait).await.is_err());
    assert_eq!(fixture.count("select (select count(*) from pagos) + (select count(*) from idempotencia)").await, 0);
    fixture.assert_money_rule().await;
}

fn order(pago: NewPago, key: Option<&str>) -> PagoOrder {
    let keyed = |key: &str| {
        let scope = KeyScope::new("", "POST /pagos", key.parse().unwrap());
        Arc::new(KeyedRequest::new(scope, format!("{pago:?}")).in_language(Language::En))
    };
    PagoOrder { pago, key: key.map(keyed) }
}

/// What the rule and a table of keys say, as against what the database does.
struct Model {
    accounts: Accounts,
    keys: HashMap<String, (NewPago, Verdict)>,
    random: Random,
}

/// Clientes with little money, one of them in another currency, and one that does not exist.
async fn model(fixture: &Fixture) -> Model {
    let mut accounts = Vec::new();
    for (number, saldo) in [(1, "20.00"), (2, "3.00"), (3, "0.50"), (4, "100.00")] {
        let moneda = if number == 4 { "USD".parse().unwrap() } else { Moneda::CLP };
        let new = NewCliente { moneda, ..new_cliente(&format!("c{number}@x.cl"), saldo) };
        let cliente = fixture.create(new).await.unwrap();
        assert_eq!(cliente.id.get(), number);
        accounts.push((cliente.id, Account { saldo: monto(saldo), moneda }));
    }
    Model { accounts: accounts.into_iter().collect(), keys: HashMap::new(), random: Random::new() }
}

impl Model {
    fn pago(&mut self) -> NewPago {
        let id = ClienteId::new(i64::try_from(1 + self.random.below(5)).unwrap()).unwrap();
        let cents = 1 + self.random.below(150);
        let monto = positive(&format!("{}.{:02}", cents / 100, cents % 100));
        let moneda = if self.random.below(5) == 0 { "USD".parse().unwrap() } else { Moneda::CLP };
        NewPago { cliente_id: id, monto, moneda }
    }

    /// A batch whose keys are new, or known with the same request or another, and none twice.
    fn batch(&mut self, round: usize) -> Vec<PagoOrder> {
        // A single order has a statement of its own.
        let size = if self.random.below(3) == 0 { 1 } else { self.random.below(40) };
        let (mut batch, mut used) = (Vec::new(), Vec::new());
        for number in 0..size {
            let (mut pago, mut key) = (self.pago(), None);
            match self.random.below(4) {
                0 => key = Some(format!("{round}-{number}")),
                1 => {
                    let known = usize::try_from(self.random.below(1 + self.keys.len() as u64)).unwrap();
                    let kept = self.keys.iter().nth(known).filter(|(key, _)| !used.contains(*key));
                    if let Some((known, (first, _))) = kept {
                        key = Some(known.clone());
                        pago = if self.random.below(2) == 0 { *first } else { pago };
                    }
                }
                _ => {}
            }
            used.extend(key.clone());
            batch.push(order(pago, key.as_deref()));
        }
        batch
    }

    /// What must come of it; ids and instants are the database's own.
    #[track_caller]
    fn check(&mut self, batch: &[PagoOrder], verdicts: &[Keyed<Verdict>]) {
        assert_eq!(batch.len(), verdicts.len());
        for (order, verdict) in batch.iter().zip(verdicts) {
            let key = order.key.as_ref().map(|key| key.scope().key().to_owned());
            match key.as_ref().and_then(|key| self.keys.get(key)) {
                Some((first, kept)) if *first == order.pago => {
                    assert_eq!(*verdict, Keyed::Replayed(kept.clone(), Language::En));
                }
                Some(_) => assert_eq!(*verdict, Keyed::Reused),
                None => {
                    let Keyed::Fresh(verdict) = verdict else { panic!("{order:?}: {verdict:?}") };
                    let told = verdict.clone().map(|accepted| accepted.nuevo_saldo);
                    assert_eq!(told, self.accounts.decide([&order.pago])[0], "{order:?}");
                    self.keys.extend(key.map(|key| (key, (order.pago, verdict.clone()))));
                }
            }
        }
    }

    fn saldo(&self, id: ClienteId) -> Monto {
        self.accounts.get(id).unwrap().saldo
    }
}

/// The ids of the accepted pagos, in the order of their orders.
fn ids(verdicts: &[Keyed<Verdict>]) -> Vec<i64> {
    let id = |verdict: &Keyed<Verdict>| match verdict {
        Keyed::Fresh(Ok(accepted)) => Some(accepted.pago.id.get()),
        _ => None,
    };
    verdicts.iter().filter_map(id).collect()
}

async fn random_batches_are_decided_as_the_rule_says(fixture: Fixture) {
    let mut model = model(&fixture).await;
    let mut last = 0;
    for round in 0..80 {
        last = one_round(&fixture, &mut model, round, last).await;
        if round % 8 == 7 {
            fixture.credit(ClienteId::new(1).unwrap(), "5.00").await.unwrap();
            model.accounts = accounts_now(&fixture, &model).await;
        }
    }
    for id in (1..=4).map(|id| ClienteId::new(id).unwrap()) {
        assert_eq!(fixture.cliente(id).await.unwrap().saldo, model.saldo(id));
    }
    fixture.assert_money_rule().await;
}

/// Decides one batch; the ids of its pagos follow `last` in the order of arrival, and the last of them is returned.
async fn one_round(fixture: &Fixture, model: &mut Model, round: usize, last: i64) -> i64 {
    let batch = model.batch(round);
    let wait = if round.is_multiple_of(2) { LockWait::Skip } else { LockWait::Wait };
    let verdicts = decide(fixture, &batch, wait).await;
    model.check(&batch, &verdicts);
    assert_kept(fixture, &verdicts).await;
    let ids = ids(&verdicts);
    assert!(ids.first().is_none_or(|first| *first > last) && ids.is_sorted(), "{ids:?}");
    ids.last().copied().unwrap_or(last)
}

/// Each accepted pago is kept under its own id, as it was answered.
async fn assert_kept(fixture: &Fixture, verdicts: &[Keyed<Verdict>]) {
    for verdict in verdicts {
        if let Keyed::Fresh(Ok(accepted)) = verdict {
            assert_eq!(fixture.repositories.pagos.get(accepted.pago.id).await.unwrap(), Some(accepted.pago));
        }
    }
}

/// The accounts after a recarga to cliente 1; those of the others are as the model has them.
async fn accounts_now(fixture: &Fixture, model: &Model) -> Accounts {
    let mut accounts = Vec::new();
    for id in 1..=4 {
        let cliente = fixture.cliente(ClienteId::new(id).unwrap()).await.unwrap();
        assert!(id == 1 || cliente.saldo == model.saldo(cliente.id));
        accounts.push((cliente.id, Account { saldo: cliente.saldo, moneda: cliente.moneda }));
    }
    accounts.into_iter().collect()
}
