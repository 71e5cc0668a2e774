//! Futures that are calls.

use std::future::pending;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use tokio::time::{sleep, timeout};

use crate::resilience::{CallError, CircuitBreaker, CircuitPolicy, State};
use crate::{catch_panic, catch_panic_async};

fn breaker() -> CircuitBreaker {
    CircuitBreaker::new("redis", CircuitPolicy::default())
}

#[tokio::test(start_paused = true)]
async fn results_are_counted_and_handed_on() {
    let redis = breaker();
    assert_eq!(redis.call(async { Ok::<_, &str>(7) }).await, Ok(7));
    assert_eq!(redis.call(async { Err::<u8, _>("x") }).await, Err(CallError::Failed("x")));
    assert_eq!(redis.call_judged(async { Err::<u8, _>("mine") }, |_| false).await, Err(CallError::Failed("mine")));
    let slow = redis.call(async {
        sleep(Duration::from_millis(51)).await;
        Ok::<_, &str>(8)
    });
    assert_eq!(slow.await, Ok(8));
    let seen = redis.snapshot();
    assert_eq!((seen.calls, seen.failure_rate, seen.slow_rate), (4, Some(25.0), Some(25.0)));
}

#[tokio::test(start_paused = true)]
async fn an_open_circuit_asks_nobody() {
    let redis = breaker();
    redis.force_open();
    let refused = redis.call(async { panic!("polled") as Result<(), ()> }).await.unwrap_err();
    assert!(matches!(refused, CallError::NotPermitted(_)));
    assert_eq!(redis.snapshot().not_permitted, 1);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_nobody_waits_for_counts_where_it_was_slow() {
    let redis = breaker();
    let endless = || redis.call(pending::<Result<(), ()>>());
    assert!(timeout(Duration::from_millis(50), endless()).await.is_err());
    assert_eq!(redis.snapshot().calls, 0);
    assert!(timeout(Duration::from_millis(52), endless()).await.is_err());
    let watched = redis.acquire().unwrap().watch(pending::<()>());
    assert!(timeout(Duration::from_millis(52), watched).await.is_err());
    assert_eq!((redis.snapshot().calls, redis.snapshot().slow_rate), (2, Some(100.0)));
}

#[tokio::test(start_paused = true)]
async fn a_panic_is_a_failure_wherever_it_comes_from() {
    let redis = breaker();
    assert!(catch_panic_async(redis.call(async { panic!("x") as Result<(), ()> })).await.is_err());
    assert!(catch_panic_async(redis.call_judged(async { Ok::<_, ()>(()) }, |_| panic!("y"))).await.is_err());
    assert!(catch_panic_async(redis.acquire().unwrap().watch(async { panic!("z") })).await.is_err());
    let held = catch_panic(|| {
        let _permit = redis.acquire().unwrap();
        panic!("w");
    });
    assert!(held.is_err());
    assert_eq!(redis.snapshot().ended.failed, 4);
}

#[tokio::test(start_paused = true)]
async fn a_panic_beside_a_call_is_none_of_it() {
    let redis = breaker();
    let both = async { tokio::join!(redis.call(pending::<Result<(), ()>>()), async { panic!("x") }) };
    let thrown = catch_unwind(AssertUnwindSafe(|| {
        let mut both = Box::pin(both);
        let _ = poll_once(both.as_mut());
    }));
    assert!(thrown.is_err());
    assert_eq!(redis.snapshot().calls, 0);
}

fn poll_once<F: Future>(future: std::pin::Pin<&mut F>) -> std::task::Poll<F::Output> {
    future.poll(&mut std::task::Context::from_waker(std::task::Waker::noop()))
}

#[tokio::test(start_paused = true)]
async fn a_paused_clock_is_the_breakers_clock() {
    let redis = breaker();
    (0..10).for_each(|_| redis.acquire().unwrap().failure());
    sleep(Duration::from_millis(4_999)).await;
    assert!(redis.acquire().is_err());
    sleep(Duration::from_millis(1)).await;
    assert!(redis.acquire().is_ok() && redis.state() == State::HalfOpen);
}

#[test]
fn a_call_through_a_closed_breaker_allocates_nothing() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let windows = [super::super::Window::Count(20), super::super::Window::Time(Duration::from_secs(1))];
    for window in windows {
        let redis = CircuitBreaker::new("redis", CircuitPolicy::default().with_window(window));
        let memory = runtime.block_on(async {
            let before = redis.call(async { Ok::<_, ()>(7) }).await;
            assert_eq!(before, Ok(7));
            allocation_counter::measure(|| {
                for _ in 0..1000 {
                    let called = std::pin::pin!(redis.call(async { Ok::<_, ()>(7) }));
                    assert!(poll_once(called).is_ready());
                    redis.acquire().unwrap().success();
                }
            })
        });
        assert_eq!(memory.count_total, 0);
    }
}
