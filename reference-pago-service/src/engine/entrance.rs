//! The way into a lane, and who is turned away there.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use standards_core::Failure;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::time::Instant;

use super::order::Order;
use super::pace::{Pace, outlasts};

/// Where orders wait for a lane. Clones lead to the same one.
#[derive(Clone)]
pub(super) struct Entrance {
    queue: Sender<Order>,
    pace: SharedPace,
    /// Orders that the lane takes at once.
    batch: usize,
    /// What the log is told when there is no room.
    full: &'static str,
}

/// A lane's pace, which the lane tells and its entrance reads.
#[derive(Clone)]
pub(super) struct SharedPace(Arc<Mutex<Pace>>);

impl SharedPace {
    pub(super) fn lock(&self) -> MutexGuard<'_, Pace> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entrance {
    /// The entrance of a lane, and what the lane needs: its orders, and its pace to tell.
    pub(super) fn new(room: usize, batch: usize, full: &'static str) -> (Self, Receiver<Order>, SharedPace) {
        let (queue, orders) = mpsc::channel(room);
        let pace = SharedPace(Arc::new(Mutex::new(Pace::new(Instant::now()))));
        (Self { queue, pace: pace.clone(), batch, full }, orders, pace)
    }

    /// Takes an order in, or ends it: where its turn would come after its deadline, and where no more may wait.
    pub(super) fn take_in(&self, mut order: Order) {
        let (waiting, now) = (self.waiting(), Instant::now());
        let (wait, idle) = self.expected(waiting, now);
        if outlasts(wait, order.deadline, now) {
            return order.refuse(too_late(wait, waiting));
        }
        match self.queue.try_reserve() {
            Ok(place) => {
                // Telling delays no order that can be decided at once.
                if !idle {
                    order.begin();
                }
                order.taken_in = now;
                place.send(order);
            }
            Err(TrySendError::Full(())) => order.refuse(self.no_room(waiting)),
            Err(TrySendError::Closed(())) => order.end(Err(Failure::unavailable("the engine has stopped"))),
        }
    }

    /// What tells how many wait, without being a way in.
    pub(super) fn depth(&self) -> impl Fn() -> usize + Send + Sync + use<> {
        let queue = self.queue.downgrade();
        move || queue.upgrade().map_or(0, |queue| queue.max_capacity().saturating_sub(queue.capacity()))
    }

    /// How long an order would wait behind those `waiting`, and whether the lane has nothing to do.
    fn expected(&self, waiting: usize, now: Instant) -> (Duration, bool) {
        let pace = self.pace.lock();
        (pace.wait(waiting / self.batch.max(1), now), waiting == 0 && pace.is_idle())
    }

    fn no_room(&self, waiting: usize) -> Failure {
        Failure::overload(self.full, waiting).with_context("waiting", waiting as u64)
    }

    /// Orders that wait already.
    fn waiting(&self) -> usize {
        self.queue.max_capacity().saturating_sub(self.queue.capacity())
    }
}

fn too_late(wait: Duration, waiting: usize) -> Failure {
    let failure = Failure::overload("its turn in the payment queue would come after the deadline", waiting);
    failure.with_context("expected_wait_ms", u64::try_from(wait.as_millis()).unwrap_or(u64::MAX))
}
