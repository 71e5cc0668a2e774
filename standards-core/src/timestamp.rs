//! Instants, as answers and records write them: RFC 3339 in UTC with three decimals.

#[cfg(feature = "sqlx-postgres")]
mod postgres;
#[cfg(feature = "sqlx-sqlite")]
mod sqlite;

use std::fmt;
use std::str::FromStr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::language::Text;
use crate::validation::reject;
use crate::value::{ToValue, Value};

const REJECTED: Text = Text::new(
    "debe ser un instante RFC 3339, como 2025-07-04T10:30:45Z",
    "must be an RFC 3339 instant, such as 2025-07-04T10:30:45Z",
);

/// Why a column's value is none; sqlx says which column.
#[cfg(any(feature = "sqlx-postgres", feature = "sqlx-sqlite"))]
const UNEXPECTED: &str = "an instant of the years 0 to 9999 was expected";

/// An instant in UTC, exact to the microsecond (as databases keep it), of the years 0 to 9999.
///
/// It is written as RFC 3339 with three decimals, as text, in JSON and in the log. It is read from RFC 3339 of any offset; what is finer than a
/// microsecond is cut off.
///
/// ```
/// use standards_core::Timestamp;
///
/// let at = Timestamp::from_microseconds(1_751_625_045_123_999).unwrap();
/// assert_eq!(at.to_string(), "2025-07-04T10:30:45.123Z");
/// assert_eq!(serde_json::to_string(&at)?, "\"2025-07-04T10:30:45.123Z\"");
/// assert_eq!(serde_json::from_str::<Timestamp>("\"2025-07-04T06:30:45.123999-04:00\"")?, at);
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// With the features `sqlx-postgres` and `sqlx-sqlite` it is bound and read as it is: `TIMESTAMPTZ` in PostgreSQL, an `INTEGER` of microseconds in
/// SQLite.
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
        Self::from_utc(instant)
    }

    fn from_utc(instant: OffsetDateTime) -> Option<Self> {
        (0..=9_999).contains(&instant.year()).then_some(Self(instant))
    }

    /// The same instant in UTC and to the microsecond.
    fn from_instant(instant: OffsetDateTime) -> Option<Self> {
        let utc = instant.checked_to_offset(time::UtcOffset::UTC)?;
        Self::from_utc(utc.replace_microsecond(utc.microsecond()).ok()?)
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

impl FromStr for Timestamp {
    type Err = NotATimestamp;

    fn from_str(text: &str) -> Result<Self, NotATimestamp> {
        OffsetDateTime::parse(text, &Rfc3339).ok().and_then(Self::from_instant).ok_or(NotATimestamp)
    }
}

/// A text that is no instant of RFC 3339. `Display` is Spanish, to be read after the name of the field.
///
/// ```
/// use standards_core::Timestamp;
///
/// let refused = "ayer".parse::<Timestamp>().unwrap_err();
/// assert_eq!(refused.to_string(), "debe ser un instante RFC 3339, como 2025-07-04T10:30:45Z");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotATimestamp;

impl fmt::Display for NotATimestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REJECTED.es)
    }
}

impl std::error::Error for NotATimestamp {}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Instant;

        impl Visitor<'_> for Instant {
            type Value = Timestamp;

            // What `chrono` says of the same form.
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an RFC 3339 formatted date and time string")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Timestamp, E> {
                text.parse().map_err(|_| reject(REJECTED))
            }
        }

        deserializer.deserialize_str(Instant)
    }
}

/// A string in the format `date-time`.
#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for Timestamp {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, Type};

        let schema =
            ObjectBuilder::new().schema_type(Type::String).format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)));
        schema.examples(["2025-07-04T10:30:45.123Z"]).into()
    }
}

#[cfg(feature = "openapi")]
impl utoipa::ToSchema for Timestamp {}

impl ToValue for Timestamp {
    fn to_value(&self) -> Value {
        Value::Str(self.to_string().into())
    }
}

/// The same instant, in UTC; it is refused outside the years 0 to 9999, and cut off below a microsecond.
///
/// ```
/// use standards_core::Timestamp;
/// use time::macros::datetime;
///
/// let at = Timestamp::try_from(datetime!(2025-07-04 06:30:45 -4)).unwrap();
/// assert_eq!(at.to_string(), "2025-07-04T10:30:45.000Z");
/// assert_eq!(time::OffsetDateTime::from(at), datetime!(2025-07-04 10:30:45 UTC));
/// ```
#[cfg(feature = "time")]
impl TryFrom<OffsetDateTime> for Timestamp {
    type Error = NotATimestamp;

    fn try_from(instant: OffsetDateTime) -> Result<Self, NotATimestamp> {
        Self::from_instant(instant).ok_or(NotATimestamp)
    }
}

#[cfg(feature = "time")]
impl From<Timestamp> for OffsetDateTime {
    fn from(timestamp: Timestamp) -> Self {
        timestamp.0
    }
}

/// The same instant; it is refused outside the years 0 to 9999, and cut off below a microsecond.
///
/// ```
/// use chrono::{DateTime, Utc};
/// use standards_core::Timestamp;
///
/// let instant: DateTime<Utc> = "2025-07-04T10:30:45Z".parse()?;
/// let at = Timestamp::try_from(instant).unwrap();
/// assert_eq!(at.to_string(), "2025-07-04T10:30:45.000Z");
/// assert_eq!(DateTime::from(at), instant);
/// # Ok::<(), chrono::ParseError>(())
/// ```
#[cfg(feature = "chrono")]
impl TryFrom<chrono::DateTime<chrono::Utc>> for Timestamp {
    type Error = NotATimestamp;

    fn try_from(instant: chrono::DateTime<chrono::Utc>) -> Result<Self, NotATimestamp> {
        Self::from_microseconds(instant.timestamp_micros()).ok_or(NotATimestamp)
    }
}

#[cfg(feature = "chrono")]
impl From<Timestamp> for chrono::DateTime<chrono::Utc> {
    fn from(timestamp: Timestamp) -> Self {
        // Every instant of four-digit years is one of chrono's.
        Self::from_timestamp_micros(timestamp.microseconds()).unwrap_or_default()
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

    const REFUSED: &[&str] = &[
        "",
        "ayer",
        "2025-07-04",
        "2025-07-04T10:30:45",
        "2025-13-04T10:30:45Z",
        "2025-02-29T00:00:00Z",
        "2025-07-04T24:00:00Z",
        "1751625045",
        "2025-07-04T10:30:45+2400",
        "12025-07-04T10:30:45Z",
        "0000-01-01T00:00:00+01:00",
        "9999-12-31T23:59:59-01:00",
    ];

    #[test]
    fn what_is_no_instant_is_refused_in_words() {
        for text in REFUSED {
            let error = serde_json::from_str::<Timestamp>(&format!("{text:?}")).unwrap_err();
            assert_eq!(crate::validation::reason(&error).unwrap()[0], REJECTED.es, "{text}");
        }
    }

    proptest! {
        #[test]
        fn an_instant_is_read_as_it_was_written(millis in -62_167_219_200_000_i64..=253_402_300_799_999) {
            let timestamp = Timestamp::from_microseconds(millis * 1_000).unwrap();
            prop_assert_eq!(timestamp.to_string().parse::<Timestamp>(), Ok(timestamp));
        }

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
