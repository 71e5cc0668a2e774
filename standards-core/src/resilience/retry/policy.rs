//! How often, and how long between.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;

/// How often something is done at most, and how long the pauses between are.
///
/// | | when not said |
/// |---|---|
/// | [attempts](Self::with_attempts) | 3 |
/// | [pauses](Self::with_pauses) | up to 50 ms, up to 100 ms, ... up to a second |
///
/// ```
/// use std::time::Duration;
///
/// use standards_core::resilience::RetryPolicy;
///
/// let policy = RetryPolicy::default().with_pauses(Duration::from_millis(10), Duration::from_millis(15));
/// assert!((0..100).all(|_| policy.pause_after(1) <= Duration::from_millis(10) && policy.pause_after(9) <= Duration::from_millis(15)));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    pub(super) attempts: u32,
    shortest: Duration,
    longest: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self { attempts: 3, shortest: Duration::from_millis(50), longest: Duration::from_secs(1) }
    }
}

impl RetryPolicy {
    /// Does it `attempts` times at most, one at least.
    #[must_use]
    pub const fn with_attempts(self, attempts: u32) -> Self {
        Self { attempts, ..self }
    }

    /// Waits up to `first` before the second attempt and up to twice as long before each next one, but never more than `longest`.
    #[must_use]
    pub const fn with_pauses(self, first: Duration, longest: Duration) -> Self {
        Self { shortest: first, longest, ..self }
    }

    /// How long to wait after so many attempts: any time up to a limit that doubles from one to the next. Those who failed together do not come back
    /// together ("full jitter").
    #[must_use]
    pub fn pause_after(&self, attempts: u32) -> Duration {
        let doubled = self.shortest.saturating_mul(1 << attempts.saturating_sub(1).min(16));
        doubled.min(self.longest).mul_f64(fraction())
    }
}

/// Any number from 0 to 1.
fn fraction() -> f64 {
    // The keys of each are others; nobody gains by knowing them.
    let random = RandomState::new().build_hasher().finish();
    (random >> 11) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_are_spread_below_a_limit_that_doubles() {
        let policy = RetryPolicy::default();
        for (attempts, limit) in [(1, 50), (2, 100), (3, 200), (5, 800), (6, 1000), (u32::MAX, 1000)] {
            let pauses: Vec<_> = (0..200).map(|_| policy.pause_after(attempts)).collect();
            let (least, most) = (pauses.iter().min().unwrap(), pauses.iter().max().unwrap());
            let limit = Duration::from_millis(limit);
            assert!(*most <= limit && *most > limit / 2 && *least < limit / 2, "{attempts}: {least:?} to {most:?}");
        }
    }

    #[test]
    fn the_longest_pauses_are_bounded_too() {
        let endless = RetryPolicy::default().with_pauses(Duration::MAX, Duration::MAX);
        assert!(endless.pause_after(u32::MAX) <= Duration::MAX);
    }
}
