//! Money: whole hundredths, never a float.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;
use standards_core::log::{ToValue, Value};

use super::Rejected;

const REJECTED: Rejected = Rejected {
    es: "debe ser un monto entre 0.00 y 99999999.99 con hasta dos decimales",
    en: "must be an amount from 0.00 to 99999999.99 with at most two decimals",
};

const REJECTED_POSITIVE: Rejected = Rejected {
    es: "debe ser un monto mayor que cero con hasta dos decimales",
    en: "must be an amount greater than zero with at most two decimals",
};

/// An amount of 0.00 to 99999999.99, exact to the hundredth (`centavo`).
///
/// As text it is `(0|[1-9][0-9]{0,7})(\.[0-9]{1,2})?`: no sign, exponent, underscore, space,
/// leading zero or digit of another script. In JSON it is read from a string or from a number
/// whose *text* is of that form, so that no float stands between the wire and the column, and it
/// is written as a string with two decimals.
///
/// # Example
///
/// ```
/// use reference_pago_service::models::Monto;
/// let monto: Monto = serde_json::from_str("100.5")?;
/// assert_eq!(monto.centavos(), 10_050);
/// assert_eq!(serde_json::to_string(&monto)?, "\"100.50\"");
/// assert!(serde_json::from_str::<Monto>("100.505").is_err());
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// # Example: reckoning beyond a payment
///
/// A rate or a total is reckoned as a [`Decimal`]; the way back is exact, and rounds nothing by itself.
///
/// ```
/// use reference_pago_service::models::Monto;
/// use rust_decimal::Decimal;
/// let monto: Monto = "100.50".parse().unwrap();
/// let comision = Decimal::from(monto) * Decimal::new(25, 3);
/// assert_eq!(comision.to_string(), "2.51250");
/// assert!(Monto::try_from(comision).is_err());
/// assert_eq!(Monto::try_from(comision.round_dp(2)).unwrap().to_string(), "2.51");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Monto(i64);

impl Monto {
    /// 0.00
    pub const ZERO: Self = Self(0);
    /// 99999999.99, the largest amount that `NUMERIC(10,2)` holds.
    pub const MAX: Self = Self(9_999_999_999);

    /// The amount of so many hundredths, or `None` if it is negative or above [`MAX`](Self::MAX).
    #[must_use]
    pub fn from_centavos(centavos: i64) -> Option<Self> {
        (0..=Self::MAX.0).contains(&centavos).then_some(Self(centavos))
    }

    /// The amount in hundredths.
    #[must_use]
    pub fn centavos(self) -> i64 {
        self.0
    }

    /// The sum, or `None` above [`MAX`](Self::MAX).
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        Self::from_centavos(self.0 + other.0)
    }

    /// The difference, or `None` below [`ZERO`](Self::ZERO).
    #[must_use]
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        Self::from_centavos(self.0 - other.0)
    }
}

impl FromStr for Monto {
    type Err = Rejected;

    fn from_str(text: &str) -> Result<Self, Rejected> {
        parse(text).map(Self).ok_or(REJECTED)
    }
}

impl From<Monto> for Decimal {
    fn from(monto: Monto) -> Self {
        Self::new(monto.0, 2)
    }
}

impl TryFrom<Decimal> for Monto {
    type Error = Rejected;

    /// The same amount: `1.500` is 1.50.
    ///
    /// # Errors
    ///
    /// When it is negative, above [`MAX`](Self::MAX), or no whole number of hundredths.
    fn try_from(amount: Decimal) -> Result<Self, Rejected> {
        let exact = amount.normalize();
        let factor = 2_u32.checked_sub(exact.scale()).map(|zeros| 10_i128.pow(zeros));
        // A mantissa has 96 bits: a hundred times as much still fits.
        let centavos = factor.and_then(|factor| i64::try_from(exact.mantissa() * factor).ok());
        centavos.and_then(Self::from_centavos).ok_or(REJECTED)
    }
}

impl fmt::Display for Monto {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02}", self.0 / 100, self.0 % 100)
    }
}

impl Serialize for Monto {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Monto {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = Box::<RawValue>::deserialize(deserializer)?;
        parse_json(json.get()).map(Self).ok_or_else(|| REJECTED.into_error())
    }
}

/// An amount greater than zero: what is paid or credited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PositiveMonto(Monto);

impl PositiveMonto {
    /// The amount, or `None` if it is zero.
    #[must_use]
    pub fn new(monto: Monto) -> Option<Self> {
        (monto > Monto::ZERO).then_some(Self(monto))
    }

    /// The amount itself.
    #[must_use]
    pub fn monto(self) -> Monto {
        self.0
    }

    /// The amount in hundredths.
    #[must_use]
    pub fn centavos(self) -> i64 {
        self.0.centavos()
    }
}

impl From<PositiveMonto> for Monto {
    fn from(positivo: PositiveMonto) -> Self {
        positivo.0
    }
}

impl FromStr for PositiveMonto {
    type Err = Rejected;

    fn from_str(text: &str) -> Result<Self, Rejected> {
        parse(text).map(Monto).and_then(Self::new).ok_or(REJECTED_POSITIVE)
    }
}

impl fmt::Display for PositiveMonto {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for PositiveMonto {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for PositiveMonto {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = Box::<RawValue>::deserialize(deserializer)?;
        let monto = parse_json(json.get()).map(Monto);
        monto.and_then(Self::new).ok_or_else(|| REJECTED_POSITIVE.into_error())
    }
}

/// Amounts are text in a log record (contract section 4).
impl ToValue for Monto {
    fn to_value(&self) -> Value {
        Value::Str(self.to_string().into())
    }
}

impl ToValue for PositiveMonto {
    fn to_value(&self) -> Value {
        self.monto().to_value()
    }
}

/// The hundredths of a JSON value: what stands in a string, or the text of a number. No other
/// JSON value begins with a digit, so the grammar itself refuses the rest.
fn parse_json(json: &str) -> Option<i64> {
    if json.starts_with('"') { parse(&serde_json::from_str::<Cow<'_, str>>(json).ok()?) } else { parse(json) }
}

fn parse(text: &str) -> Option<i64> {
    match text.split_once('.') {
        Some((units, decimals)) => Some(parse_units(units)? + parse_decimals(decimals)?),
        None => parse_units(text),
    }
}

/// `0|[1-9][0-9]{0,7}`, in hundredths.
fn parse_units(text: &str) -> Option<i64> {
    match text.as_bytes() {
        [b'0'] => Some(0),
        [b'1'..=b'9', rest @ ..] if rest.len() <= 7 => {
            text.bytes().try_fold(0, |sum, byte| Some(sum * 10 + digit(byte)?)).map(|units| units * 100)
        }
        _ => None,
    }
}

/// `[0-9]{1,2}`, in hundredths.
fn parse_decimals(text: &str) -> Option<i64> {
    match *text.as_bytes() {
        [tenths] => Some(digit(tenths)? * 10),
        [tenths, hundredths] => Some(digit(tenths)? * 10 + digit(hundredths)?),
        _ => None,
    }
}

fn digit(byte: u8) -> Option<i64> {
    byte.is_ascii_digit().then(|| i64::from(byte - b'0'))
}

#[cfg(test)]
mod tests;
