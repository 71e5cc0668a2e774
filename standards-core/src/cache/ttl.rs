//! How long a value is kept.

use std::time::Duration;

/// How long a value may be kept, and whether it can change meanwhile.
///
/// ```
/// use std::time::Duration;
/// use standards_core::cache::Ttl;
///
/// assert_eq!(Ttl::from(Duration::from_secs(60)), Ttl::changing(Duration::from_secs(60)));
/// assert_eq!(Ttl::immutable(Duration::from_secs(10_000_000)).duration(), Ttl::MAX);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ttl {
    duration: Duration,
    is_immutable: bool,
}

impl Ttl {
    /// The longest: 30 days. What is longer is taken for this.
    pub const MAX: Duration = Duration::from_secs(30 * 24 * 60 * 60);

    /// Of a value that can change. Where there is a shared level it is kept no longer than
    /// [`CachePolicy::staleness`](super::CachePolicy::with_staleness), in both levels together: whoever changes it may be unable to say so.
    #[must_use]
    pub fn changing(duration: Duration) -> Self {
        Self { duration: duration.min(Self::MAX), is_immutable: false }
    }

    /// Of a value that will never be another one: a day's rate of yesterday, a pago that has been made. It is kept so long in both levels.
    #[must_use]
    pub fn immutable(duration: Duration) -> Self {
        Self { is_immutable: true, ..Self::changing(duration) }
    }

    /// How long, before what a [`CachePolicy`](super::CachePolicy) makes of it.
    #[must_use]
    pub const fn duration(self) -> Duration {
        self.duration
    }

    /// How long it is kept in fact. `chance` is from 0 to 1.
    ///
    /// A tenth more or less, so that what was loaded together does not expire together; at the bound a tenth less, since the bound holds.
    pub(super) fn kept(self, bound: Option<Duration>, chance: f64) -> Duration {
        let about = self.duration.mul_f64(0.9 + 0.2 * chance);
        let bound = bound.filter(|_| !self.is_immutable);
        bound.map_or(about, |bound| about.min(bound.mul_f64(0.9 + 0.1 * chance)))
    }
}

/// As [`Ttl::changing`].
impl From<Duration> for Ttl {
    fn from(duration: Duration) -> Self {
        Self::changing(duration)
    }
}

/// Says how long a loaded value is kept: a [`Duration`], a [`Ttl`], or a function of the value. Zero keeps it not at all.
///
/// ```
/// use std::time::Duration;
/// use standards_core::cache::{Keep, Ttl};
///
/// struct Pago { firme: bool }
///
/// fn by_state(pago: &Pago) -> Ttl {
///     if pago.firme { Ttl::immutable(Duration::from_secs(3_600)) } else { Ttl::changing(Duration::from_secs(2)) }
/// }
///
/// assert_eq!(by_state.ttl(&Pago { firme: true }).duration().as_secs(), 3_600);
/// assert_eq!(Duration::from_secs(5).ttl(&Pago { firme: true }), Ttl::changing(Duration::from_secs(5)));
/// ```
pub trait Keep<T>: Send + 'static {
    /// How long this value is kept.
    fn ttl(&self, value: &T) -> Ttl;
}

impl<T> Keep<T> for Duration {
    fn ttl(&self, _value: &T) -> Ttl {
        Ttl::changing(*self)
    }
}

impl<T> Keep<T> for Ttl {
    fn ttl(&self, _value: &T) -> Ttl {
        *self
    }
}

impl<T, F: Fn(&T) -> Ttl + Send + 'static> Keep<T> for F {
    fn ttl(&self, value: &T) -> Ttl {
        self(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);
    const BOUND: Duration = Duration::from_secs(5);

    #[test]
    fn a_time_is_kept_within_a_tenth() {
        let kept = |chance| Ttl::changing(MINUTE).kept(None, chance).as_secs_f64();
        assert_eq!([0.0, 0.5, 1.0].map(kept), [54.0, 60.0, 66.0]);
    }

    #[test]
    fn what_can_change_is_never_kept_past_the_bound() {
        for chance in [0.0, 0.3, 1.0] {
            for seconds in [1, 4, 5, 6, 3_600] {
                assert!(Ttl::changing(Duration::from_secs(seconds)).kept(Some(BOUND), chance) <= BOUND);
            }
        }
        assert_eq!(Ttl::immutable(MINUTE).kept(Some(BOUND), 0.5), MINUTE);
    }
}
