//! The breaker among threads, in the orders that shuttle tries: its own files, compiled a second time with shuttle's locks and numbers.
//! `CIRCUIT_ORDERS` says how many orders of each test.

mod sync {
    pub(super) use shuttle::sync::atomic::{AtomicU64, Ordering};
    pub(super) use shuttle::sync::{Mutex, MutexGuard};
}

#[path = "../circuit/mod.rs"]
#[allow(clippy::duplicate_mod, dead_code, unused_imports, unreachable_pub, reason = "a copy, of which these tests use a part")]
mod circuit;

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use shuttle::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use shuttle::thread;

use circuit::{CircuitBreaker, CircuitPolicy, State, Transition};

const PROBES: u32 = 2;
const WAIT: Duration = Duration::from_secs(5);

/// A breaker on a clock of seconds, and what is told of it.
#[derive(Clone)]
struct Shuttled {
    breaker: CircuitBreaker,
    seconds: Arc<AtomicU64>,
    told: Arc<Mutex<Vec<(State, State)>>>,
}

impl Shuttled {
    fn new() -> Self {
        let policy = CircuitPolicy::default().with_minimum_calls(2).with_probes(PROBES).with_wait(WAIT);
        let (begun, seconds, told) = (Instant::now(), Arc::new(AtomicU64::new(0)), Arc::new(Mutex::new(Vec::new())));
        let (passed, telling) = (seconds.clone(), told.clone());
        let clock = move || begun + Duration::from_secs(passed.load(Ordering::SeqCst));
        let observer = move |change: &Transition| telling.lock().unwrap().push((change.from, change.to));
        Self { breaker: CircuitBreaker::with_clock("redis", policy, clock).with_observer(observer), seconds, told }
    }

    /// One whose next call is a probe.
    fn waited() -> Self {
        let shuttled = Self::new();
        (0..2).for_each(|_| shuttled.breaker.acquire().unwrap().failure());
        shuttled.seconds.fetch_add(WAIT.as_secs(), Ordering::SeqCst);
        shuttled
    }

    /// Does it in so many threads at once, and waits for them.
    fn in_threads(&self, threads: u32, work: impl Fn(&Self, u32) + Clone + Send + 'static) {
        let spawn = |number| {
            let (own, work) = (self.clone(), work.clone());
            thread::spawn(move || work(&own, number))
        };
        let running: Vec<_> = (0..threads).map(spawn).collect();
        running.into_iter().for_each(|thread| thread.join().unwrap());
    }

    /// Each change begins where the last one ended, and each was told.
    fn assert_told_in_order(&self) {
        let told = self.told.lock().unwrap().clone();
        assert!(told.windows(2).all(|pair| pair[0].1 == pair[1].0), "{told:?}");
        assert_eq!(told.last().map_or(State::Closed, |(_, to)| *to), self.breaker.state());
        let seen = self.breaker.snapshot();
        let changes: u64 = State::ALL.into_iter().map(|state| seen.transitions_to(state)).sum();
        assert_eq!(changes, told.len() as u64);
    }
}

fn in_every_order(test: impl Fn() + Send + Sync + 'static) {
    let orders = std::env::var("CIRCUIT_ORDERS").ok().and_then(|orders| orders.parse().ok()).unwrap_or(1000);
    let test = Arc::new(test);
    let twice = test.clone();
    shuttle::check_random(move || test(), orders);
    shuttle::check_pct(move || twice(), orders, 3);
}

#[test]
fn never_more_probes_are_on_their_way_than_are_permitted() {
    in_every_order(|| {
        let (shuttled, in_flight) = (Shuttled::waited(), Arc::new(AtomicU32::new(0)));
        shuttled.in_threads(4, move |own, number| {
            let Ok(permit) = own.breaker.acquire() else { return };
            assert!(in_flight.fetch_add(1, Ordering::SeqCst) < PROBES);
            in_flight.fetch_sub(1, Ordering::SeqCst);
            // Two failures open it again, and its wait has not passed.
            if number % 2 == 0 {
                permit.failure();
            }
        });
        shuttled.assert_told_in_order();
    });
}

#[test]
fn permits_that_are_given_back_are_all_there_again() {
    in_every_order(|| {
        let shuttled = Shuttled::waited();
        shuttled.in_threads(3, |own, number| match own.breaker.acquire() {
            Ok(permit) if number == 0 => permit.ignore(),
            permit => drop(permit),
        });
        let again = [(); 3].map(|()| shuttled.breaker.acquire());
        assert_eq!(again.each_ref().map(Result::is_ok), [true, true, false]);
        shuttled.assert_told_in_order();
    });
}

#[test]
fn a_change_that_several_cause_is_one() {
    in_every_order(|| {
        let shuttled = Shuttled::new();
        shuttled.in_threads(3, |own, _| {
            if let Ok(permit) = own.breaker.acquire() {
                permit.failure();
            }
        });
        assert_eq!(*shuttled.told.lock().unwrap(), [(State::Closed, State::Open)]);
        shuttled.seconds.fetch_add(WAIT.as_secs(), Ordering::SeqCst);
        shuttled.in_threads(3, |own, _| {
            if let Ok(permit) = own.breaker.acquire() {
                permit.success();
            }
        });
        let changes = [(State::Closed, State::Open), (State::Open, State::HalfOpen), (State::HalfOpen, State::Closed)];
        assert_eq!(*shuttled.told.lock().unwrap(), changes);
        shuttled.assert_told_in_order();
    });
}

#[test]
fn changes_by_hand_and_by_calls_are_told_in_their_order() {
    in_every_order(|| {
        let shuttled = Shuttled::waited();
        shuttled.in_threads(3, |own, number| match number {
            0 => own.breaker.force_open(),
            1 => own.breaker.reset(),
            _ => {
                if let Ok(permit) = own.breaker.acquire() {
                    permit.failure();
                }
            }
        });
        shuttled.assert_told_in_order();
    });
}

#[test]
fn a_result_that_comes_after_the_change_does_not_count() {
    in_every_order(|| {
        let shuttled = Shuttled::new();
        let early = Arc::new(Mutex::new(Some(shuttled.breaker.acquire().unwrap())));
        shuttled.in_threads(2, move |own, number| match number {
            0 => own.breaker.reset(),
            _ => early.lock().unwrap().take().unwrap().failure(),
        });
        assert_eq!((shuttled.breaker.snapshot().calls, shuttled.breaker.state()), (0, State::Closed));
    });
}
