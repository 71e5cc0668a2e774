//! A deadline that costs nothing while it is kept.
//!
//! A timer of Tokio costs a lock whenever it is set or dropped. A connection would do so twice for each request. Here a request only writes
//! down an instant; the timer, once made, is left where it is until it fires.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until};

/// Waits for one thing after the other, each with a deadline of its own, on one timer.
///
/// The timer is not moved when a thing is done: it fires for a deadline that holds no more, and is then set to the one that does. A
/// connection that works asks nothing of the runtime's timers.
#[derive(Debug, Default)]
pub(super) struct Patience {
    deadline: Option<Instant>,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Patience {
    /// What was waited for is there.
    pub(super) const fn end(&mut self) {
        self.deadline = None;
    }

    /// Ready when what is waited for has not come `limit` after the first time that this was asked.
    pub(super) fn poll_expired(&mut self, limit: Duration, cx: &mut Context<'_>) -> Poll<()> {
        let deadline = *self.deadline.get_or_insert_with(|| Instant::now() + limit);
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(deadline)));
        if timer.deadline() > deadline {
            timer.as_mut().reset(deadline);
        }
        while timer.deadline() < deadline {
            ready!(timer.as_mut().poll(cx));
            timer.as_mut().reset(deadline);
        }
        timer.as_mut().poll(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::poll_fn;

    const LIMIT: Duration = Duration::from_secs(5);

    /// After how long it runs out.
    async fn expires(patience: &mut Patience, limit: Duration) -> Duration {
        let begun = Instant::now();
        poll_fn(|cx| patience.poll_expired(limit, cx)).await;
        begun.elapsed()
    }

    async fn waits(patience: &mut Patience, limit: Duration, time: Duration) {
        tokio::time::timeout(time, expires(patience, limit)).await.unwrap_err();
    }

    #[tokio::test(start_paused = true)]
    async fn it_runs_from_when_it_is_first_asked() {
        let mut patience = Patience::default();
        waits(&mut patience, LIMIT, LIMIT / 2).await;
        assert_eq!(expires(&mut patience, LIMIT).await, LIMIT / 2);
    }

    #[tokio::test(start_paused = true)]
    async fn each_thing_has_all_of_its_time_be_it_longer_or_shorter() {
        let mut patience = Patience::default();
        for limit in [LIMIT, LIMIT * 15, LIMIT, LIMIT / 5] {
            waits(&mut patience, limit, limit / 2).await;
            patience.end();
        }
        assert_eq!(expires(&mut patience, LIMIT).await, LIMIT);
    }
}
