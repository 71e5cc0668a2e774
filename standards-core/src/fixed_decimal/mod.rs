//! Fixed-point decimals: a whole number of smallest units, never a float.

#[cfg(any(feature = "sqlx-postgres", feature = "sqlx-sqlite"))]
mod database;
mod error;
#[cfg(feature = "sqlx-postgres")]
mod postgres;
mod read;
#[cfg(feature = "rust_decimal")]
mod rust_decimal;
#[cfg(feature = "openapi")]
mod schema;
#[cfg(feature = "sqlx-sqlite")]
mod sqlite;
#[cfg(test)]
mod tests;
mod text;

use serde::{Deserializer, Serialize, Serializer};

pub use self::error::FixedDecimalError;
use self::text::Written;
use crate::value::{ToValue, Value};

/// A decimal of `SCALE` places from `MIN` to `MAX`, both in units of the last place; exact, and as small and quick as an `i64`.
///
/// A service names each of its quantities once: its places, its smallest value, its largest.
///
/// ```
/// use standards_core::FixedDecimal;
///
/// /// From 0.001 to 999999.999.
/// type Cantidad = FixedDecimal<3, 1, 999_999_999>;
///
/// let cantidad: Cantidad = serde_json::from_str("2.5")?;
/// assert_eq!(cantidad.units(), 2_500);
/// assert_eq!(serde_json::to_string(&cantidad)?, "\"2.500\"");
/// assert_eq!("0".parse::<Cantidad>().unwrap_err().to_string(), "debe estar entre 0.001 y 999999.999");
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// As text it is `-?(0|[1-9][0-9]*)(\.[0-9]{1,SCALE})?`, the sign only where `MIN` is negative, and without a point where `SCALE` is zero: no
/// exponent, underscore, space, leading zero or digit of another script, and nothing is rounded. It is written with all its places.
///
/// In JSON it is read from a string or from a number, whose *text* counts; it is written as a string, since readers make floats of numbers.
/// From a format that keeps no text of its numbers, and where serde reads into values of its own (`flatten`, `untagged`), a string or a whole
/// number is taken and a float refused.
///
/// # Example: reckoning
///
/// Sums stay in range or are none. A product or a rate is reckoned as a `rust_decimal::Decimal` (feature `rust_decimal`) and comes back exact,
/// or not at all.
///
/// ```
/// use standards_core::FixedDecimal;
///
/// type Saldo = FixedDecimal<2, -100_000, 100_000>;
///
/// let saldo: Saldo = "-0.5".parse()?;
/// assert_eq!(saldo.checked_add("1000".parse()?), Some("999.50".parse()?));
/// assert_eq!(saldo.checked_sub("1000".parse()?), None);
/// # Ok::<(), standards_core::FixedDecimalError>(())
/// ```
///
/// # Example: in a database
///
/// With the features `sqlx-postgres` and `sqlx-sqlite` it is bound and read as it is: `NUMERIC` in PostgreSQL, an `INTEGER` of units in SQLite. What
/// is no value of the range (`NaN`, infinity, a place too many) is a decode error that names the column.
///
/// ```
/// # #[cfg(feature = "sqlx-sqlite")]
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), sqlx::Error> {
/// use sqlx::{Connection, SqliteConnection};
/// use standards_core::FixedDecimal;
///
/// type Cantidad = FixedDecimal<3, 1, 999_999_999>;
///
/// let mut connection = SqliteConnection::connect("sqlite::memory:").await?;
/// let cantidad = Cantidad::from_units(2_500);
/// let read: Option<Cantidad> = sqlx::query_scalar("select ?").bind(cantidad).fetch_one(&mut connection).await?;
/// assert_eq!(read, cantidad);
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "sqlx-sqlite"))]
/// # fn main() {}
/// ```
///
/// # Example: what does not compile
///
/// An empty range, and more places than an `i64` has digits.
///
/// ```compile_fail
/// let nothing = standards_core::FixedDecimal::<2, 1, 0>::from_units(1);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FixedDecimal<const SCALE: u8, const MIN: i64, const MAX: i64>(i64);

impl<const SCALE: u8, const MIN: i64, const MAX: i64> FixedDecimal<SCALE, MIN, MAX> {
    /// The smallest value.
    pub const MIN: Self = Self(MIN);
    /// The largest value.
    pub const MAX: Self = Self(MAX);
    /// Zero; a range without it has none, and its use there does not compile.
    pub const ZERO: Self = {
        assert!(MIN <= 0 && 0 <= MAX, "zero lies outside the range");
        Self(0)
    };

    /// The value of so many units of the last place, or `None` outside the range.
    ///
    /// ```
    /// use standards_core::FixedDecimal;
    ///
    /// assert_eq!(FixedDecimal::<2, 0, 999>::from_units(50).unwrap().to_string(), "0.50");
    /// assert_eq!(FixedDecimal::<2, 0, 999>::from_units(1_000), None);
    /// ```
    #[inline]
    #[must_use]
    pub const fn from_units(units: i64) -> Option<Self> {
        const { assert!(SCALE <= 18 && MIN <= MAX, "at most 18 places, and a range that holds something") };
        if MIN <= units && units <= MAX { Some(Self(units)) } else { None }
    }

    /// How many units of the last place it is: hundredths where `SCALE` is 2.
    #[inline]
    #[must_use]
    pub const fn units(self) -> i64 {
        self.0
    }

    /// The sum, or `None` outside the range.
    #[inline]
    #[must_use]
    pub const fn checked_add(self, other: Self) -> Option<Self> {
        match self.0.checked_add(other.0) {
            Some(units) => Self::from_units(units),
            None => None,
        }
    }

    /// The difference, or `None` outside the range.
    #[inline]
    #[must_use]
    pub const fn checked_sub(self, other: Self) -> Option<Self> {
        match self.0.checked_sub(other.0) {
            Some(units) => Self::from_units(units),
            None => None,
        }
    }

    /// Deserialises one, or says why what is there is none: for a type that is built on it, and refuses in words of its own.
    ///
    /// ```
    /// use serde::{Deserialize, Deserializer};
    /// use standards_core::{FixedDecimal, Text, validation};
    ///
    /// struct Monto(FixedDecimal<2, 1, 9_999_999_999>);
    ///
    /// impl<'de> Deserialize<'de> for Monto {
    ///     fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
    ///         let read = FixedDecimal::try_deserialize(deserializer)?;
    ///         read.map(Self).map_err(|_| validation::reject(Text::new("debe ser un monto", "must be an amount")))
    ///     }
    /// }
    ///
    /// let error = serde_json::from_str::<Monto>("1e2").err().unwrap();
    /// assert_eq!(validation::reason(&error).unwrap()[0], "debe ser un monto");
    /// ```
    ///
    /// # Errors
    ///
    /// The deserializer's own; the inner one for everything that it can show and that is no value of this range.
    pub fn try_deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Result<Self, FixedDecimalError>, D::Error> {
        read::deserialize(deserializer)
    }
}

/// Zero; a range without it has no default, and asking for one does not compile.
impl<const SCALE: u8, const MIN: i64, const MAX: i64> Default for FixedDecimal<SCALE, MIN, MAX> {
    fn default() -> Self {
        Self::ZERO
    }
}

impl<const SCALE: u8, const MIN: i64, const MAX: i64> Serialize for FixedDecimal<SCALE, MIN, MAX> {
    #[inline]
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(Written::of(self.0, SCALE).as_str())
    }
}

/// A text, with all its places.
impl<const SCALE: u8, const MIN: i64, const MAX: i64> ToValue for FixedDecimal<SCALE, MIN, MAX> {
    fn to_value(&self) -> Value {
        Value::Str(Written::of(self.0, SCALE).as_str().to_owned().into())
    }
}
