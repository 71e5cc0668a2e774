//! How many calls there were, and how many of them were bad.

use super::policy::CircuitPolicy;

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Outcome {
    pub(super) failed: bool,
    pub(super) slow: bool,
}

/// Calls that have ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Totals {
    pub(super) calls: u32,
    pub(super) failed: u32,
    pub(super) slow: u32,
}

impl Totals {
    pub(super) fn add(&mut self, outcome: Outcome) {
        self.calls = self.calls.saturating_add(1);
        self.failed = self.failed.saturating_add(u32::from(outcome.failed));
        self.slow = self.slow.saturating_add(u32::from(outcome.slow));
    }

    /// Takes back what was added.
    pub(super) fn subtract(&mut self, other: Self) {
        self.calls = self.calls.saturating_sub(other.calls);
        self.failed = self.failed.saturating_sub(other.failed);
        self.slow = self.slow.saturating_sub(other.slow);
    }

    /// Whether too many failed, or were slow.
    pub(super) fn are_bad(self, policy: &CircuitPolicy) -> bool {
        // No rate is below 1 %, and most services have nothing to be judged for.
        let reaches = |part: u32, rate: f64| part > 0 && f64::from(part) * 100.0 >= rate * f64::from(self.calls);
        reaches(self.failed, policy.failure_rate) || reaches(self.slow, policy.slow_rate)
    }

    pub(super) fn failure_rate(self) -> Option<f64> {
        self.rate(self.failed)
    }

    pub(super) fn slow_rate(self) -> Option<f64> {
        self.rate(self.slow)
    }

    /// In percent, to two decimals.
    fn rate(self, part: u32) -> Option<f64> {
        (self.calls > 0).then(|| (f64::from(part) * 10_000.0 / f64::from(self.calls)).round() / 100.0)
    }
}

impl From<Outcome> for Totals {
    fn from(outcome: Outcome) -> Self {
        Self { calls: 1, failed: u32::from(outcome.failed), slow: u32::from(outcome.slow) }
    }
}
