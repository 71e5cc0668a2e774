mod calls;
mod interleavings;
mod model;
mod rules;
mod telling;
mod windows;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::{CircuitBreaker, CircuitPolicy, State};

const MS: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);

/// A breaker on a clock that goes on when it is told to.
struct Clocked {
    breaker: CircuitBreaker,
    nanoseconds: Arc<AtomicU64>,
    told: Arc<Mutex<Vec<(State, State)>>>,
}

impl Clocked {
    fn new(policy: CircuitPolicy) -> Self {
        let (begun, nanoseconds) = (Instant::now(), Arc::new(AtomicU64::new(0)));
        let (passed, told) = (nanoseconds.clone(), Arc::new(Mutex::new(Vec::new())));
        let clock = move || begun + Duration::from_nanos(passed.load(Ordering::Relaxed));
        let telling = told.clone();
        let breaker = CircuitBreaker::with_clock("redis", policy, clock)
            .with_observer(move |change| telling.lock().unwrap().push((change.from, change.to)));
        Self { breaker, nanoseconds, told }
    }

    fn advance(&self, time: Duration) {
        self.nanoseconds.fetch_add(u64::try_from(time.as_nanos()).unwrap(), Ordering::Relaxed);
    }

    #[track_caller]
    fn succeed(&self, calls: u32) {
        (0..calls).for_each(|_| self.breaker.acquire().unwrap().success());
    }

    #[track_caller]
    fn fail(&self, calls: u32) {
        (0..calls).for_each(|_| self.breaker.acquire().unwrap().failure());
    }

    #[track_caller]
    fn succeed_slowly(&self, calls: u32) {
        let permits: Vec<_> = (0..calls).map(|_| self.breaker.acquire().unwrap()).collect();
        self.advance(51 * MS);
        permits.into_iter().for_each(super::Permit::success);
    }

    /// Opens it by ten failures.
    fn opened(policy: CircuitPolicy) -> Self {
        let clocked = Self::new(policy);
        clocked.fail(10);
        assert_eq!(clocked.breaker.state(), State::Open);
        clocked
    }

    fn told(&self) -> Vec<(State, State)> {
        std::mem::take(&mut *self.told.lock().unwrap())
    }
}
