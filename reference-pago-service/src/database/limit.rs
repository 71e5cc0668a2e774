//! A time limit that is set again and again.

use std::pin::Pin;
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep};

/// One timer for everything that is done on a connection, one thing after the other.
///
/// Tokio only notes the later deadline of a timer that it has; with a new one for each statement it would be woken each time, to see
/// whether it has to rest for less long.
pub(super) struct Limit(Pin<Box<Sleep>>);

impl Limit {
    /// A limit that is not set yet.
    pub(super) fn new() -> Self {
        Self(Box::pin(sleep(Duration::ZERO)))
    }

    /// The outcome of `work`, if it takes no longer than `time`.
    pub(super) async fn within<F: Future>(&mut self, time: Duration, work: F) -> Option<F::Output> {
        self.0.as_mut().reset(Instant::now() + time);
        tokio::select! {
            biased;
            outcome = work => Some(outcome),
            () = self.0.as_mut() => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use tokio::time::sleep;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[tokio::test(start_paused = true)]
    async fn it_counts_from_when_it_is_set_last() {
        let (mut limit, begun) = (Limit::new(), Instant::now());
        assert_eq!(limit.within(SECOND, ready(1)).await, Some(1));
        sleep(SECOND / 2).await;
        assert_eq!(limit.within(SECOND, pending::<()>()).await, None);
        assert_eq!(begun.elapsed().as_millis(), 1_500);
    }

    #[tokio::test(start_paused = true)]
    async fn it_is_set_again_after_it_has_passed() {
        let mut limit = Limit::new();
        assert_eq!(limit.within(SECOND, pending::<()>()).await, None);
        sleep(SECOND).await;
        assert_eq!(limit.within(SECOND, sleep(SECOND / 2)).await, Some(()));
        assert_eq!(limit.within(SECOND / 10, sleep(SECOND / 2)).await, None);
    }
}
