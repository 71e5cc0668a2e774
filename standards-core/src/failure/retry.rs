//! When a request that failed is worth another attempt.

use std::time::Duration;

use super::Failure;
use crate::level::LogLevel;

impl Failure {
    /// More than can be done now: 503 `SERVICE_UNAVAILABLE`, `cause` for the log, at `WARNING`.
    ///
    /// Below `ERROR` a record has no `error`, so the cause stands in its `context.overload`.
    ///
    /// The client is told to come back in 1, 2 or 3 seconds, by `load`: how many wait, say. Those who were refused together do not come back
    /// together.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use standards_core::Failure;
    /// use standards_core::log::LogLevel;
    ///
    /// let refused = [7, 8, 9].map(|waiting| Failure::overload("the queue is full", waiting));
    /// assert_eq!((refused[0].status().as_u16(), refused[0].level()), (503, LogLevel::Warning));
    /// assert_eq!(refused.map(|failure| failure.retry_after()), [2, 3, 1].map(|seconds| Some(Duration::from_secs(seconds))));
    /// ```
    #[track_caller]
    #[must_use]
    pub fn overload(cause: &'static str, load: usize) -> Self {
        let seconds = 1 + (load % 3) as u64;
        let failure = Self::unavailable(cause).with_level(LogLevel::Warning).with_context("overload", cause);
        failure.with_retry_after(Duration::from_secs(seconds))
    }

    /// Says when the same request is worth another attempt: the answer's `Retry-After`, in whole seconds, rounded up.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use standards_core::Failure;
    ///
    /// let failure = Failure::unavailable("the night's accounts are being closed").with_retry_after(Duration::from_secs(600));
    /// assert_eq!(failure.retry_after(), Some(Duration::from_secs(600)));
    /// ```
    #[must_use]
    pub fn with_retry_after(self, wait: Duration) -> Self {
        self.with(|details| details.retry_after = Some(wait))
    }

    /// When the same request is worth another attempt, where that is known.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }
}
