//! How many calls may be repeated: a share of all, so that a service in trouble is not asked more than it can bear.

use std::sync::atomic::{AtomicU32, Ordering};

/// How many calls pay for one retry.
const PRICE: u32 = 5;

/// How many retries are saved up at most; so many a new client has.
const SAVED: u32 = 10;

/// How many calls of one target may be repeated: one in five, and ten beyond that.
///
/// A bucket of tokens, as Finagle's and gRPC's: every call puts one in, every retry takes five out, and time brings none. Whoever calls the same target
/// shares it.
///
/// ```
/// use standards_core::resilience::RetryBudget;
///
/// let budget = RetryBudget::new();
/// assert_eq!((0..100).filter(|_| budget.withdraw()).count(), 10, "what a new one has");
/// (0..10).for_each(|_| budget.deposit());
/// assert_eq!((0..100).filter(|_| budget.withdraw()).count(), 2);
/// ```
#[derive(Debug)]
pub struct RetryBudget(AtomicU32);

impl RetryBudget {
    /// One with ten retries.
    #[must_use]
    pub const fn new() -> Self {
        Self(AtomicU32::new(SAVED * PRICE))
    }

    /// Notes a call.
    pub fn deposit(&self) {
        let _ =
            self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |tokens| (tokens < SAVED * PRICE).then_some(tokens + 1));
    }

    /// Pays for a retry, if there is enough.
    #[must_use]
    pub fn withdraw(&self) -> bool {
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |tokens| tokens.checked_sub(PRICE)).is_ok()
    }
}

impl Default for RetryBudget {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_thousand_calls_a_fifth_is_repeated_and_ten_more() {
        let budget = RetryBudget::new();
        let retries = |calls: u32| {
            let repeated = (0..calls).map(|_| {
                budget.deposit();
                (0..3).filter(|_| budget.withdraw()).count()
            });
            repeated.sum::<usize>()
        };
        assert_eq!(retries(1000), 209, "the first call finds no room for its token");
        assert_eq!(retries(1000), 200);
    }

    #[test]
    fn no_more_is_saved_than_ten_retries() {
        let budget = RetryBudget::new();
        (0..10_000).for_each(|_| budget.deposit());
        assert_eq!((0..100).filter(|_| budget.withdraw()).count(), 10);
    }
}
