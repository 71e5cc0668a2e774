//! From and to `rust_decimal::Decimal`, exact.

use rust_decimal::Decimal;

use super::{FixedDecimal, FixedDecimalError};

/// The same value, with all its places.
///
/// ```
/// use rust_decimal::Decimal;
/// use standards_core::FixedDecimal;
///
/// type Cantidad = FixedDecimal<3, 0, 999_999_999>;
///
/// let cantidad: Cantidad = "2.5".parse()?;
/// let costo = Decimal::from(cantidad) * Decimal::new(333, 2);
/// assert_eq!(costo.to_string(), "8.32500");
/// assert_eq!(Cantidad::try_from(costo)?.to_string(), "8.325");
/// assert!(Cantidad::try_from(costo / Decimal::TEN).is_err(), "0.8325 has a place too many");
/// # Ok::<(), standards_core::FixedDecimalError>(())
/// ```
impl<const SCALE: u8, const MIN: i64, const MAX: i64> From<FixedDecimal<SCALE, MIN, MAX>> for Decimal {
    #[inline]
    fn from(fixed: FixedDecimal<SCALE, MIN, MAX>) -> Self {
        Self::new(fixed.units(), u32::from(SCALE))
    }
}

impl<const SCALE: u8, const MIN: i64, const MAX: i64> TryFrom<Decimal> for FixedDecimal<SCALE, MIN, MAX> {
    type Error = FixedDecimalError;

    /// The same value: `1.500` is 1.50.
    ///
    /// # Errors
    ///
    /// When it lies outside the range, or has places that are lost.
    fn try_from(decimal: Decimal) -> Result<Self, FixedDecimalError> {
        let exact = decimal.normalize();
        let missing = u32::from(SCALE).checked_sub(exact.scale()).ok_or(FixedDecimalError::malformed(SCALE, MIN, MAX))?;
        let units = exact.mantissa().checked_mul(10_i128.pow(missing)).and_then(|units| i64::try_from(units).ok());
        units.and_then(Self::from_units).ok_or(FixedDecimalError::out_of_range(SCALE, MIN, MAX))
    }
}
