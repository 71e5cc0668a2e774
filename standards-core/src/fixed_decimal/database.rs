//! What a database holds in a decimal's place.

use sqlx::error::BoxDynError;

use super::FixedDecimal;

impl<const SCALE: u8, const MIN: i64, const MAX: i64> FixedDecimal<SCALE, MIN, MAX> {
    /// The value of so many units, or why a column's is none; sqlx says which column. The value itself is not told.
    pub(super) fn from_database(units: Result<i128, &'static str>) -> Result<Self, BoxDynError> {
        let in_range = |units| i64::try_from(units).ok().and_then(Self::from_units).ok_or("one outside the range");
        units.and_then(in_range).map_err(|instead| {
            let (min, max) = (Self::MIN, Self::MAX);
            format!("a decimal from {min} to {max} of up to {SCALE} places was expected, not {instead}").into()
        })
    }
}
