//! When a circuit changes its state.

use super::{Clocked, MS, SECOND};
use crate::resilience::State::{Closed, Disabled, ForcedOpen, HalfOpen, Open};
use crate::resilience::{CircuitPolicy, Permit};

#[test]
fn opens_by_failures_once_there_are_enough_calls() {
    let clocked = Clocked::new(CircuitPolicy::default());
    clocked.fail(9);
    assert_eq!(clocked.breaker.state(), Closed);
    clocked.fail(1);
    assert_eq!((clocked.breaker.state(), clocked.told()), (Open, vec![(Closed, Open)]));
    let refused = clocked.breaker.acquire().unwrap_err();
    assert_eq!((refused.name(), refused.state(), refused.retry_after()), ("redis", Open, 5 * SECOND));
}

#[test]
fn opens_at_the_rate_and_not_below_it() {
    let clocked = Clocked::new(CircuitPolicy::default().with_failure_rate(30.0));
    clocked.succeed(8);
    clocked.fail(2);
    assert_eq!((clocked.breaker.state(), clocked.breaker.snapshot().failure_rate), (Closed, Some(20.0)));
    clocked.succeed(1);
    clocked.fail(1);
    assert_eq!((clocked.breaker.state(), clocked.breaker.snapshot().failure_rate), (Closed, Some(25.0)));
    clocked.fail(1);
    assert_eq!((clocked.breaker.state(), clocked.breaker.snapshot().failure_rate), (Open, Some(30.77)));
}

#[test]
fn opens_by_slow_calls_that_went_well() {
    let clocked = Clocked::new(CircuitPolicy::default());
    clocked.succeed_slowly(5);
    assert_eq!(clocked.breaker.state(), Closed);
    clocked.succeed(4);
    assert_eq!(clocked.breaker.state(), Closed);
    clocked.succeed(1);
    let seen = clocked.breaker.snapshot();
    assert_eq!((seen.state, seen.failure_rate, seen.slow_rate, seen.calls), (Open, Some(0.0), Some(50.0), 10));
    assert_eq!((seen.ended.ok, seen.ended.slow), (5, 5));
}

#[test]
fn a_call_of_just_the_limit_is_not_slow() {
    let clocked = Clocked::new(CircuitPolicy::default());
    let permit = clocked.breaker.acquire().unwrap();
    clocked.advance(50 * MS);
    permit.success();
    assert_eq!(clocked.breaker.snapshot().slow_rate, Some(0.0));
}

#[test]
fn waits_before_it_is_half_open_and_says_how_long() {
    let clocked = Clocked::opened(CircuitPolicy::default());
    clocked.advance(5 * SECOND - MS);
    assert_eq!(clocked.breaker.acquire().unwrap_err().retry_after(), MS);
    clocked.advance(MS);
    assert_eq!(clocked.breaker.state(), Open, "nobody has called");
    let _probe = clocked.breaker.acquire().unwrap();
    assert_eq!((clocked.breaker.state(), clocked.told()), (HalfOpen, vec![(Closed, Open), (Open, HalfOpen)]));
}

fn probes(clocked: &Clocked) -> [Permit; 3] {
    clocked.advance(5 * SECOND);
    let probes = [(); 3].map(|()| clocked.breaker.acquire().unwrap());
    assert_eq!((clocked.breaker.acquire().unwrap_err().state(), clocked.breaker.state()), (HalfOpen, HalfOpen));
    clocked.told();
    probes
}

#[test]
fn closes_with_no_results_when_the_probes_went_well() {
    let clocked = Clocked::opened(CircuitPolicy::default());
    let [first, second, third] = probes(&clocked);
    first.success();
    second.failure();
    assert!(clocked.breaker.acquire().is_err(), "an ended probe is not repeated");
    third.success();
    assert_eq!(clocked.told(), [(HalfOpen, Closed)]);
    assert_eq!((clocked.breaker.state(), clocked.breaker.snapshot().calls), (Closed, 0));
}

#[test]
fn opens_again_when_the_probes_failed_or_were_slow() {
    let clocked = Clocked::opened(CircuitPolicy::default());
    let [first, second, third] = probes(&clocked);
    first.failure();
    second.success();
    assert_eq!(clocked.breaker.state(), HalfOpen);
    third.failure();
    assert_eq!(clocked.told(), [(HalfOpen, Open)]);
    let [first, second, third] = probes(&clocked);
    first.success();
    clocked.advance(51 * MS);
    second.success();
    third.success();
    assert_eq!((clocked.told(), clocked.breaker.snapshot().slow_rate), (vec![(HalfOpen, Open)], Some(66.67)));
}

#[test]
fn a_probe_that_is_given_up_is_another_ones_turn() {
    let clocked = Clocked::opened(CircuitPolicy::default());
    let [first, second, _third] = probes(&clocked);
    drop(first);
    let again = clocked.breaker.acquire().unwrap();
    second.ignore();
    let another = clocked.breaker.acquire().unwrap();
    assert!(clocked.breaker.acquire().is_err());
    drop((again, another));
}

#[test]
fn a_probe_that_is_given_up_too_late_counts_as_slow() {
    let clocked = Clocked::opened(CircuitPolicy::default());
    let [first, second, third] = probes(&clocked);
    clocked.advance(51 * MS);
    drop(first);
    assert!(clocked.breaker.acquire().is_err());
    second.ignore();
    drop(third);
    assert_eq!(clocked.breaker.snapshot().slow_rate, Some(100.0));
    clocked.succeed(1);
    assert_eq!((clocked.told(), clocked.breaker.snapshot().slow_rate), (vec![(HalfOpen, Open)], Some(66.67)));
}

#[test]
fn callers_that_always_give_up_open_it() {
    let clocked = Clocked::new(CircuitPolicy::default());
    for _ in 0..10 {
        let permit = clocked.breaker.acquire().unwrap();
        clocked.advance(60 * MS);
        drop(permit);
    }
    assert_eq!(clocked.breaker.state(), Open);
    assert_eq!(clocked.breaker.snapshot().ended.slow, 10);
}

#[test]
fn results_of_an_earlier_state_count_no_more() {
    let clocked = Clocked::new(CircuitPolicy::default());
    let early = [(); 4].map(|()| clocked.breaker.acquire().unwrap());
    clocked.fail(10);
    let probes = probes(&clocked);
    let [first, second, third, fourth] = early;
    first.failure();
    second.success();
    third.ignore();
    assert!(clocked.breaker.acquire().is_err(), "no probe was given back");
    assert_eq!(clocked.breaker.snapshot().calls, 0);
    probes.into_iter().for_each(Permit::success);
    fourth.failure();
    let seen = clocked.breaker.snapshot();
    assert_eq!((seen.state, seen.calls), (Closed, 0));
    assert_eq!((seen.ended.failed, seen.ended.slow_failed), (10, 2), "they were calls nevertheless");
}

#[test]
fn half_open_for_too_long_is_open_as_of_then() {
    let clocked = Clocked::opened(CircuitPolicy::default().with_longest_half_open(2 * SECOND));
    let [first, ..] = probes(&clocked);
    clocked.advance(3 * SECOND);
    assert_eq!(clocked.breaker.acquire().unwrap_err().retry_after(), 4 * SECOND);
    assert_eq!(clocked.told(), [(HalfOpen, Open)]);
    first.success();
    assert_eq!(clocked.breaker.snapshot().calls, 0);
    let _again = probes(&clocked);
    clocked.advance(60 * SECOND);
    let _probe = clocked.breaker.acquire().unwrap();
    assert_eq!(clocked.told(), [(HalfOpen, Open), (Open, HalfOpen)], "both in their order, by one call");
}

#[test]
fn forced_states_end_by_hand() {
    let clocked = Clocked::new(CircuitPolicy::default());
    clocked.breaker.force_open();
    clocked.breaker.force_open();
    clocked.advance(60 * SECOND);
    assert_eq!(clocked.breaker.acquire().unwrap_err().retry_after(), 5 * SECOND);
    clocked.breaker.disable();
    clocked.fail(50);
    assert_eq!((clocked.breaker.state(), clocked.breaker.snapshot().ended.failed), (Disabled, 0));
    clocked.breaker.reset();
    assert_eq!(clocked.told(), [(Closed, ForcedOpen), (ForcedOpen, Disabled), (Disabled, Closed)]);
    assert_eq!(clocked.breaker.snapshot().transitions_to(Disabled), 1);
}

#[test]
fn a_reset_forgets_what_was_and_what_is_on_its_way() {
    let clocked = Clocked::new(CircuitPolicy::default());
    let early = clocked.breaker.acquire().unwrap();
    clocked.fail(9);
    clocked.breaker.reset();
    early.failure();
    assert_eq!((clocked.breaker.snapshot().calls, clocked.told()), (0, vec![]));
}
