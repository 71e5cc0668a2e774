//! Between the engine and the repositories: what each operation came to, and how long the database took.

use std::sync::Arc;
use std::time::{Duration, Instant};

use standards_core::DomainError;
use standards_core::idempotency::{Keyed, KeyedRequest};

use super::{BusinessMetrics, DatabaseOperation, Movements};
use crate::database::{BoxFuture, RepositoryError};
use crate::models::{
    Accepted, Annulled, AnulacionError, Cliente, ClienteError, ClienteFilter, ClienteId, DeletionError, Email, Moneda, Monto,
    NewCliente, Nombre, Pago, PagoFilter, PagoId, PositiveMonto, RecargaError, Verdict,
};
use crate::repositories::{
    Batch, ClienteRepository, LockWait, OutcomeRepository, PagoOrder, PagoRepository, Repositories, StoredOutcome,
};

/// A repository, and who is told of what it did.
struct Observed<R: ?Sized> {
    inner: Arc<R>,
    metrics: BusinessMetrics,
}

impl BusinessMetrics {
    /// The same repositories, told of.
    #[must_use]
    pub fn around(&self, repositories: Repositories) -> Repositories {
        let Repositories { clientes, pagos, outcomes } = repositories;
        Repositories {
            clientes: Arc::new(Observed { inner: clientes, metrics: self.clone() }),
            pagos: Arc::new(Observed { inner: pagos, metrics: self.clone() }),
            outcomes: Arc::new(Observed { inner: outcomes, metrics: self.clone() }),
        }
    }

    /// What `work` came to; how long it took is told. Work that is given up is not told of.
    async fn timed<T>(&self, operation: DatabaseOperation, work: BoxFuture<'_, T>) -> Result<T, RepositoryError> {
        let started = Instant::now();
        let outcome = work.await;
        self.took(operation, started.elapsed());
        outcome
    }

    /// Tells of the pagos of a batch. One that was passed over comes again; one whose fate is unknown is no outcome.
    fn decided(&self, orders: &[PagoOrder], answers: &[Result<Keyed<Verdict>, RepositoryError>]) {
        for (PagoOrder { pago, .. }, answer) in orders.iter().zip(answers) {
            if let Ok(verdict) = answer {
                let accepted = |Accepted { pago, .. }: &Accepted| (pago.moneda, pago.monto);
                fresh(&self.pagos, verdict, accepted, Some(pago.moneda));
            }
        }
    }
}

/// Tells of what was done now; a repetition is told of by whoever looks for the key.
fn fresh<T, E: DomainError>(
    movements: &Movements,
    verdict: &Keyed<Result<T, E>>,
    moved: impl FnOnce(&T) -> (Moneda, Monto),
    moneda: Option<Moneda>,
) {
    match verdict {
        Keyed::Fresh(Ok(done)) => {
            let (moneda, monto) = moved(done);
            movements.accepted(moneda, monto);
        }
        Keyed::Fresh(Err(refusal)) => movements.refused(moneda, refusal),
        Keyed::Replayed(..) | Keyed::Reused => {}
    }
}

impl PagoRepository for Observed<dyn PagoRepository> {
    fn decide(&self, batch: Batch, wait: LockWait) -> BoxFuture<'_, Vec<Result<Keyed<Verdict>, RepositoryError>>> {
        let orders = batch.clone();
        Box::pin(async move {
            self.metrics.batches.observe(orders.len() as f64);
            let answers = self.metrics.timed(DatabaseOperation::Decide, self.inner.decide(batch, wait)).await?;
            self.metrics.decided(&orders, &answers);
            Ok(answers)
        })
    }

    fn system(&self) -> &'static str {
        self.inner.system()
    }

    fn annul(&self, id: PagoId, key: Option<Arc<KeyedRequest>>) -> BoxFuture<'_, Keyed<Result<Annulled, AnulacionError>>> {
        Box::pin(async move {
            let verdict = self.metrics.timed(DatabaseOperation::Annul, self.inner.annul(id, key)).await?;
            fresh(&self.metrics.anulaciones, &verdict, |Annulled { pago, .. }| (pago.moneda, pago.monto), None);
            Ok(verdict)
        })
    }

    fn get(&self, id: PagoId) -> BoxFuture<'_, Option<Pago>> {
        Box::pin(self.metrics.timed(DatabaseOperation::Read, self.inner.get(id)))
    }

    fn list(&self, filter: PagoFilter) -> BoxFuture<'_, Vec<Pago>> {
        Box::pin(self.metrics.timed(DatabaseOperation::Read, self.inner.list(filter)))
    }
}

impl ClienteRepository for Observed<dyn ClienteRepository> {
    fn create(&self, new: NewCliente) -> BoxFuture<'_, Result<Cliente, ClienteError>> {
        let (moneda, saldo) = (new.moneda, new.saldo);
        Box::pin(async move {
            let created = self.metrics.timed(DatabaseOperation::Write, self.inner.create(new)).await?;
            // An opening balance is a recarga.
            if created.is_ok() && saldo > Monto::ZERO {
                self.metrics.recargas.accepted(moneda, saldo);
            }
            Ok(created)
        })
    }

    fn get(&self, id: ClienteId) -> BoxFuture<'_, Option<Cliente>> {
        Box::pin(self.metrics.timed(DatabaseOperation::Read, self.inner.get(id)))
    }

    fn list(&self, filter: ClienteFilter) -> BoxFuture<'_, Vec<Cliente>> {
        Box::pin(self.metrics.timed(DatabaseOperation::Read, self.inner.list(filter)))
    }

    fn update(&self, id: ClienteId, nombre: Nombre, email: Email) -> BoxFuture<'_, Result<Option<Cliente>, ClienteError>> {
        Box::pin(self.metrics.timed(DatabaseOperation::Write, self.inner.update(id, nombre, email)))
    }

    fn delete(&self, id: ClienteId) -> BoxFuture<'_, Result<Option<()>, DeletionError>> {
        Box::pin(self.metrics.timed(DatabaseOperation::Write, self.inner.delete(id)))
    }

    fn credit(
        &self,
        id: ClienteId,
        monto: PositiveMonto,
        key: Option<Arc<KeyedRequest>>,
    ) -> BoxFuture<'_, Keyed<Result<Cliente, RecargaError>>> {
        Box::pin(async move {
            let verdict = self.metrics.timed(DatabaseOperation::Credit, self.inner.credit(id, monto, key)).await?;
            fresh(&self.metrics.recargas, &verdict, |cliente| (cliente.moneda, monto.monto()), None);
            Ok(verdict)
        })
    }
}

impl OutcomeRepository for Observed<dyn OutcomeRepository> {
    fn find(&self, key: Arc<KeyedRequest>) -> BoxFuture<'_, Option<StoredOutcome>> {
        Box::pin(self.metrics.timed(DatabaseOperation::Read, self.inner.find(key)))
    }

    fn reap(&self, older_than: Duration, at_most: u32) -> BoxFuture<'_, u64> {
        Box::pin(async move {
            let reaped = self.metrics.timed(DatabaseOperation::Write, self.inner.reap(older_than, at_most)).await?;
            self.metrics.reaped.inc_by(reaped);
            Ok(reaped)
        })
    }
}
