//! Which calls are judged together.

use std::time::Duration;

use super::{Clocked, MS, SECOND};
use crate::resilience::State::{Closed, Open};
use crate::resilience::{CircuitPolicy, Window};

#[test]
fn of_a_window_of_calls_the_oldest_goes_first() {
    let clocked = Clocked::new(CircuitPolicy::default().with_window(Window::Count(4)).with_failure_rate(75.0));
    clocked.fail(2);
    clocked.succeed(2);
    for (failures, rate) in [(0, 25.0), (0, 0.0), (1, 25.0), (1, 50.0)] {
        clocked.fail(failures);
        clocked.succeed(1 - failures);
        let seen = clocked.breaker.snapshot();
        assert_eq!((seen.calls, seen.failure_rate, seen.state), (4, Some(rate), Closed));
    }
}

#[test]
fn a_small_window_of_calls_is_judged_when_it_is_full() {
    let clocked = Clocked::new(CircuitPolicy::default().with_window(Window::Count(3)));
    clocked.fail(2);
    assert_eq!(clocked.breaker.state(), Closed);
    clocked.fail(1);
    assert_eq!(clocked.breaker.state(), Open);
}

#[test]
fn of_a_window_of_time_a_tenth_goes_at_once() {
    let clocked = Clocked::new(CircuitPolicy::default().with_window(Window::Time(10 * SECOND)).with_minimum_calls(100));
    clocked.fail(1);
    clocked.advance(999 * MS);
    clocked.succeed(1);
    clocked.advance(SECOND);
    clocked.fail(2);
    let calls = |after| {
        clocked.advance(after);
        clocked.breaker.snapshot().calls
    };
    assert_eq!((calls(8 * SECOND), calls(MS), calls(999 * MS), calls(MS)), (4, 2, 2, 0));
    clocked.succeed(3);
    assert_eq!((calls(9 * SECOND), calls(1000 * SECOND)), (3, 0));
}

#[test]
fn a_window_of_time_opens_by_what_is_in_it() {
    let clocked = Clocked::new(CircuitPolicy::default().with_window(Window::Time(SECOND)));
    clocked.succeed(100);
    clocked.advance(SECOND);
    clocked.fail(9);
    assert_eq!(clocked.breaker.state(), Closed);
    clocked.fail(1);
    assert_eq!(clocked.breaker.state(), Open);
}

#[test]
fn what_is_out_of_bounds_is_the_nearest_bound() {
    let odd = CircuitPolicy::default()
        .with_window(Window::Count(0))
        .with_minimum_calls(0)
        .with_probes(0)
        .with_failure_rate(f64::NAN)
        .with_slow_rate(-7.0);
    let least = CircuitPolicy::default().with_window(Window::Count(1)).with_minimum_calls(1).with_probes(1);
    assert_eq!(odd, least.with_failure_rate(100.0).with_slow_rate(1.0));
    let large = CircuitPolicy::default().with_window(Window::Count(u32::MAX)).with_failure_rate(1e9);
    assert_eq!(large, CircuitPolicy::default().with_window(Window::Count(100_000)).with_failure_rate(100.0));
    let brief = CircuitPolicy::default().with_window(Window::Time(Duration::ZERO));
    assert_eq!(brief, CircuitPolicy::default().with_window(Window::Time(10 * MS)));
}
