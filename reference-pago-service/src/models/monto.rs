//! Money: whole hundredths, never a float.

use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize};
use standards_core::log::{ToValue, Value};
use standards_core::{FixedDecimal, Text};

use super::Rejected;

const REJECTED: Rejected = Rejected(Text::new(
    "debe ser un monto entre 0.00 y 99999999.99 con hasta dos decimales",
    "must be an amount from 0.00 to 99999999.99 with at most two decimals",
));

const REJECTED_POSITIVE: Rejected = Rejected(Text::new(
    "debe ser un monto mayor que cero con hasta dos decimales",
    "must be an amount greater than zero with at most two decimals",
));

/// What `NUMERIC(10,2)` holds of amounts.
type Centavos = FixedDecimal<2, 0, 9_999_999_999>;

/// An amount of 0.00 to 99999999.99, exact to the hundredth (`centavo`): a [`FixedDecimal`], refused in words of its own.
///
/// As text it is `(0|[1-9][0-9]{0,7})(\.[0-9]{1,2})?`, in JSON a string or a number of that text.
///
/// # Example
///
/// ```
/// use reference_pago_service::models::Monto;
/// let monto: Monto = serde_json::from_str("100.5")?;
/// assert_eq!(monto.hundredths(), 10_050);
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Monto(Centavos);

impl Monto {
    /// 0.00
    pub const ZERO: Self = Self(Centavos::ZERO);
    /// 99999999.99, the largest amount that `NUMERIC(10,2)` holds.
    pub const MAX: Self = Self(Centavos::MAX);

    /// The amount of so many hundredths, or `None` if it is negative or above [`MAX`](Self::MAX).
    #[must_use]
    pub fn from_hundredths(hundredths: i64) -> Option<Self> {
        Centavos::from_units(hundredths).map(Self)
    }

    /// The amount in hundredths.
    #[must_use]
    pub fn hundredths(self) -> i64 {
        self.0.units()
    }

    /// The sum, or `None` above [`MAX`](Self::MAX).
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// The difference, or `None` below [`ZERO`](Self::ZERO).
    #[must_use]
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }
}

impl FromStr for Monto {
    type Err = Rejected;

    fn from_str(text: &str) -> Result<Self, Rejected> {
        text.parse().map(Self).map_err(|_| REJECTED)
    }
}

impl From<Monto> for Decimal {
    fn from(monto: Monto) -> Self {
        monto.0.into()
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
        Centavos::try_from(amount).map(Self).map_err(|_| REJECTED)
    }
}

impl fmt::Display for Monto {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<'de> Deserialize<'de> for Monto {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        FixedDecimal::try_deserialize(deserializer)?.map(Self).map_err(|_| REJECTED.into_error())
    }
}

/// An amount greater than zero: what is paid or credited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
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
    pub fn hundredths(self) -> i64 {
        self.0.hundredths()
    }
}

impl From<PositiveMonto> for Monto {
    fn from(positive: PositiveMonto) -> Self {
        positive.0
    }
}

impl FromStr for PositiveMonto {
    type Err = Rejected;

    fn from_str(text: &str) -> Result<Self, Rejected> {
        text.parse().ok().and_then(Self::new).ok_or(REJECTED_POSITIVE)
    }
}

impl fmt::Display for PositiveMonto {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<'de> Deserialize<'de> for PositiveMonto {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let amount = FixedDecimal::try_deserialize(deserializer)?;
        amount.ok().map(Monto).and_then(Self::new).ok_or_else(|| REJECTED_POSITIVE.into_error())
    }
}

/// Amounts are text in a log record (contract section 4).
impl ToValue for Monto {
    fn to_value(&self) -> Value {
        self.0.to_value()
    }
}

impl ToValue for PositiveMonto {
    fn to_value(&self) -> Value {
        self.monto().to_value()
    }
}

#[cfg(test)]
mod tests;
