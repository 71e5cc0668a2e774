//! A time in hours.

use std::time::Duration;

use super::SettingValue;

/// A time in hours, decimals included: above 0, at most a year.
///
/// ```
/// use std::time::Duration;
/// use standards_core::settings::{Environment, Hours};
///
/// let hours: Hours = Environment::default().otherwise("KEEP_HOURS", "1.5").unwrap();
/// assert_eq!(Duration::from(hours), Duration::from_secs(5_400));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hours(Duration);

impl From<Hours> for Duration {
    fn from(hours: Hours) -> Self {
        hours.0
    }
}

impl SettingValue for Hours {
    const EXPECTED: &'static str = "un número de horas mayor que 0 y hasta 8760";

    fn parse(text: &str) -> Option<Self> {
        let digits = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        let hours: f64 = text.parse().ok().filter(|hours| digits && *hours <= 8760.0)?;
        let time = Duration::try_from_secs_f64(hours * 3600.0).ok()?;
        (time > Duration::ZERO).then_some(Self(time))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_may_have_decimals() {
        assert_eq!(Hours::parse("24"), Some(Hours(Duration::from_secs(86_400))));
        assert_eq!(Hours::parse("0.001"), Some(Hours(Duration::from_millis(3_600))));
        for text in ["", "0", "-1", "1e3", "inf", "NaN", "8761", " 1", "24h"] {
            assert_eq!(Hours::parse(text), None, "{text:?}");
        }
    }
}
