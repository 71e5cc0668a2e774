//! A deadline that costs nothing while it is kept.
//!
//! A timer of Tokio costs a lock whenever it is set or dropped. A connection would do so twice for each request. Here a request only writes
//! down an instant; the timer, once made, is left where it is until it fires.

use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use tokio::task::coop::has_budget_remaining;
use tokio::time::{Instant, Sleep, sleep_until};

/// Waits for one thing after the other, each with a deadline of its own, on one timer.
///
/// The timer is not moved when a thing is done: it fires for a deadline that holds no more, and is then set to the one that does. A
/// connection that works asks nothing of the runtime's timers, nor of its timer as long as that wakes the same task.
#[derive(Debug, Default)]
pub(super) struct Patience {
    deadline: Option<Instant>,
    timer: Option<Pin<Box<Sleep>>>,
    /// Whom the timer wakes.
    woken: Option<Waker>,
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
        let is_set = timer.deadline() <= deadline && !timer.is_elapsed();
        if is_set && self.woken.as_ref().is_some_and(|woken| woken.will_wake(cx.waker())) {
            return Poll::Pending;
        }
        // Of a task whose turn is over the timer takes no notice; it is woken at once, and asks again.
        self.woken = has_budget_remaining().then(|| cx.waker().clone());
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
    async fn another_task_is_woken_once_it_asks() {
        let mut patience = Patience::default();
        waits(&mut patience, LIMIT, LIMIT / 2).await;
        let there = standards_core::context::spawn_worker(async move {
            waits(&mut patience, LIMIT, LIMIT / 4).await;
            expires(&mut patience, LIMIT).await
        });
        assert_eq!(there.await.unwrap(), LIMIT / 4);
    }

    #[tokio::test(start_paused = true)]
    async fn a_task_that_has_used_its_turn_is_still_woken() {
        let mut patience = Patience::default();
        let (begun, mut is_first) = (Instant::now(), true);
        poll_fn(|cx| {
            while is_first && has_budget_remaining() {
                let _ = std::pin::pin!(tokio::task::consume_budget()).poll(cx);
            }
            is_first = false;
            patience.poll_expired(LIMIT, cx)
        })
        .await;
        assert_eq!(begun.elapsed(), LIMIT);
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
