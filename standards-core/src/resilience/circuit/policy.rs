//! When a circuit opens, and when it closes again.

use std::time::Duration;

/// The most calls that a window of calls may hold, at a byte each.
const LARGEST_WINDOW: u32 = 100_000;

/// Which calls are judged together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// The last so many: 1 to 100,000.
    Count(u32),
    /// Those that ended within this time, ten milliseconds at least. It goes on by tenths: the oldest tenth is left out as a new one begins.
    Time(Duration),
}

/// When a circuit opens, and when it closes again. What is out of bounds is taken for the nearest bound.
///
/// | | when not said |
/// |---|---|
/// | [window](Self::with_window) | the last 20 calls |
/// | [minimum of calls](Self::with_minimum_calls) | 10 |
/// | [failure rate](Self::with_failure_rate), [slow rate](Self::with_slow_rate) | 50 % |
/// | [slow after](Self::with_slow_after) | 50 ms |
/// | [wait in open](Self::with_wait) | 5 s |
/// | [probes](Self::with_probes) | 3 |
/// | [longest time half-open](Self::with_longest_half_open) | any |
///
/// ```
/// use std::time::Duration;
///
/// use standards_core::resilience::{CircuitPolicy, Window};
///
/// let patient = CircuitPolicy::default()
///     .with_window(Window::Time(Duration::from_secs(60)))
///     .with_minimum_calls(100)
///     .with_failure_rate(25.0)
///     .with_slow_after(Duration::from_secs(2))
///     .with_wait(Duration::from_secs(30));
/// assert_ne!(patient, CircuitPolicy::default());
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CircuitPolicy {
    pub(super) window: Window,
    pub(super) minimum_calls: u32,
    pub(super) failure_rate: f64,
    pub(super) slow_rate: f64,
    pub(super) slow_after: Duration,
    pub(super) wait: Duration,
    pub(super) probes: u32,
    pub(super) longest_half_open: Option<Duration>,
}

impl Default for CircuitPolicy {
    fn default() -> Self {
        Self {
            window: Window::Count(20),
            minimum_calls: 10,
            failure_rate: 50.0,
            slow_rate: 50.0,
            slow_after: Duration::from_millis(50),
            wait: Duration::from_secs(5),
            probes: 3,
            longest_half_open: None,
        }
    }
}

impl CircuitPolicy {
    /// Judges the calls of `window`.
    #[must_use]
    pub fn with_window(self, window: Window) -> Self {
        let window = match window {
            Window::Count(calls) => Window::Count(calls.clamp(1, LARGEST_WINDOW)),
            Window::Time(time) => Window::Time(time.max(Duration::from_millis(10))),
        };
        Self { window, ..self }
    }

    /// Judges no fewer than `calls`, one at least; of a window of calls no more than it holds are waited for.
    #[must_use]
    pub fn with_minimum_calls(self, calls: u32) -> Self {
        Self { minimum_calls: calls.max(1), ..self }
    }

    /// Opens when `percent` of the calls failed, or more: 1 to 100.
    #[must_use]
    pub fn with_failure_rate(self, percent: f64) -> Self {
        Self { failure_rate: within_bounds(percent), ..self }
    }

    /// Opens when `percent` of the calls were slow, or more: 1 to 100.
    #[must_use]
    pub fn with_slow_rate(self, percent: f64) -> Self {
        Self { slow_rate: within_bounds(percent), ..self }
    }

    /// Takes a call for slow that lasts longer than `limit`. [`Duration::MAX`]: none is.
    #[must_use]
    pub const fn with_slow_after(self, limit: Duration) -> Self {
        Self { slow_after: limit, ..self }
    }

    /// Refuses calls for `time` before probes are let through.
    #[must_use]
    pub const fn with_wait(self, time: Duration) -> Self {
        Self { wait: time, ..self }
    }

    /// Lets `calls` through when half-open, one at least, and judges their results together.
    #[must_use]
    pub fn with_probes(self, calls: u32) -> Self {
        Self { probes: calls.max(1), ..self }
    }

    /// Opens again where the probes have not all ended within `time`.
    #[must_use]
    pub const fn with_longest_half_open(self, time: Duration) -> Self {
        Self { longest_half_open: Some(time), ..self }
    }

    /// How many calls must have ended before they are judged.
    pub(super) fn enough(&self) -> u32 {
        match self.window {
            Window::Count(calls) => self.minimum_calls.min(calls),
            Window::Time(_) => self.minimum_calls,
        }
    }
}

/// What is no number is the highest.
fn within_bounds(percent: f64) -> f64 {
    if percent.is_nan() { 100.0 } else { percent.clamp(1.0, 100.0) }
}
