//! What is asked about pagos.

use std::sync::Arc;

use standards_core::idempotency::{Keyed, KeyedRequest};

use crate::database::{BoxFuture, RepositoryError};
use crate::models::{Annulled, AnulacionError, NewPago, Pago, PagoFilter, PagoId, Verdict};

/// The pagos.
pub trait PagoRepository: Send + Sync {
    /// Decides a batch of pagos as one unit, in the order in which they stand, each on the balance that the ones before it left;
    /// debits the clientes and notes the accepted pagos as `PROCESADO`, and keeps the verdicts on those with a key.
    ///
    /// There are as many answers as orders, in the same order. An error of one of them is its own: it was passed over
    /// ([`ErrorKind::RowHeld`](crate::database::ErrorKind::RowHeld)), or its answer cannot be read. An error of the whole batch says by
    /// its [`remedy`](RepositoryError::remedy) whether it may have been committed all the same.
    fn decide(&self, batch: Batch, wait: LockWait) -> BoxFuture<'_, Vec<Result<Keyed<Verdict>, RepositoryError>>>;

    /// What the database is called by OpenTelemetry's conventions (`db.system.name`).
    fn system(&self) -> &'static str {
        "other_sql"
    }

    /// Annuls a pago: gives its amount back, as one unit.
    fn annul(&self, id: PagoId, key: Option<Arc<KeyedRequest>>) -> BoxFuture<'_, Keyed<Result<Annulled, AnulacionError>>>;

    /// The pago with this id, if there is one.
    fn get(&self, id: PagoId) -> BoxFuture<'_, Option<Pago>>;

    /// The pagos that pass the filter, by id.
    fn list(&self, filter: PagoFilter) -> BoxFuture<'_, Vec<Pago>>;
}

/// Pagos to be decided together.
pub type Batch = Arc<[PagoOrder]>;

/// A pago to be decided, and its key if it has one. No two orders of a batch have the same key.
#[derive(Clone, Debug)]
pub struct PagoOrder {
    /// The pago.
    pub pago: NewPago,
    /// Its key.
    pub key: Option<Arc<KeyedRequest>>,
}

/// What is done about a cliente whose row another transaction holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LockWait {
    /// Its orders are passed over.
    Skip,
    /// It is waited for, as long as the database allows.
    Wait,
}
