//! A call that was not made, or that failed.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use super::state::State;
use crate::failure::Failure;

/// The circuit is open: nobody was asked.
///
/// As a [`Failure`] it is 503 `SERVICE_UNAVAILABLE` with `Retry-After`.
///
/// ```
/// use standards_core::Failure;
/// use standards_core::resilience::{CircuitBreaker, CircuitPolicy};
///
/// let redis = CircuitBreaker::new("redis", CircuitPolicy::default());
/// redis.force_open();
/// let failure = Failure::from(redis.acquire().unwrap_err());
/// assert_eq!((failure.entry().code, failure.error_type()), ("SERVICE_UNAVAILABLE", "NotPermitted"));
/// assert_eq!(failure.retry_after().map(|wait| wait.as_secs()), Some(5));
/// assert_eq!(failure.cause_chain(), "circuit redis is forced_open");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotPermitted {
    name: &'static str,
    state: State,
    retry_after: Duration,
}

impl NotPermitted {
    pub(super) const fn new(name: &'static str, state: State, retry_after: Duration) -> Self {
        Self { name, state, retry_after }
    }

    /// The breaker's name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The state in which it refused: open, half-open with all probes on their way, or forced open.
    #[must_use]
    pub const fn state(&self) -> State {
        self.state
    }

    /// How long until a call may be let through: the rest of the wait; of a forced open circuit the whole, since nobody knows; of a half-open one a
    /// second.
    #[must_use]
    pub const fn retry_after(&self) -> Duration {
        self.retry_after
    }
}

impl fmt::Display for NotPermitted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "circuit {} is {}", self.name, self.state)
    }
}

impl Error for NotPermitted {}

impl From<NotPermitted> for Failure {
    #[track_caller]
    fn from(refused: NotPermitted) -> Self {
        Self::unavailable(refused).with_retry_after(refused.retry_after).with_error_type("NotPermitted")
    }
}

/// Why a call through a [`CircuitBreaker`](super::CircuitBreaker) has no result.
///
/// ```
/// use standards_core::Failure;
/// use standards_core::resilience::{CircuitBreaker, CircuitPolicy};
///
/// async fn read(redis: &CircuitBreaker) -> Result<u64, Failure> {
///     Ok(redis.call(async { "7a".parse::<u64>().map_err(Failure::internal) }).await?)
/// }
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let redis = CircuitBreaker::new("redis", CircuitPolicy::default());
/// assert_eq!(read(&redis).await.unwrap_err().status().as_u16(), 500);
/// redis.force_open();
/// assert_eq!(read(&redis).await.unwrap_err().status().as_u16(), 503);
/// # });
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallError<E> {
    /// It was not made.
    NotPermitted(NotPermitted),
    /// It was made, and failed.
    Failed(E),
}

impl<E> From<NotPermitted> for CallError<E> {
    fn from(refused: NotPermitted) -> Self {
        Self::NotPermitted(refused)
    }
}

impl<E: fmt::Display> fmt::Display for CallError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotPermitted(refused) => refused.fmt(f),
            Self::Failed(error) => error.fmt(f),
        }
    }
}

impl<E: Error> Error for CallError<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::NotPermitted(_) => None,
            Self::Failed(error) => error.source(),
        }
    }
}

impl<E: Into<Failure>> From<CallError<E>> for Failure {
    #[track_caller]
    fn from(error: CallError<E>) -> Self {
        match error {
            CallError::NotPermitted(refused) => refused.into(),
            CallError::Failed(error) => error.into(),
        }
    }
}
