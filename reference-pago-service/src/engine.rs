//! The payment engine: pagos that arrive while others are being written are decided together.
//!
//! One task takes the pagos that wait, has the database decide them as one unit, and tells each caller its own outcome; those that
//! arrive meanwhile form the next batch. Nobody waits for a batch to fill, so an idle service answers as fast as one pago can be
//! written, and a busy one shares each commit among all that wait for it.
//!
//! What holds whatever happens:
//!
//! - An order that was taken in ends, and its end is logged under the id of its request, whether or not somebody still waits for it.
//!   A caller that leaves (its client has gone, the deadline has passed) stops nothing.
//! - The queue is bounded: an order that finds it full is refused at once. So is one whose turn would come after its request's deadline; and one
//!   whose deadline has passed when its turn comes is dropped. Neither was sent: it is certain that nothing was done, and its key is free.
//! - A batch that certainly came to nothing is tried again, then in parts, so that no pago fails because of another. One whose
//!   outcome is unknown is never tried again: it is 503, and the key settles it.
//! - A cliente whose row somebody else holds delays nobody but its own orders: they step aside into a second lane that waits.
//!
//! The engine asks the database through [`PagoRepository::decide`] and nothing else,
//! so that all of this is tested without one.

#[cfg(feature = "otel")]
mod batch_span;
#[cfg(not(feature = "otel"))]
#[path = "engine/no_batch_span.rs"]
mod batch_span;
mod entrance;
mod order;
mod pace;
mod reaper;
mod worker;

#[cfg(test)]
pub(crate) mod tests;

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::sync::Arc;
use std::time::Duration;

use standards_core::idempotency::{InFlightGuard, Keyed};
use standards_core::log::{LogLevel, Record};
use standards_core::{Failure, catch_panic_async, context};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use order::Ticket;
pub use reaper::reap_forever;

use self::entrance::Entrance;
use self::order::{Order, ticket};
use self::worker::{Lane, Worker};
use crate::database::{Remedy, RepositoryError};
use crate::metrics::BusinessMetrics;
use crate::models::{Accepted, PagoError};
use crate::repositories::{LockWait, PagoOrder, PagoRepository};

/// How often an operation is tried again.
const RETRIES: u32 = 3;
/// The longest wait before the first of them; it doubles each time.
const BACKOFF: Duration = Duration::from_millis(4);

/// How much the engine takes in and how much of it at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capacity {
    /// Orders that may wait; one more is refused.
    pub queue: usize,
    /// Orders that are decided together at most.
    pub batch: usize,
}

impl Default for Capacity {
    /// 1024 waiting, 256 together.
    fn default() -> Self {
        Self { queue: 1024, batch: 256 }
    }
}

/// The engine of one process. Clones share it; it ends when the last of them is gone or it is [closed](Self::close).
#[derive(Clone)]
pub struct Engine {
    entrance: Entrance,
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl Engine {
    /// Starts the engine on top of a repository.
    ///
    /// # Panics
    ///
    /// Outside a Tokio runtime.
    #[must_use]
    pub fn start(pagos: Arc<dyn PagoRepository>, capacity: Capacity) -> Self {
        Self::start_observed(pagos, capacity, &BusinessMetrics::default())
    }

    /// The same; who counts is told how long each order waits.
    ///
    /// # Panics
    ///
    /// Outside a Tokio runtime.
    #[must_use]
    pub fn start_observed(pagos: Arc<dyn PagoRepository>, capacity: Capacity, metrics: &BusinessMetrics) -> Self {
        let Capacity { queue, batch } = capacity;
        let (entrance, first, pace) = Entrance::new(queue, batch, "the payment queue is full");
        let (aside, second, slow_pace) = Entrance::new(queue, batch, "too many orders wait for the rows of their clientes");
        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        let worker = Arc::new(Worker::new(pagos, batch));
        let waits = &metrics.waits;
        let fast = Lane { wait: LockWait::Skip, aside: Some(aside), pace, waits: waits.clone() };
        let slow = Lane { wait: LockWait::Wait, aside: None, pace: slow_pace, waits: waits.clone() };
        context::spawn(tasks.track_future(worker.clone().run(first, fast, stop.clone())));
        // It ends when the first lane does, with whatever that one still put aside.
        context::spawn(tasks.track_future(worker.run(second, slow, CancellationToken::new())));
        Self { entrance, stop, tasks }
    }

    /// Takes an order in, for the request at hand. From here on it ends by itself; `guard` keeps its key until then.
    ///
    /// `begin` tells that it was taken in. That happens now, or, where the order can be decided at once, as soon as the database has
    /// it: telling does not delay it.
    pub fn pay(
        &self,
        order: PagoOrder,
        guard: Option<InFlightGuard>,
        begin: impl FnOnce() + Send + 'static,
    ) -> Ticket<Accepted, PagoError> {
        let (order, ticket) = Order::new(order, guard, begin);
        self.entrance.take_in(order);
        ticket
    }

    /// What tells how many orders wait now; it keeps nobody from closing the engine.
    pub fn queue_depth(&self) -> impl Fn() -> usize + Send + Sync + use<> {
        self.entrance.depth()
    }

    /// Does other work with the same guarantees: in a task of its own, to its end, whether or not the caller waits.
    pub fn run<T, E, F>(&self, guard: Option<InFlightGuard>, work: F) -> Ticket<T, E>
    where
        T: Send + 'static,
        E: Into<Failure> + Send + 'static,
        F: Future<Output = Result<Keyed<Result<T, E>>, Failure>> + Send + 'static,
    {
        let (caller, ticket) = ticket(None);
        context::spawn(self.tasks.track_future(async move {
            let answer = catch_panic_async(work).await.and_then(|answer| answer);
            drop(guard);
            caller.tell(answer);
        }));
        ticket
    }

    /// Takes nothing more in, and returns when everything that was taken in has ended.
    pub async fn close(&self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

/// Does `operation`, and does it again while two transactions were in each other's way and it is certain that nothing was committed.
///
/// # Errors
///
/// That of the last attempt.
pub async fn with_retries<T, F>(operation: impl Fn() -> F) -> Result<T, RepositoryError>
where
    F: Future<Output = Result<T, RepositoryError>>,
{
    for retry in 0..RETRIES {
        match operation().await {
            Err(error) if error.remedy() == Remedy::Retry => {
                Record::new(LogLevel::Warning, "Operación reintentada").target(module_path!()).error(&error).emit();
                tokio::time::sleep(backoff(retry)).await;
            }
            outcome => return outcome,
        }
    }
    operation().await
}

/// A random part of the longest wait: two that were in each other's way do not meet again.
fn backoff(retry: u32) -> Duration {
    // Each `RandomState` has keys of its own.
    let random = RandomState::new().build_hasher().finish() % 1000;
    BACKOFF.saturating_mul(1 << retry).mul_f64((random + 1) as f64 / 1000.0)
}
