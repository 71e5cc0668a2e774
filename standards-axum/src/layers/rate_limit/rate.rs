//! How many requests are allowed (`RATE_LIMIT`).

use std::fmt;
use std::num::NonZeroU32;
use std::time::Duration;

use governor::Quota;
use standards_core::settings::SettingValue;

/// Requests a second, and how many may come at once after a pause.
///
/// Written `50`, which allows 50 at once too, or `50/100`: 50 a second, 100 at once. Both numbers go from 1 to 1000000.
///
/// ```
/// use standards_axum::core::settings::SettingValue;
/// use standards_axum::layers::Rate;
///
/// let rate = Rate::parse("50/100").unwrap();
/// assert_eq!((rate.per_second(), rate.burst()), (50, 100));
/// assert_eq!(Rate::parse("50").map(Rate::burst), Some(50));
/// assert_eq!(Rate::parse("0"), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    per_second: NonZeroU32,
    burst: NonZeroU32,
}

impl Rate {
    /// So many requests a second, and as many at once: at most a million, as those that are set are.
    ///
    /// ```
    /// use std::num::NonZeroU32;
    ///
    /// use standards_axum::layers::Rate;
    ///
    /// let rate = Rate::new(NonZeroU32::new(5).unwrap()).with_burst(NonZeroU32::new(20).unwrap());
    /// assert_eq!(rate.to_string(), "5/20");
    /// ```
    #[must_use]
    pub fn new(per_second: NonZeroU32) -> Self {
        let per_second = per_second.min(MOST);
        Self { per_second, burst: per_second }
    }

    /// Allows so many at once, at most a million.
    #[must_use]
    pub fn with_burst(self, burst: NonZeroU32) -> Self {
        Self { burst: burst.min(MOST), ..self }
    }

    /// Requests a second.
    #[must_use]
    pub const fn per_second(self) -> u32 {
        self.per_second.get()
    }

    /// Requests at once.
    #[must_use]
    pub const fn burst(self) -> u32 {
        self.burst.get()
    }

    pub(super) const fn quota(self) -> Quota {
        Quota::per_second(self.per_second).allow_burst(self.burst)
    }

    /// How long it takes, once a request was refused and one more is allowed, until a whole burst is.
    pub(super) fn rest_of_burst(self) -> Duration {
        self.quota().replenish_interval() * (self.burst() - 1)
    }
}

/// Above it the time between two requests is too short to be told by a clock.
const MOST: NonZeroU32 = NonZeroU32::new(1_000_000).unwrap();

impl SettingValue for Rate {
    const EXPECTED: &'static str = "solicitudes por segundo (50) o por segundo y de una vez (50/100), de 1 a 1000000";

    fn parse(text: &str) -> Option<Self> {
        match text.split_once('/') {
            Some((per_second, burst)) => Some(Self { per_second: number(per_second)?, burst: number(burst)? }),
            None => number(text).map(Self::new),
        }
    }
}

/// Digits alone: the standard library would take a sign.
fn number(text: &str) -> Option<NonZeroU32> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|number| is_plain && *number <= MOST)
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.per_second, self.burst)
    }
}
