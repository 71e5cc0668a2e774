//! The breaker of one dependency.

use std::fmt;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::time::Instant;

use super::permit::{Pass, Permit};
use super::policy::CircuitPolicy;
use super::refusal::{CallError, NotPermitted};
use super::shared::Shared;
use super::snapshot::Snapshot;
use super::state::{State, Transition};

/// Stands around the calls of one dependency, and refuses them while it fails. Clones are one breaker.
///
/// What it does, and when, is told in the [module](crate::resilience). A call through a closed breaker allocates nothing.
#[derive(Clone)]
pub struct CircuitBreaker(Arc<Shared>);

impl CircuitBreaker {
    /// A closed one. `name` stands in records and metrics: it is that of what is called.
    ///
    /// Its clock is Tokio's, which stands still in a test that pauses it.
    #[must_use]
    pub fn new(name: &'static str, policy: CircuitPolicy) -> Self {
        Self::with_clock(name, policy, || tokio::time::Instant::now().into_std())
    }

    /// The same with a clock of one's own, which never goes back.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use std::sync::atomic::{AtomicU64, Ordering};
    /// use std::time::{Duration, Instant};
    ///
    /// use standards_core::resilience::{CircuitBreaker, CircuitPolicy, State};
    ///
    /// let (begun, seconds) = (Instant::now(), Arc::new(AtomicU64::new(0)));
    /// let passed = seconds.clone();
    /// let clock = move || begun + Duration::from_secs(passed.load(Ordering::Relaxed));
    /// let redis = CircuitBreaker::with_clock("redis", CircuitPolicy::default(), clock);
    ///
    /// (0..10).for_each(|_| redis.acquire().unwrap().failure());
    /// assert_eq!(redis.acquire().unwrap_err().retry_after(), Duration::from_secs(5));
    /// seconds.store(5, Ordering::Relaxed);
    /// assert!(redis.acquire().is_ok() && redis.state() == State::HalfOpen);
    /// ```
    #[must_use]
    pub fn with_clock(name: &'static str, policy: CircuitPolicy, clock: impl Fn() -> Instant + Send + Sync + 'static) -> Self {
        Self(Arc::new(Shared::new(name, policy, Box::new(clock))))
    }

    /// Tells `observer` each change of state from now on, beside those that are told already: in order, each once, on the thread of a call, and with
    /// no lock held. A change may be told by another call than the one that made it, which then does not wait for that.
    ///
    /// ```
    /// use std::sync::mpsc;
    ///
    /// use standards_core::resilience::{CircuitBreaker, CircuitPolicy, State};
    ///
    /// let (changes, told) = mpsc::channel();
    /// let redis = CircuitBreaker::new("redis", CircuitPolicy::default())
    ///     .with_observer(move |change| changes.send((change.from, change.to, change.failure_rate)).unwrap());
    /// (0..10).for_each(|_| redis.acquire().unwrap().failure());
    /// assert_eq!(told.try_iter().collect::<Vec<_>>(), [(State::Closed, State::Open, Some(100.0))]);
    /// ```
    #[must_use]
    pub fn with_observer(self, observer: impl Fn(&Transition) + Send + Sync + 'static) -> Self {
        self.0.observe(Arc::new(observer));
        self
    }

    /// Makes the call, unless the circuit is open; an error is a failure.
    ///
    /// # Errors
    ///
    /// [`CallError::NotPermitted`] where it was not made, [`CallError::Failed`] with its own error.
    // No `async fn`, which would be a future around the other one.
    pub fn call<T, E>(&self, call: impl Future<Output = Result<T, E>>) -> impl Future<Output = Result<T, CallError<E>>> {
        self.call_judged(call, Result::is_err)
    }

    /// The same; `is_failure` tells whether a result speaks against whom was called: a refusal that the caller deserved does not.
    ///
    /// # Errors
    ///
    /// As [`call`](Self::call).
    ///
    /// ```
    /// use std::io::{Error, ErrorKind};
    ///
    /// use standards_core::resilience::{CircuitBreaker, CircuitPolicy};
    ///
    /// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
    /// let files = CircuitBreaker::new("files", CircuitPolicy::default());
    /// let speaks_against = |read: &Result<String, Error>| read.as_ref().is_err_and(|error| error.kind() != ErrorKind::NotFound);
    /// let absent = files.call_judged(async { std::fs::read_to_string("/no/such/file") }, speaks_against).await;
    /// assert!(absent.is_err());
    /// assert_eq!(files.snapshot().failure_rate, Some(0.0));
    /// # });
    /// ```
    pub async fn call_judged<T, E>(
        &self,
        call: impl Future<Output = Result<T, E>>,
        is_failure: impl FnOnce(&Result<T, E>) -> bool,
    ) -> Result<T, CallError<E>> {
        let mut pass = Pass::new(&*self.0)?;
        let mut call = pin!(call);
        let result = poll_fn(|cx| pass.polling(|| call.as_mut().poll(cx))).await;
        let failed = pass.polling(|| is_failure(&result));
        pass.end(failed);
        result.map_err(CallError::Failed)
    }

    /// Lets a call begin whose result is told by the [`Permit`].
    ///
    /// # Errors
    ///
    /// When the circuit is open, or half-open with all its probes on their way.
    pub fn acquire(&self) -> Result<Permit, NotPermitted> {
        Permit::new(self.0.clone())
    }

    /// Its state as it is: an open circuit is open until a call comes after its wait.
    #[must_use]
    pub fn state(&self) -> State {
        self.0.state()
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.0.name()
    }

    /// Its state, since when, the rates, and what it has seen.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        self.0.snapshot()
    }

    /// Refuses every call until [`reset`](Self::reset) or [`disable`](Self::disable).
    pub fn force_open(&self) {
        self.0.set(State::ForcedOpen);
    }

    /// Lets every call through, and counts none, until [`reset`](Self::reset) or [`force_open`](Self::force_open).
    pub fn disable(&self) {
        self.0.set(State::Disabled);
    }

    /// Closes it, with no results, whatever it was.
    pub fn reset(&self) {
        self.0.set(State::Closed);
    }
}

impl fmt::Debug for CircuitBreaker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CircuitBreaker").field("name", &self.name()).field("state", &self.state()).finish_non_exhaustive()
    }
}
