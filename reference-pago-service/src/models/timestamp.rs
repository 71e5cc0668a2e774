//! Points in time.

use std::fmt;

use serde::{Serialize, Serializer};
use time::OffsetDateTime;

/// A point in time in UTC, exact to the microsecond (as the databases keep it), written as
/// RFC 3339 with three decimals: `2025-07-04T10:30:45.123Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(OffsetDateTime);

impl Timestamp {
    /// Now, by the clock of this machine.
    #[must_use]
    pub fn now() -> Self {
        let now = OffsetDateTime::now_utc();
        Self(now.replace_microsecond(now.microsecond()).unwrap_or(now))
    }

    /// The instant so many microseconds after 1970-01-01T00:00:00Z, or `None` outside the years
    /// 0 to 9999.
    #[must_use]
    pub fn from_microseconds(microseconds: i64) -> Option<Self> {
        let instant = OffsetDateTime::from_unix_timestamp_nanos(i128::from(microseconds) * 1_000).ok()?;
        (0..=9_999).contains(&instant.year()).then_some(Self(instant))
    }

    /// Microseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub fn microseconds(self) -> i64 {
        self.0.unix_timestamp() * 1_000_000 + i64::from(self.0.microsecond())
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = *b"0000-00-00T00:00:00.000Z";
        let [y1, y2, y3, y4, _, o1, o2, _, d1, d2, _, h1, h2, _, m1, m2, _, s1, s2, _, f1, f2, f3, _] = &mut text;
        write_digits(self.0.year().unsigned_abs(), [y1, y2, y3, y4]);
        write_digits(u8::from(self.0.month()).into(), [o1, o2]);
        write_digits(self.0.day().into(), [d1, d2]);
        write_digits(self.0.hour().into(), [h1, h2]);
        write_digits(self.0.minute().into(), [m1, m2]);
        write_digits(self.0.second().into(), [s1, s2]);
        write_digits(self.0.millisecond().into(), [f1, f2, f3]);
        f.write_str(str::from_utf8(&text).map_err(|_| fmt::Error)?)
    }
}

/// Every answer about a pago has an instant in it, and what `time` has for any format is slow for this one.
fn write_digits<const N: usize>(mut number: u32, places: [&mut u8; N]) {
    for place in places.into_iter().rev() {
        *place = char::from_digit(number % 10, 10).map_or(b'0', |digit| digit as u8);
        number /= 10;
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop_assert, prop_assert_eq, proptest};

    use super::Timestamp;

    #[test]
    fn an_instant_is_written_with_three_decimals() {
        let instante = Timestamp::from_microseconds(1_751_625_045_123_999).unwrap();
        assert_eq!(serde_json::to_string(&instante).unwrap(), "\"2025-07-04T10:30:45.123Z\"");
        assert_eq!(Timestamp::from_microseconds(0).unwrap().to_string(), "1970-01-01T00:00:00.000Z");
        assert_eq!(Timestamp::from_microseconds(-1).unwrap().to_string(), "1969-12-31T23:59:59.999Z");
    }

    #[test]
    fn now_survives_the_database() {
        let now = Timestamp::now();
        assert_eq!(Timestamp::from_microseconds(now.microseconds()), Some(now));
    }

    #[test]
    fn an_instant_outside_four_digit_years_is_none() {
        assert_eq!(Timestamp::from_microseconds(i64::MAX), None);
        assert_eq!(Timestamp::from_microseconds(i64::MIN), None);
    }

    proptest! {
        #[test]
        fn microseconds_survive(microseconds in -62_167_219_200_000_000_i64..=253_402_300_799_999_999) {
            let instante = Timestamp::from_microseconds(microseconds).unwrap();
            prop_assert_eq!(instante.microseconds(), microseconds);
            prop_assert!(instante.to_string().len() == 24);
        }
    }
}
