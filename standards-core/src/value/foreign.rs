//! Values of other crates' types, each behind the feature of its crate's name.

#[cfg(any(feature = "chrono", feature = "rust_decimal", feature = "time", feature = "uuid"))]
use super::{ToValue, Value};

/// A text, digit for digit as the decimal is: `10.50` keeps its zero, and no reader makes a float of it.
///
/// ```
/// use rust_decimal::Decimal;
/// use standards_core::log::Value;
/// use standards_core::{DomainError, error_catalogue};
///
/// error_catalogue! {
///     pub enum TasaError {
///         /// The rate is out of date.
///         Vencida { tasa: Decimal } => 409, "TASA_VENCIDA", "La tasa {tasa} ya no rige";
///     }
/// }
///
/// let tasa: Decimal = "947.350".parse()?;
/// assert_eq!(Value::from(tasa), Value::from("947.350"));
/// assert_eq!(TasaError::Vencida { tasa }.to_string(), "La tasa 947.350 ya no rige");
/// # Ok::<(), rust_decimal::Error>(())
/// ```
#[cfg(feature = "rust_decimal")]
impl ToValue for rust_decimal::Decimal {
    fn to_value(&self) -> Value {
        Value::Str(self.to_string().into())
    }
}

/// Types that are logged as the text that their `Display` writes.
#[cfg(any(feature = "chrono", feature = "time", feature = "uuid"))]
macro_rules! as_text {
    ($($type:ty),+ $(,)?) => {
        $(impl ToValue for $type {
            fn to_value(&self) -> Value {
                Value::Str(self.to_string().into())
            }
        })+
    };
}

#[cfg(feature = "uuid")]
as_text!(uuid::Uuid);

#[cfg(feature = "time")]
as_text!(time::Date, time::Time, time::PrimitiveDateTime);

/// RFC 3339, with the decimals that the instant has.
///
/// ```
/// use standards_core::log::Value;
///
/// let instant = time::macros::datetime!(2025-07-04 10:30:45.5 UTC);
/// assert_eq!(Value::from(instant), Value::from("2025-07-04T10:30:45.5Z"));
/// assert_eq!(Value::from(instant.date()), Value::from("2025-07-04"));
/// ```
#[cfg(feature = "time")]
impl ToValue for time::OffsetDateTime {
    fn to_value(&self) -> Value {
        let text = self.format(&time::format_description::well_known::Rfc3339);
        Value::Str(text.unwrap_or_else(|_| self.to_string()).into())
    }
}

#[cfg(feature = "chrono")]
as_text!(chrono::NaiveDate, chrono::NaiveTime);

#[cfg(feature = "chrono")]
impl ToValue for chrono::NaiveDateTime {
    fn to_value(&self) -> Value {
        Value::Str(self.format("%Y-%m-%dT%H:%M:%S%.f").to_string().into())
    }
}

/// RFC 3339, with the decimals that the instant has.
///
/// ```
/// use chrono::{DateTime, NaiveDate, Utc};
/// use standards_core::log::Value;
///
/// let instant: DateTime<Utc> = "2025-07-04T10:30:45.500Z".parse()?;
/// assert_eq!(Value::from(instant), Value::from("2025-07-04T10:30:45.500Z"));
/// assert_eq!(Value::from(instant.date_naive()), Value::from("2025-07-04"));
/// # Ok::<(), chrono::ParseError>(())
/// ```
#[cfg(feature = "chrono")]
impl<Z: chrono::TimeZone> ToValue for chrono::DateTime<Z> {
    fn to_value(&self) -> Value {
        Value::Str(self.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true).into())
    }
}
