//! Who is told of a change, and how often.

use std::sync::{Arc, Mutex, mpsc};

use super::Clocked;
use crate::resilience::State::{Closed, ForcedOpen, Open};
use crate::resilience::{CircuitBreaker, CircuitPolicy};

#[test]
fn an_observer_may_use_the_breaker_that_it_observes() {
    let (changes, told) = mpsc::channel();
    let slot = Arc::new(Mutex::new(None::<CircuitBreaker>));
    let own = slot.clone();
    let redis = CircuitBreaker::new("redis", CircuitPolicy::default()).with_observer(move |change| {
        changes.send((change.from, change.to)).unwrap();
        let redis = own.lock().unwrap().clone().unwrap();
        if redis.state() == Open {
            redis.force_open();
        }
    });
    *slot.lock().unwrap() = Some(redis.clone());
    (0..10).for_each(|_| redis.acquire().unwrap().failure());
    assert_eq!(told.try_iter().collect::<Vec<_>>(), [(Closed, Open), (Open, ForcedOpen)]);
    *slot.lock().unwrap() = None;
}

#[test]
fn an_observer_that_panics_harms_nobody() {
    let clocked = Clocked::new(CircuitPolicy::default());
    let (changes, told) = mpsc::channel();
    let redis =
        clocked.breaker.clone().with_observer(|_| panic!("x")).with_observer(move |change| changes.send(change.to).unwrap());
    redis.force_open();
    redis.reset();
    assert_eq!(told.try_iter().collect::<Vec<_>>(), [ForcedOpen, Closed]);
    assert_eq!(clocked.told(), [(Closed, ForcedOpen), (ForcedOpen, Closed)]);
}
