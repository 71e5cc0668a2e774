//! The engine's policy, on top of a database that does as it is told.

mod callers;
mod deadlines;
mod failures;
mod lanes;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use standards_core::Failure;
use standards_core::idempotency::{Keyed, KeyedRequest};
use standards_core::log::LogOptions;
use standards_core::log::capture;
use tokio::sync::watch;

use super::{Capacity, Engine, Ticket};
use crate::database::coded::coded;
use crate::database::{BoxFuture, RepositoryError};
use crate::models::{
    Accepted, Annulled, AnulacionError, ClienteId, Moneda, Monto, NewPago, Pago, PagoError, PagoFilter, PagoId, PositiveMonto,
    Timestamp, Verdict,
};
use crate::repositories::{Batch, LockWait, PagoOrder, PagoRepository};

type Answers = Vec<Result<Keyed<Verdict>, RepositoryError>>;

type Script = dyn Fn(usize, Batch, LockWait) -> BoxFuture<'static, Answers> + Send + Sync;

/// A database that decides each batch as its script says, and remembers the clientes of each.
struct Fake {
    script: Box<Script>,
    batches: Mutex<Vec<Vec<i64>>>,
}

impl Fake {
    fn new(script: impl Fn(usize, Batch, LockWait) -> BoxFuture<'static, Answers> + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self { script: Box::new(script), batches: Mutex::default() })
    }

    /// The clientes of every batch that it was given.
    fn batches(&self) -> Vec<Vec<i64>> {
        self.batches.lock().unwrap().clone()
    }
}

impl PagoRepository for Fake {
    fn decide(&self, batch: Batch, wait: LockWait) -> BoxFuture<'_, Answers> {
        let mut batches = self.batches.lock().unwrap();
        batches.push(batch.iter().map(|order| order.pago.cliente_id.get()).collect());
        (self.script)(batches.len(), batch, wait)
    }

    fn annul(&self, id: PagoId, _: Option<Arc<KeyedRequest>>) -> BoxFuture<'_, Keyed<Result<Annulled, AnulacionError>>> {
        Box::pin(async move { Ok(Keyed::Fresh(Err(AnulacionError::PagoNoEncontrado { pago_id: id }))) })
    }

    fn get(&self, _: PagoId) -> BoxFuture<'_, Option<Pago>> {
        Box::pin(async { Ok(None) })
    }

    fn list(&self, _: PagoFilter) -> BoxFuture<'_, Vec<Pago>> {
        Box::pin(async { Ok(Vec::new()) })
    }
}

/// A script whose calls wait, if `waits` says so, until they are let go.
fn with_gate(waits: fn(usize, LockWait) -> bool, answers: fn(&Batch, LockWait) -> Answers) -> (watch::Sender<bool>, Arc<Fake>) {
    let (open, opened) = watch::channel(false);
    let fake = Fake::new(move |call, batch, wait| {
        let mut opened = opened.clone();
        Box::pin(async move {
            if waits(call, wait) {
                opened.wait_for(|opened| *opened).await.unwrap();
            }
            Ok(answers(&batch, wait))
        })
    });
    (open, fake)
}

async fn until(condition: impl Fn() -> bool) {
    while !condition() {
        tokio::task::yield_now().await;
    }
}

/// The log of the tests of this crate, into which each looks for its own requests.
pub(crate) fn install_log() {
    let options = LogOptions::new("pagos", "0.0.0").with_own_crate("reference_pago_service");
    capture::install(&options.with_filters("info".parse().unwrap()));
}

fn order(cliente_id: i64) -> PagoOrder {
    let monto = PositiveMonto::new(Monto::from_hundredths(100).unwrap()).unwrap();
    PagoOrder { pago: NewPago { cliente_id: ClienteId::new(cliente_id).unwrap(), monto, moneda: Moneda::CLP }, key: None }
}

fn accepted(order: &PagoOrder) -> Keyed<Verdict> {
    let id = PagoId::new(order.pago.cliente_id.get()).unwrap();
    Keyed::Fresh(Ok(order.pago.accepted(id, Timestamp::now(), Monto::ZERO)))
}

fn all(batch: &Batch) -> Answers {
    batch.iter().map(|order| Ok(accepted(order))).collect()
}

fn ready<T: Send + 'static>(value: Result<T, RepositoryError>) -> BoxFuture<'static, T> {
    Box::pin(async { value })
}

fn answered(code: &'static str) -> RepositoryError {
    coded(code).into()
}

fn lost() -> RepositoryError {
    sqlx::Error::Io(std::io::ErrorKind::ConnectionReset.into()).into()
}

/// Orders of these clientes, all of them taken in before the first is decided.
fn pay(engine: &Engine, clientes: impl IntoIterator<Item = i64>) -> Vec<Ticket<Accepted, PagoError>> {
    clientes.into_iter().map(|cliente| engine.pay(order(cliente), None, || ())).collect()
}

fn status<T, E: Into<Failure>>(answer: Result<Keyed<Result<T, E>>, Failure>) -> u16 {
    answer.and_then(Keyed::into_result).map_or_else(|failure| failure.status().as_u16(), |_| 200)
}

async fn statuses(tickets: Vec<Ticket<Accepted, PagoError>>) -> Vec<u16> {
    let mut statuses = Vec::new();
    for ticket in tickets {
        statuses.push(status(ticket.await));
    }
    statuses
}

fn distinct(batches: &[Vec<i64>]) -> BTreeSet<i64> {
    batches.iter().flatten().copied().collect()
}
