//! How late the runtime is: what makes every request slow and shows in none of them.

use std::time::Duration;

use standards_core::context;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until};

use super::durations::Durations;

pub(super) const NAME: &str = "tokio_scheduler_delay_seconds";
pub(super) const HELP: &str =
    "How much later than asked a task was run that sleeps 100 ms again and again; the timer itself counts in 1 ms";

/// An idle runtime is up to a millisecond or two late.
pub(super) const SECONDS: [f64; 8] = [0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1.0];

const INTERVAL: Duration = Duration::from_millis(100);

/// A task that observes how late it is woken, as long as this is kept.
#[derive(Debug)]
pub(crate) struct Watch(JoinHandle<()>);

impl Watch {
    pub(super) fn start(delays: Durations) -> Self {
        Self(context::spawn_worker(observe(delays)))
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn observe(delays: Durations) {
    loop {
        let due = Instant::now() + INTERVAL;
        sleep_until(due).await;
        delays.observe(due.elapsed());
    }
}
