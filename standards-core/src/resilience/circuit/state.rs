//! What a circuit lets through, and how that changes.

use std::fmt;

/// What a circuit lets through.
///
/// ```
/// use standards_core::resilience::State;
///
/// assert_eq!(State::ALL.map(State::as_str), ["closed", "open", "half_open", "forced_open", "disabled"]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// Every call, and its result is judged.
    Closed,
    /// None, for a while.
    Open,
    /// A few, by whose results it is decided.
    HalfOpen,
    /// None, until somebody says so.
    ForcedOpen,
    /// Every call, whatever becomes of it.
    Disabled,
}

impl State {
    /// All states.
    pub const ALL: [Self; 5] = [Self::Closed, Self::Open, Self::HalfOpen, Self::ForcedOpen, Self::Disabled];

    /// Its name in records and metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open => "open",
            Self::HalfOpen => "half_open",
            Self::ForcedOpen => "forced_open",
            Self::Disabled => "disabled",
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A change of state, as an observer is told.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Transition {
    /// The breaker's name.
    pub name: &'static str,
    /// The state that ended.
    pub from: State,
    /// The state that began.
    pub to: State,
    /// Of how many calls the rates are: those of the window, or the probes.
    pub calls: u32,
    /// How many of a hundred of them failed, to two decimals; `None` where there were none.
    pub failure_rate: Option<f64>,
    /// How many of a hundred of them were slow.
    pub slow_rate: Option<f64>,
}
