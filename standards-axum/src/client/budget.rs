//! How many calls may be repeated: a share of all, so that a service in trouble is not asked more than it can bear.

use std::sync::atomic::{AtomicU32, Ordering};

/// How many calls pay for one retry.
const PRICE: u32 = 5;

/// How many retries are saved up at most; so many a new client has.
const SAVED: u32 = 10;

/// A bucket of tokens, as Finagle's and gRPC's: every call puts one in, every retry takes five out.
#[derive(Debug)]
pub(super) struct RetryBudget(AtomicU32);

impl RetryBudget {
    pub(super) const fn new() -> Self {
        Self(AtomicU32::new(SAVED * PRICE))
    }

    /// Notes a call.
    pub(super) fn deposit(&self) {
        let _ =
            self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |tokens| (tokens < SAVED * PRICE).then_some(tokens + 1));
    }

    /// Pays for a retry, if there is enough.
    pub(super) fn withdraw(&self) -> bool {
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |tokens| tokens.checked_sub(PRICE)).is_ok()
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
