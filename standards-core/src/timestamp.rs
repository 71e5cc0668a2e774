//! Instants, as answers and records write them: RFC 3339 in UTC with three decimals.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Serialize, Serializer};
use time::OffsetDateTime;

use crate::value::{ToValue, Value};

/// An instant in UTC, exact to the microsecond (as databases keep it), of the years 0 to 9999.
///
/// It is written as RFC 3339 with three decimals, as text, in JSON and in the log.
///
/// ```
/// use standards_core::Timestamp;
///
/// let at = Timestamp::from_microseconds(1_751_625_045_123_999).unwrap();
/// assert_eq!(at.to_string(), "2025-07-04T10:30:45.123Z");
/// assert_eq!(serde_json::to_string(&at)?, "\"2025-07-04T10:30:45.123Z\"");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(OffsetDateTime);

impl Timestamp {
    /// Now, by the clock of this machine.
    ///
    /// ```
    /// use standards_core::Timestamp;
    ///
    /// let now = Timestamp::now();
    /// assert_eq!(Timestamp::from_microseconds(now.microseconds()), Some(now));
    /// ```
    #[must_use]
    pub fn now() -> Self {
        let now = OffsetDateTime::now_utc();
        Self(now.replace_microsecond(now.microsecond()).unwrap_or(now))
    }

    /// The instant so many microseconds after 1970-01-01T00:00:00Z, or `None` outside the years 0 to 9999.
    ///
    /// ```
    /// use standards_core::Timestamp;
    ///
    /// assert_eq!(Timestamp::from_microseconds(-1).unwrap().to_string(), "1969-12-31T23:59:59.999Z");
    /// assert_eq!(Timestamp::from_microseconds(i64::MAX), None);
    /// ```
    #[must_use]
    pub fn from_microseconds(microseconds: i64) -> Option<Self> {
        let instant = OffsetDateTime::from_unix_timestamp_nanos(i128::from(microseconds) * 1_000).ok()?;
        (0..=9_999).contains(&instant.year()).then_some(Self(instant))
    }

    /// Microseconds since 1970-01-01T00:00:00Z.
    ///
    /// ```
    /// assert!(standards_core::Timestamp::now().microseconds() > 1_751_625_045_123_000);
    /// ```
    #[must_use]
    pub fn microseconds(self) -> i64 {
        self.0.unix_timestamp() * 1_000_000 + i64::from(self.0.microsecond())
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = EPOCH;
        write_second(&mut text, self.0);
        write_millisecond(&mut text, self.0.millisecond().into());
        f.write_str(str::from_utf8(&text).map_err(|_| fmt::Error)?)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl ToValue for Timestamp {
    fn to_value(&self) -> Value {
        Value::Str(self.to_string().into())
    }
}

/// An instant as it is written: `2025-07-04T10:30:45.123Z`.
pub(crate) type Written = [u8; 24];

const EPOCH: Written = *b"1970-01-01T00:00:00.000Z";

/// Writes the present again and again; within one second only the three decimals are written anew.
#[derive(Debug)]
pub(crate) struct Clock {
    second: u64,
    text: Written,
}

impl Clock {
    pub(crate) fn new() -> Self {
        Self { second: 0, text: EPOCH }
    }

    /// The time as it is now.
    pub(crate) fn now(&mut self) -> Written {
        self.at(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default())
    }

    /// The time `since_epoch`.
    fn at(&mut self, since_epoch: Duration) -> Written {
        if since_epoch.as_secs() != self.second {
            self.second = since_epoch.as_secs();
            let seconds = i64::try_from(self.second).unwrap_or(i64::MAX);
            // Beyond the year 9999 there is no RFC 3339.
            write_second(&mut self.text, OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH));
        }
        write_millisecond(&mut self.text, since_epoch.subsec_millis());
        self.text
    }
}

// Every record and every answer about a pago has an instant in it, and what `time` has for any format is slow for this one.

fn write_second(text: &mut Written, at: OffsetDateTime) {
    let [y1, y2, y3, y4, _, o1, o2, _, d1, d2, _, h1, h2, _, m1, m2, _, s1, s2, ..] = text;
    write_digits(at.year().unsigned_abs(), [y1, y2, y3, y4]);
    write_digits(u8::from(at.month()).into(), [o1, o2]);
    write_digits(at.day().into(), [d1, d2]);
    write_digits(at.hour().into(), [h1, h2]);
    write_digits(at.minute().into(), [m1, m2]);
    write_digits(at.second().into(), [s1, s2]);
}

fn write_millisecond(text: &mut Written, millisecond: u32) {
    let [.., hundreds, tens, units, _] = text;
    write_digits(millisecond, [hundreds, tens, units]);
}

fn write_digits<const N: usize>(mut number: u32, places: [&mut u8; N]) {
    for place in places.into_iter().rev() {
        *place = char::from_digit(number % 10, 10).map_or(b'0', |digit| digit as u8);
        number /= 10;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop_assert, prop_assert_eq, proptest};

    use super::*;

    fn at(clock: &mut Clock, millis: u64) -> String {
        String::from_utf8(clock.at(Duration::from_millis(millis)).to_vec()).unwrap()
    }

    #[test]
    fn every_part_changes_when_it_must() {
        let mut clock = Clock::new();
        assert_eq!(at(&mut clock, 0), "1970-01-01T00:00:00.000Z");
        assert_eq!(at(&mut clock, 7), "1970-01-01T00:00:00.007Z");
        assert_eq!(at(&mut clock, 1_000), "1970-01-01T00:00:01.000Z");
        assert_eq!(at(&mut clock, 951_782_399_999), "2000-02-28T23:59:59.999Z");
        assert_eq!(at(&mut clock, 951_782_400_000), "2000-02-29T00:00:00.000Z");
        assert_eq!(at(&mut clock, 1_751_625_045_123), "2025-07-04T10:30:45.123Z");
        assert_eq!(at(&mut clock, 253_402_300_799_999), "9999-12-31T23:59:59.999Z");
        assert_eq!(at(&mut clock, 1), "1970-01-01T00:00:00.001Z");
    }

    #[test]
    fn the_present_is_not_the_epoch() {
        assert!(Clock::new().now().starts_with(b"20"));
    }

    #[test]
    fn an_instant_outside_four_digit_years_is_none() {
        assert_eq!(Timestamp::from_microseconds(i64::MAX), None);
        assert_eq!(Timestamp::from_microseconds(i64::MIN), None);
    }

    proptest! {
        #[test]
        fn microseconds_survive(microseconds in -62_167_219_200_000_000_i64..=253_402_300_799_999_999) {
            let timestamp = Timestamp::from_microseconds(microseconds).unwrap();
            prop_assert_eq!(timestamp.microseconds(), microseconds);
            prop_assert!(timestamp.to_string().len() == 24);
        }

        #[test]
        fn a_record_and_an_answer_write_the_same_instant(millis in 0..=253_402_300_799_999_u64) {
            let timestamp = Timestamp::from_microseconds(i64::try_from(millis).unwrap() * 1_000).unwrap();
            prop_assert_eq!(at(&mut Clock::new(), millis), timestamp.to_string());
        }
    }
}
