//! Why a value is no decimal of a range, in words for a client.

use std::fmt;

use super::text::Written;

/// Why a value is no [`FixedDecimal`](super::FixedDecimal) of its range, to be read after the name of the field. The value itself is not told.
///
/// `Display` is Spanish; [`reason`](Self::reason) has both languages.
///
/// ```
/// use standards_core::FixedDecimal;
///
/// type Cantidad = FixedDecimal<3, 1, 999_999_999>;
///
/// let malformed = "1e2".parse::<Cantidad>().unwrap_err();
/// assert_eq!(malformed.to_string(), "debe ser un número entre 0.001 y 999999.999, con hasta 3 decimales");
/// let too_small = "0.000".parse::<Cantidad>().unwrap_err();
/// assert_eq!(too_small.reason()[1], "must be between 0.001 and 999999.999");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FixedDecimalError {
    is_malformed: bool,
    scale: u8,
    min: i64,
    max: i64,
}

impl FixedDecimalError {
    pub(super) const fn malformed(scale: u8, min: i64, max: i64) -> Self {
        Self { is_malformed: true, scale, min, max }
    }

    pub(super) const fn out_of_range(scale: u8, min: i64, max: i64) -> Self {
        Self { is_malformed: false, scale, min, max }
    }

    /// The reason in Spanish and in English, with the bounds.
    #[must_use]
    pub fn reason(&self) -> [String; 2] {
        let [min, max] = [self.min, self.max].map(|bound| Written::of(bound, self.scale));
        let (min, max) = (min.as_str(), max.as_str());
        match (self.is_malformed, self.scale) {
            (false, _) => [format!("debe estar entre {min} y {max}"), format!("must be between {min} and {max}")],
            (true, 0) => {
                [format!("debe ser un número entero entre {min} y {max}"), format!("must be an integer between {min} and {max}")]
            }
            (true, 1) => [
                format!("debe ser un número entre {min} y {max}, con hasta un decimal"),
                format!("must be a number between {min} and {max}, with at most one decimal"),
            ],
            (true, places) => [
                format!("debe ser un número entre {min} y {max}, con hasta {places} decimales"),
                format!("must be a number between {min} and {max}, with at most {places} decimals"),
            ],
        }
    }
}

impl fmt::Display for FixedDecimalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [es, _] = self.reason();
        f.write_str(&es)
    }
}

impl std::error::Error for FixedDecimalError {}
