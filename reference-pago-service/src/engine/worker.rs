//! The work on a batch, and what is done when it fails.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use standards_axum::metrics::Durations;
use standards_core::context::JoinSetExt;
use standards_core::idempotency::Keyed;
use standards_core::{Failure, RequestContext, catch_panic_async, context};
use tokio::sync::mpsc::Receiver;
use tokio::task::{JoinError, JoinSet};
use tokio::time::Instant;
use tokio_util::sync::{CancellationToken, WaitForCancellationFuture};

use super::batch_span::BatchSpan;
use super::entrance::{Entrance, SharedPace};
use super::order::Order;
use super::with_retries;
use crate::database::{ErrorKind, Remedy, RepositoryError};
use crate::models::{ClienteId, Verdict};
use crate::repositories::{Batch, LockWait, PagoRepository};

/// How long the engine leaves a database alone that failed twice in a row: a server that has no connection left is not helped by
/// attempts.
const REST: Duration = Duration::from_millis(200);
/// Parts of a batch that are decided at the same time.
const PARTS: usize = 4;

/// One of the engine's two lanes.
#[derive(Clone)]
pub(super) struct Lane {
    /// Whether it waits for a cliente's row.
    pub(super) wait: LockWait,
    /// Where orders go whose cliente it did not wait for.
    pub(super) aside: Option<Entrance>,
    /// What its entrance knows of it.
    pub(super) pace: SharedPace,
    /// Is told how long each order waited.
    pub(super) waits: Durations,
}

/// What the lanes work with.
pub(super) struct Worker {
    pagos: Arc<dyn PagoRepository>,
    at_most: usize,
}

/// The end of the engine, looked out for from one batch to the next.
type Stop<'a, 't> = Pin<&'a mut WaitForCancellationFuture<'t>>;

/// Whether the database is there.
#[derive(PartialEq, Eq)]
enum Health {
    Up,
    Down,
}

impl Worker {
    pub(super) fn new(pagos: Arc<dyn PagoRepository>, at_most: usize) -> Self {
        Self { pagos, at_most }
    }

    /// Decides what waits, as long as anybody may still send something.
    pub(super) async fn run(self: Arc<Self>, mut queue: Receiver<Order>, lane: Lane, stop: CancellationToken) {
        let (mut failures, mut stop): (u32, _) = (0, pin!(stop.cancelled()));
        while let Some(orders) = lane.next(&mut queue, self.at_most, stop.as_mut()).await {
            let health = match lane.wait {
                LockWait::Skip => self.decide(orders, &lane).await,
                // One cliente's row is not waited for while another's is held.
                LockWait::Wait => self.decide_parts(by_cliente(orders), &lane).await,
            };
            failures = if health == Health::Down { failures.saturating_add(1) } else { 0 };
            rest(&mut queue, failures).await;
        }
    }

    async fn decide(self: &Arc<Self>, mut orders: Vec<Order>, lane: &Lane) -> Health {
        drop_late(&mut orders, Instant::now());
        if orders.is_empty() {
            return Health::Up;
        }
        let batch: Batch = orders.iter().map(|order| order.asked.clone()).collect();
        let span = BatchSpan::begin(&orders, self.pagos.system());
        let decision = span.around(with_retries(|| self.pagos.decide(batch.clone(), lane.wait)));
        let decision = catch_panic_async(on_behalf_of(request(&orders), decision));
        match meanwhile(decision, || orders.iter_mut().for_each(Order::begin)).await {
            Ok(Ok(answers)) => deliver(orders, answers, lane.aside.as_ref()),
            Ok(Err(error)) => return self.recover(orders, error, lane).await,
            Err(panic) => end_all(orders, &panic),
        }
        Health::Up
    }

    /// What certainly came to nothing is decided in parts: by cliente, then one by one.
    async fn recover(self: &Arc<Self>, orders: Vec<Order>, error: RepositoryError, lane: &Lane) -> Health {
        let (remedy, health) = (error.remedy(), Health::of(&error));
        if remedy == Remedy::GiveUp {
            end_all(orders, &error.into());
            return health;
        }
        let mut parts = by_cliente(orders);
        if parts.len() == 1 {
            let orders = parts.remove(0);
            // The orders of one cliente wait for the same row: none of them will get it.
            if orders.len() == 1 || remedy == Remedy::SplitByRow {
                end_all(orders, &error.into());
                return Health::Up;
            }
            parts = orders.into_iter().map(|order| vec![order]).collect();
        }
        self.decide_parts(parts, lane).await
    }

    /// Decides several batches, some of them at the same time.
    fn decide_parts<'t>(
        self: &'t Arc<Self>,
        parts: Vec<Vec<Order>>,
        lane: &'t Lane,
    ) -> Pin<Box<dyn Future<Output = Health> + Send + 't>> {
        Box::pin(async move {
            let (mut tasks, mut health) = (JoinSet::new(), Health::Up);
            for part in parts {
                if tasks.len() >= PARTS {
                    health = health.and(tasks.join_next().await.as_ref());
                }
                let (worker, lane) = (self.clone(), lane.clone());
                tasks.spawn_in_context(async move { worker.decide(part, &lane).await });
            }
            while let Some(ended) = tasks.join_next().await {
                health = health.and(Some(&ended));
            }
            health
        })
    }
}

impl Lane {
    /// What waits, or the next to come. Meanwhile the lane is idle.
    async fn next(&self, queue: &mut Receiver<Order>, at_most: usize, stop: Stop<'_, '_>) -> Option<Vec<Order>> {
        self.pace.lock().end(Instant::now());
        let orders = next(queue, at_most, stop).await;
        let now = Instant::now();
        self.pace.lock().begin(now);
        orders.iter().flatten().for_each(|order| self.waits.observe(now.duration_since(order.taken_in)));
        orders
    }
}

impl Health {
    /// A defect is no sign that the database is not there.
    fn of(error: &RepositoryError) -> Self {
        if error.kind() == ErrorKind::Unavailable { Self::Down } else { Self::Up }
    }

    /// Down, if either finds it so.
    fn and(self, other: Option<&Result<Self, JoinError>>) -> Self {
        match other {
            Some(Ok(Self::Down)) => Self::Down,
            _ => self,
        }
    }
}

/// The request of an order that is alone. Orders that are decided together have none in common.
fn request(orders: &[Order]) -> Option<RequestContext> {
    match orders {
        [alone] => alone.request().cloned(),
        _ => None,
    }
}

/// Does `work`, so that what is logged meanwhile has the id of `request`.
async fn on_behalf_of<F: Future>(request: Option<RequestContext>, work: F) -> F::Output {
    match request {
        Some(request) => context::scope(request, work).await,
        None => work.await,
    }
}

/// The outcome of `work`; once that is under way, does `task`.
async fn meanwhile<F: Future>(work: F, task: impl FnOnce()) -> F::Output {
    let (mut work, mut task) = (pin!(work), Some(task));
    poll_fn(|cx| {
        let poll = work.as_mut().poll(cx);
        if let (Poll::Pending, Some(task)) = (&poll, task.take()) {
            task();
        }
        poll
    })
    .await
}

/// What waits, or what comes next; `None` once nobody can send any more.
async fn next(queue: &mut Receiver<Order>, at_most: usize, stop: Stop<'_, '_>) -> Option<Vec<Order>> {
    let mut orders = Vec::new();
    tokio::select! {
        biased;
        _ = queue.recv_many(&mut orders, at_most) => {}
        () = stop => {
            queue.close();
            queue.recv_many(&mut orders, at_most).await;
        }
    }
    (!orders.is_empty()).then_some(orders)
}

/// After a failure what waits is refused; after the next one the database is left alone for a while.
async fn rest(queue: &mut Receiver<Order>, failures: u32) {
    if failures > 0 {
        // The database is not there, and none of it has been sent.
        while let Ok(order) = queue.try_recv() {
            order.end(Err(Failure::unavailable("the database is unavailable")));
        }
    }
    if failures > 1 {
        tokio::time::sleep(REST).await;
    }
}

/// The orders of each cliente, in the order in which they arrived.
fn by_cliente(orders: Vec<Order>) -> Vec<Vec<Order>> {
    let mut parts: BTreeMap<ClienteId, Vec<Order>> = BTreeMap::new();
    for order in orders {
        parts.entry(order.asked.pago.cliente_id).or_default().push(order);
    }
    parts.into_values().collect()
}

/// Drops the orders that nobody waits for any more. They have not been sent, or came to nothing for certain.
fn drop_late(orders: &mut Vec<Order>, now: Instant) {
    for (number, order) in orders.extract_if(.., |order| order.is_late(now)).enumerate() {
        order.end(Err(Failure::overload("its deadline passed in the payment queue: nothing was done", number)));
    }
}

fn deliver(orders: Vec<Order>, answers: Vec<Result<Keyed<Verdict>, RepositoryError>>, aside: Option<&Entrance>) {
    let mut answers = answers.into_iter();
    for order in orders {
        match (answers.next(), aside) {
            (Some(Err(error)), Some(aside)) if error.kind() == ErrorKind::RowHeld => aside.take_in(order),
            (Some(answer), _) => order.end(answer.map_err(Failure::from)),
            (None, _) => order.end(Err(RepositoryError::internal("an order without an answer").into())),
        }
    }
}

/// Ends orders with a failure that they share.
fn end_all(orders: Vec<Order>, failure: &Failure) {
    for order in orders {
        order.end(Err(failure.clone()));
    }
}
