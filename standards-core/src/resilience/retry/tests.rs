use std::cell::Cell;

use super::*;
use crate::{CorrelationId, RequestContext};

/// How often something is done that fails so many times, and what comes of it.
async fn done(retry: &Retry, failures: u32) -> (u32, Result<u32, &'static str>) {
    let attempts = Cell::new(0);
    let work = async || {
        attempts.set(attempts.get() + 1);
        if attempts.get() > failures { Ok(attempts.get()) } else { Err("transient") }
    };
    let result = retry.run_idempotent(work, |error| *error == "transient").await;
    (attempts.get(), result)
}

#[tokio::test(start_paused = true)]
async fn what_fails_for_a_moment_is_done_again() {
    let retry = Retry::new(RetryPolicy::default());
    assert_eq!(done(&retry, 0).await, (1, Ok(1)));
    assert_eq!(done(&retry, 2).await, (3, Ok(3)));
    assert_eq!(done(&retry, 3).await, (3, Err("transient")));
}

#[tokio::test(start_paused = true)]
async fn as_often_as_the_policy_says() {
    for (told, attempts) in [(0, 1), (1, 1), (2, 2), (5, 5)] {
        let retry = Retry::new(RetryPolicy::default().with_attempts(told));
        assert_eq!(done(&retry, 9).await.0, attempts);
    }
}

#[tokio::test(start_paused = true)]
async fn what_lasts_is_not_repeated() {
    let (retry, attempts) = (Retry::new(RetryPolicy::default()), Cell::new(0));
    let work = async || {
        attempts.set(attempts.get() + 1);
        Err::<(), _>("lasting")
    };
    assert_eq!(retry.run_idempotent(work, |error| *error == "transient").await, Err("lasting"));
    assert_eq!(attempts.get(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_target_that_is_down_is_not_asked_thrice_as_often() {
    let retry = Retry::new(RetryPolicy::default());
    let mut asked = 0;
    for _ in 0..1000 {
        // Clones share the budget.
        asked += done(&retry.clone(), 9).await.0;
    }
    assert_eq!(asked, 1000 + 209);
}

#[tokio::test(start_paused = true)]
async fn no_pause_is_begun_that_the_request_has_no_time_for() {
    let minute = Duration::from_secs(60);
    let retry = Retry::new(RetryPolicy::default().with_attempts(u32::MAX).with_pauses(minute, minute));
    for left in [Duration::ZERO, Duration::from_millis(1), 10 * minute] {
        let request = RequestContext::new(CorrelationId::generate(), "/", "GET");
        request.set_deadline((Instant::now() + left).into_std());
        let begun = Instant::now();
        let (attempts, result) = context::scope(request, done(&retry, 9)).await;
        assert!(begun.elapsed() < left.max(Duration::from_millis(1)), "{left:?}");
        assert!(result.is_ok() || attempts < 9);
    }
}
