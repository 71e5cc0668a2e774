//! Tokio's clock, as a test sets it.

use std::sync::mpsc::{self, Sender};
use std::time::Duration;

use standards_core::context;

/// How long a still clock stays so when nobody lets it go: a test that waits for what never comes then fails in time.
const HELD: Duration = Duration::from_secs(60);

/// Tokio's clock in a test: deadlines, pauses between attempts and the like pass without being waited for.
///
/// It needs the runtime of one thread, which `#[tokio::test]` has, and stands for all that the test does there. The time of day is not meant: tokens
/// expire and records are dated by it.
///
/// A **skipping** clock jumps to the next thing that is waited for as soon as nothing else is to be done, as `start_paused = true` has it. That is right
/// for a handler that sleeps, and wrong where the world outside takes part: while a database or another process is at work nothing is to be done here,
/// and so deadlines pass at once.
///
/// A **still** clock moves when it is told to, and not before.
///
/// ```
/// use std::time::Duration;
///
/// use axum::{Router, routing::get};
/// use standards_axum::testing::{PausedClock, TestApp};
/// use standards_axum::{StandardsLayer, ok, standardize_with};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let _clock = PausedClock::skipping();
/// let lenta = async || {
///     tokio::time::sleep(Duration::from_secs(3600)).await;
///     ok(())
/// };
/// let layer = StandardsLayer::new().with_deadline(Some(Duration::from_secs(10)));
/// let app = TestApp::new(standardize_with(Router::new().route("/lenta", get(lenta)), &layer));
/// let late = app.get("/lenta").await;
/// late.assert_failure(503, "SERVICE_UNAVAILABLE", "Servicio no disponible, intente más tarde");
/// # }
/// ```
///
/// # Example: a clock that stands still
///
/// ```
/// use std::time::Duration;
///
/// use standards_axum::testing::PausedClock;
/// use tokio::time::{Instant, sleep};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let mut clock = PausedClock::still();
/// let begun = Instant::now();
/// let waiting = standards_axum::core::context::spawn_worker(sleep(Duration::from_secs(5)));
/// clock.advance(Duration::from_secs(4)).await;
/// assert!(!waiting.is_finished());
/// clock.advance(Duration::from_secs(1)).await;
/// waiting.await.unwrap();
/// assert_eq!(begun.elapsed().as_secs(), 5);
/// # }
/// ```
#[derive(Debug)]
pub struct PausedClock {
    /// While it is there, the clock does not skip.
    still: Option<Sender<()>>,
}

impl PausedClock {
    /// A clock that skips what is idle.
    ///
    /// # Panics
    ///
    /// Outside a runtime of one thread, and when the clock is paused already.
    #[must_use]
    #[track_caller]
    pub fn skipping() -> Self {
        tokio::time::pause();
        Self { still: None }
    }

    /// A clock that stands still until it is told to [advance](Self::advance). Dropped it skips, and so it does after a minute of real time in which it
    /// was told nothing.
    ///
    /// # Panics
    ///
    /// As [`skipping`](Self::skipping) does.
    #[must_use]
    #[track_caller]
    pub fn still() -> Self {
        tokio::time::pause();
        Self { still: Some(hold()) }
    }

    /// Moves the clock, to the next whole millisecond, and lets those run who waited for that: each at its own moment.
    pub async fn advance(&mut self, by: Duration) {
        // A timer that was made but not looked at yet does not count: tasks are to come that far first.
        settle().await;
        let was_still = self.still.take().is_some();
        tokio::time::sleep(by).await;
        if was_still {
            self.still = Some(hold());
        }
        settle().await;
    }
}

/// Has the clock stand still until the sender is dropped: Tokio does not skip while blocking work is under way.
fn hold() -> Sender<()> {
    let (still, dropped) = mpsc::channel::<()>();
    drop(context::spawn_blocking(move || dropped.recv_timeout(HELD)));
    still
}

/// Enough for tasks that wake each other.
async fn settle() {
    for _ in 0..32 {
        tokio::task::yield_now().await;
    }
}
