//! Doing again what failed, where that may help and harms nobody.

mod budget;
mod policy;

pub use budget::RetryBudget;
pub use policy::RetryPolicy;

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::context;

/// Does again what failed: for one target, whose [budget](RetryBudget) all clones share.
///
/// A retry is begun while there are attempts, while the target's budget pays for it, and while the time of the request at hand
/// ([`time_left`](crate::context::time_left)) suffices for the pause before it.
///
/// There is no way to repeat what must not be done twice: [`run_idempotent`](Self::run_idempotent) is the only one, and its name is the question.
///
/// ```
/// use std::cell::Cell;
///
/// use standards_core::resilience::{CallError, CircuitBreaker, CircuitPolicy, Retry, RetryPolicy};
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
/// let (redis, retry) = (CircuitBreaker::new("redis", CircuitPolicy::default()), Retry::new(RetryPolicy::default()));
/// let asked = Cell::new(0);
/// let read = async || {
///     asked.set(asked.get() + 1);
///     if asked.get() < 3 { Err("connection reset") } else { Ok(7) }
/// };
/// // Each attempt passes the breaker; what that refuses is not repeated.
/// let result = retry.run_idempotent(|| redis.call(read()), |error| matches!(error, CallError::Failed(_)));
/// assert_eq!((result.await, asked.get()), (Ok(7), 3));
/// # });
/// ```
#[derive(Clone, Debug)]
pub struct Retry {
    policy: RetryPolicy,
    budget: Arc<RetryBudget>,
}

impl Retry {
    /// One for a target of its own.
    #[must_use]
    pub fn new(policy: RetryPolicy) -> Self {
        Self::within(policy, Arc::default())
    }

    /// One for a target that others call too, who share its `budget`.
    #[must_use]
    pub const fn within(policy: RetryPolicy, budget: Arc<RetryBudget>) -> Self {
        Self { policy, budget }
    }

    /// Does `work` until it succeeds, while that may be. Doing it twice must do no more than doing it once; `is_transient` tells whether an error may pass
    /// soon.
    ///
    /// The first attempt is made in any case. How long each may take is its own affair.
    ///
    /// # Errors
    ///
    /// That of the last attempt.
    pub async fn run_idempotent<T, E, F>(&self, mut work: impl FnMut() -> F, is_transient: impl Fn(&E) -> bool) -> Result<T, E>
    where
        F: Future<Output = Result<T, E>>,
    {
        let (begun, left) = (Instant::now(), context::time_left());
        self.budget.deposit();
        let mut attempts = 1_u32;
        loop {
            let error = match work().await {
                Ok(done) => return Ok(done),
                Err(error) => error,
            };
            let left = left.map(|left| left.saturating_sub(begun.elapsed()));
            let pause = is_transient(&error).then(|| self.pause_after(attempts, left)).flatten();
            let Some(pause) = pause else { return Err(error) };
            sleep(pause).await;
            attempts = attempts.saturating_add(1);
        }
    }

    /// How long to wait before the next attempt; `None` where this was the last.
    fn pause_after(&self, attempts: u32, left: Option<Duration>) -> Option<Duration> {
        let pause = self.policy.pause_after(attempts);
        let may = attempts < self.policy.attempts && left.is_none_or(|left| pause < left);
        (may && self.budget.withdraw()).then_some(pause)
    }
}

#[cfg(test)]
mod tests;
