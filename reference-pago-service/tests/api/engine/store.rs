//! The service's own storage of outcomes keeps the library's contract.

use std::sync::Arc;
use std::time::Duration;

use reference_pago_service::engine::with_retries;
use reference_pago_service::models::{Accepted, Annulled, Cliente, ClienteId};
use reference_pago_service::repositories::{Batch, LockWait, PagoOrder, Repositories};
use standards_core::Failure;
use standards_core::idempotency::contract::{StoreUnderTest, verify};
use standards_core::idempotency::{IdempotencyStore, Keyed, KeyedRequest};

use crate::support::{Fixture, new_pago, on_both_engines, positive};

on_both_engines!(recargas_keep_the_contract, pagos_keep_the_contract, annulments_keep_the_contract);

/// One kind of operation, its keys and its effects.
struct Store<E> {
    fixture: Fixture,
    effect: E,
}

/// An operation that can be done under a key.
trait Effect: Clone + Send + Sync + 'static {
    type Outcome: PartialEq + std::fmt::Debug + Send + 'static;

    /// An operation that succeeds, or one that comes to nothing and is not kept.
    fn another(&self, fails: bool) -> Self;

    fn perform(
        &self,
        repositories: &Repositories,
        key: Arc<KeyedRequest>,
    ) -> impl Future<Output = Result<Keyed<Self::Outcome>, Failure>> + Send;

    /// How many have been done.
    const DONE: &'static str;
}

/// What was done. A refusal is none of these effects' outcomes.
fn done<T, E>(verdict: Keyed<Result<T, E>>) -> Result<Keyed<T>, Failure> {
    let none = |_| Failure::unavailable("it came to nothing");
    Ok(match verdict {
        Keyed::Fresh(verdict) => Keyed::Fresh(verdict.map_err(none)?),
        Keyed::Replayed(verdict, language) => Keyed::Replayed(verdict.map_err(none)?, language),
        Keyed::Reused => Keyed::Reused,
    })
}

const NOBODY: i64 = 999_999;

#[derive(Clone)]
struct Credit(ClienteId);

impl Effect for Credit {
    type Outcome = Cliente;

    fn another(&self, fails: bool) -> Self {
        Self(if fails { ClienteId::new(NOBODY).unwrap() } else { self.0 })
    }

    async fn perform(&self, repositories: &Repositories, key: Arc<KeyedRequest>) -> Result<Keyed<Cliente>, Failure> {
        let credited = || repositories.clientes.credit(self.0, positive("0.01"), Some(key.clone()));
        done(with_retries(credited).await?)
    }

    // The first is the opening balance.
    const DONE: &'static str = "select count(*) - 1 from recargas";
}

#[derive(Clone)]
struct Pay(ClienteId, bool);

impl Effect for Pay {
    type Outcome = Accepted;

    fn another(&self, fails: bool) -> Self {
        Self(self.0, fails)
    }

    async fn perform(&self, repositories: &Repositories, key: Arc<KeyedRequest>) -> Result<Keyed<Accepted>, Failure> {
        if self.1 {
            // Every refusal of a pago is kept: the failure is one of the database.
            return Err(Failure::unavailable("the database is unavailable"));
        }
        let batch = Batch::from([PagoOrder { pago: new_pago(self.0, "0.01"), key: Some(key) }]);
        let mut answers = with_retries(|| repositories.pagos.decide(batch.clone(), LockWait::Wait)).await?;
        done(answers.pop().unwrap()?)
    }

    const DONE: &'static str = "select count(*) from pagos";
}

/// Pays and annuls at once, so that there is always something to annul.
#[derive(Clone)]
struct Annul(ClienteId, bool);

impl Effect for Annul {
    type Outcome = Annulled;

    fn another(&self, fails: bool) -> Self {
        Self(self.0, fails)
    }

    async fn perform(&self, repositories: &Repositories, key: Arc<KeyedRequest>) -> Result<Keyed<Annulled>, Failure> {
        let batch = Batch::from([PagoOrder { pago: new_pago(self.0, "0.01"), key: None }]);
        let mut answers = repositories.pagos.decide(batch, LockWait::Wait).await?;
        let pago = answers.pop().unwrap()?.into_result()?.pago;
        let id = if self.1 { NOBODY.to_string().parse().unwrap() } else { pago.id };
        done(with_retries(|| repositories.pagos.annul(id, Some(key.clone()))).await?)
    }

    const DONE: &'static str = "select count(*) from pagos where estado = 'ANULADO'";
}

impl<E: Effect> IdempotencyStore for Store<E> {
    type Effect = E;
    type Outcome = E::Outcome;

    async fn perform(&self, request: &KeyedRequest, effect: E) -> Result<Keyed<E::Outcome>, Failure> {
        effect.perform(&self.fixture.repositories, Arc::new(request.clone())).await
    }

    async fn reap(&self, older_than: Duration, at_most: u32) -> Result<u64, Failure> {
        Ok(self.fixture.repositories.outcomes.reap(older_than, at_most).await?)
    }
}

impl<E: Effect> StoreUnderTest for Store<E> {
    type Store = Self;

    fn store(&self) -> &Self {
        self
    }

    fn effect(&self) -> E {
        self.effect.another(false)
    }

    fn failing_effect(&self) -> E {
        self.effect.another(true)
    }

    async fn performed(&self) -> u64 {
        u64::try_from(self.fixture.count(E::DONE).await).unwrap()
    }
}

async fn keeps_the_contract<E: Effect>(fixture: Fixture, effect: impl FnOnce(ClienteId) -> E) {
    let id = fixture.created("ana@x.cl", "1000.00").await.id;
    verify(&Store { effect: effect(id), fixture: fixture.clone() }).await;
    fixture.assert_money_rule().await;
}

async fn recargas_keep_the_contract(fixture: Fixture) {
    keeps_the_contract(fixture, Credit).await;
}

async fn pagos_keep_the_contract(fixture: Fixture) {
    keeps_the_contract(fixture, |id| Pay(id, false)).await;
}

async fn annulments_keep_the_contract(fixture: Fixture) {
    keeps_the_contract(fixture, |id| Annul(id, false)).await;
}
