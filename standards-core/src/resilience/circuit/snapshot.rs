//! How a circuit is, at one moment.

use super::state::State;
use super::totals::{Outcome, Totals};
use crate::timestamp::Timestamp;

/// How a circuit is, and what it has seen: for operators and for metrics.
///
/// ```
/// use standards_core::resilience::{CircuitBreaker, CircuitPolicy, State};
///
/// let redis = CircuitBreaker::new("redis", CircuitPolicy::default());
/// redis.acquire().unwrap().success();
/// redis.acquire().unwrap().failure();
/// redis.force_open();
/// assert!(redis.acquire().is_err());
///
/// let seen = redis.snapshot();
/// assert_eq!((seen.name, seen.state, seen.calls, seen.failure_rate), ("redis", State::ForcedOpen, 2, Some(50.0)));
/// assert_eq!((seen.ended.failed, seen.not_permitted, seen.transitions_to(State::ForcedOpen)), (1, 1, 1));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Snapshot {
    /// The breaker's name.
    pub name: &'static str,
    /// What it lets through.
    pub state: State,
    /// Since when.
    pub since: Timestamp,
    /// How many calls the rates are of: those in the window, the probes that have ended, or those that opened it.
    pub calls: u32,
    /// How many of a hundred of them failed, to two decimals; `None` where there are none.
    pub failure_rate: Option<f64>,
    /// How many of a hundred of them were slow.
    pub slow_rate: Option<f64>,
    /// The calls that have ended since the breaker was made, each in one of four.
    pub ended: CallTotals,
    /// How many calls were refused since the breaker was made.
    pub not_permitted: u64,
    pub(super) transitions: [u64; State::ALL.len()],
}

impl Snapshot {
    pub(super) fn rated(mut self, totals: Totals) -> Self {
        self.calls = totals.calls;
        self.failure_rate = totals.failure_rate();
        self.slow_rate = totals.slow_rate();
        self
    }

    /// How often it came to be in `state` since the breaker was made; that it began closed does not count.
    #[must_use]
    pub fn transitions_to(&self, state: State) -> u64 {
        self.transitions.get(state as usize).copied().unwrap_or_default()
    }
}

/// Calls that have ended, but for those that gave their permit back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CallTotals {
    /// Went well, in time.
    pub ok: u64,
    /// Failed, in time.
    pub failed: u64,
    /// Went well, slowly; or were left alone by whoever called, when they were slow already.
    pub slow: u64,
    /// Failed, slowly.
    pub slow_failed: u64,
}

impl CallTotals {
    pub(super) const fn add(&mut self, outcome: Outcome) {
        let count = match (outcome.failed, outcome.slow) {
            (false, false) => &mut self.ok,
            (true, false) => &mut self.failed,
            (false, true) => &mut self.slow,
            (true, true) => &mut self.slow_failed,
        };
        *count += 1;
    }
}
