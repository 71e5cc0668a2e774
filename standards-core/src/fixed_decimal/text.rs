//! A decimal as it is written, and its grammar.

use std::fmt;
use std::str::FromStr;

use super::{FixedDecimal, FixedDecimalError};

/// A sign, nineteen digits and a point.
const LONGEST: usize = 21;

/// The text of a number of units.
pub(super) struct Written {
    text: [u8; LONGEST],
    start: usize,
}

impl Written {
    /// `units` with a point before the last `scale` digits.
    #[inline]
    pub(super) fn of(units: i64, scale: u8) -> Self {
        let mut written = Self { text: [b'0'; LONGEST], start: LONGEST };
        let mut left = units.unsigned_abs();
        for place in 0..=scale.max(18) {
            if place == scale && scale > 0 {
                written.push(b'.');
            }
            written.push(b'0' + (left % 10) as u8);
            left /= 10;
            if left == 0 && place >= scale {
                break;
            }
        }
        if units < 0 {
            written.push(b'-');
        }
        written
    }

    #[inline]
    fn push(&mut self, byte: u8) {
        self.start = self.start.saturating_sub(1);
        if let Some(place) = self.text.get_mut(self.start) {
            *place = byte;
        }
    }

    #[inline]
    pub(super) fn as_str(&self) -> &str {
        // Digits, a point and a sign.
        self.text.get(self.start..).and_then(|text| str::from_utf8(text).ok()).unwrap_or_default()
    }
}

/// All its places, whatever precision the format asks for; its width and sign are honoured.
impl<const SCALE: u8, const MIN: i64, const MAX: i64> fmt::Display for FixedDecimal<SCALE, MIN, MAX> {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let written = Written::of(self.0, SCALE);
        let text = written.as_str();
        f.pad_integral(self.0 >= 0, "", text.strip_prefix('-').unwrap_or(text))
    }
}

impl<const SCALE: u8, const MIN: i64, const MAX: i64> fmt::Debug for FixedDecimal<SCALE, MIN, MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<const SCALE: u8, const MIN: i64, const MAX: i64> FromStr for FixedDecimal<SCALE, MIN, MAX> {
    type Err = FixedDecimalError;

    fn from_str(text: &str) -> Result<Self, FixedDecimalError> {
        let units = parse(text, SCALE, MIN < 0).ok_or(FixedDecimalError::malformed(SCALE, MIN, MAX))?;
        let in_range = i64::try_from(units).ok().and_then(Self::from_units);
        in_range.ok_or(FixedDecimalError::out_of_range(SCALE, MIN, MAX))
    }
}

/// The units that `text` says by the grammar, of as many digits as it likes: what is larger than any `i64` is merely too large.
pub(super) fn parse(text: &str, scale: u8, signed: bool) -> Option<i128> {
    let digits = text.strip_prefix('-').filter(|_| signed).unwrap_or(text);
    let (whole, places) = match digits.split_once('.') {
        Some((whole, places)) if (1..=usize::from(scale)).contains(&places.len()) => (whole, places),
        Some(_) => return None,
        None => (digits, ""),
    };
    let magnitude = append(whole_part(whole)?, places)?;
    let missing = u32::from(scale).saturating_sub(u32::try_from(places.len()).ok()?);
    let magnitude = i128::from(magnitude.saturating_mul(10_u64.saturating_pow(missing)));
    Some(if digits.len() < text.len() { -magnitude } else { magnitude })
}

/// `0|[1-9][0-9]*`
fn whole_part(text: &str) -> Option<u64> {
    match text.as_bytes() {
        [b'0'] => Some(0),
        [b'1'..=b'9', ..] => append(0, text),
        _ => None,
    }
}

/// The number with these digits behind it.
fn append(number: u64, digits: &str) -> Option<u64> {
    digits.bytes().try_fold(number, |number, byte| {
        let digit = byte.is_ascii_digit().then(|| u64::from(byte - b'0'))?;
        Some(number.saturating_mul(10).saturating_add(digit))
    })
}
