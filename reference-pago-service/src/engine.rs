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
//! - The queue is bounded: an order that finds it full is refused at once.
//! - A batch that certainly came to nothing is tried again, then in parts, so that no pago fails because of another. One whose
//!   outcome is unknown is never tried again: it is 503, and the key settles it.
//! - A cliente whose row somebody else holds delays nobody but its own orders: they step aside into a second lane that waits.
//!
//! The engine asks the database through [`PagoRepository::decide`] and nothing else,
//! so that all of this is tested without one.

mod order;
mod reaper;
mod worker;

#[cfg(test)]
pub(crate) mod tests;

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use standards_core::idempotency::{InFlightGuard, Keyed};
use standards_core::log::{LogLevel, Record};
use standards_core::{Failure, catch_panic_async, context};
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::mpsc::{self, Sender};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use order::Ticket;
pub use reaper::reap_forever;

use self::order::{Order, ticket};
use self::worker::{Lane, Worker};
use crate::database::{Remedy, RepositoryError};
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
    queue: Sender<Order>,
    stop: CancellationToken,
    tasks: TaskTracker,
    /// Whether the next order is decided at once.
    idle: Arc<AtomicBool>,
}

impl Engine {
    /// Starts the engine on top of a repository.
    ///
    /// # Panics
    ///
    /// Outside a Tokio runtime.
    #[must_use]
    pub fn start(pagos: Arc<dyn PagoRepository>, capacity: Capacity) -> Self {
        let (queue, first) = mpsc::channel(capacity.queue);
        let (aside, second) = mpsc::channel(capacity.queue);
        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        let worker = Arc::new(Worker::new(pagos, capacity.batch));
        let idle = Arc::new(AtomicBool::new(false));
        let fast = Lane { wait: LockWait::Skip, aside: Some(aside), idle: Some(idle.clone()) };
        let slow = Lane { wait: LockWait::Wait, aside: None, idle: None };
        context::spawn(tasks.track_future(worker.clone().run(first, fast, stop.clone())));
        // It ends when the first lane does, with whatever that one still put aside.
        context::spawn(tasks.track_future(worker.run(second, slow, CancellationToken::new())));
        Self { queue, stop, tasks, idle }
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
        let (mut order, ticket) = Order::new(order, guard, begin);
        if !self.idle.swap(false, Ordering::Relaxed) {
            order.begin();
        }
        match self.queue.try_send(order) {
            Ok(()) => {}
            Err(TrySendError::Full(order)) => order.end(Err(Failure::unavailable("the payment queue is full"))),
            Err(TrySendError::Closed(order)) => order.end(Err(Failure::unavailable("the engine has stopped"))),
        }
        ticket
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
