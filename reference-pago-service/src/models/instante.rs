//! Points in time.

use std::fmt;

use serde::{Serialize, Serializer};
use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

const RFC3339_MILLIS: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");

/// A point in time in UTC, exact to the microsecond (as the databases keep it), written as
/// RFC 3339 with three decimals: `2025-07-04T10:30:45.123Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instante(OffsetDateTime);

impl Instante {
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

impl fmt::Display for Instante {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.format(RFC3339_MILLIS).map_err(|_| fmt::Error)?)
    }
}

impl Serialize for Instante {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop_assert, prop_assert_eq, proptest};

    use super::Instante;

    #[test]
    fn an_instant_is_written_with_three_decimals() {
        let instante = Instante::from_microseconds(1_751_625_045_123_999).unwrap();
        assert_eq!(serde_json::to_string(&instante).unwrap(), "\"2025-07-04T10:30:45.123Z\"");
        assert_eq!(Instante::from_microseconds(0).unwrap().to_string(), "1970-01-01T00:00:00.000Z");
        assert_eq!(Instante::from_microseconds(-1).unwrap().to_string(), "1969-12-31T23:59:59.999Z");
    }

    #[test]
    fn now_survives_the_database() {
        let now = Instante::now();
        assert_eq!(Instante::from_microseconds(now.microseconds()), Some(now));
    }

    #[test]
    fn an_instant_outside_four_digit_years_is_none() {
        assert_eq!(Instante::from_microseconds(i64::MAX), None);
        assert_eq!(Instante::from_microseconds(i64::MIN), None);
    }

    proptest! {
        #[test]
        fn microseconds_survive(microseconds in -62_167_219_200_000_000_i64..=253_402_300_799_999_999) {
            let instante = Instante::from_microseconds(microseconds).unwrap();
            prop_assert_eq!(instante.microseconds(), microseconds);
            prop_assert!(instante.to_string().len() == 24);
        }
    }
}
