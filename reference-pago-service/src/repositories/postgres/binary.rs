//! Values as PostgreSQL sends them, where a statement that converts them is worth avoiding.

use std::iter::zip;

use sqlx::error::BoxDynError;
use sqlx::postgres::types::Oid;
use sqlx::postgres::{PgTypeInfo, PgValueRef};
use sqlx::{Decode, Postgres, Type};

const NUMERIC: Oid = Oid(1700);
const TIMESTAMPTZ: Oid = Oid(1184);

/// From 1970 to 2000, from where PostgreSQL counts.
const EPOCH_MICROSECONDS: i64 = 946_684_800_000_000;

/// A `numeric` of two decimals, in hundredths.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Hundredths(pub(super) i64);

/// A `timestamptz`, in microseconds since 1970.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Microseconds(pub(super) i64);

impl Type<Postgres> for Hundredths {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(NUMERIC)
    }
}

impl Type<Postgres> for Microseconds {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(TIMESTAMPTZ)
    }
}

impl Decode<'_, Postgres> for Hundredths {
    fn decode(value: PgValueRef<'_>) -> Result<Self, BoxDynError> {
        let hundredths = hundredths(value.as_bytes()?);
        hundredths.map(Self).ok_or_else(|| "not an amount with two decimals".into())
    }
}

impl Decode<'_, Postgres> for Microseconds {
    fn decode(value: PgValueRef<'_>) -> Result<Self, BoxDynError> {
        let since_2000 = i64::from_be_bytes(value.as_bytes()?.try_into()?);
        // `infinity` is the largest there is.
        since_2000.checked_add(EPOCH_MICROSECONDS).map(Self).ok_or_else(|| "not an instant".into())
    }
}

/// Reads what `numeric_send` writes: 16-bit words, namely how many digits, the power of the first, the sign, the scale, and the digits,
/// each worth 10,000 of the next. `None` for what is no amount (`NaN`, an infinity, more decimals) or fits in no `i64`.
fn hundredths(bytes: &[u8]) -> Option<i64> {
    let (words, []) = bytes.as_chunks::<2>() else { return None };
    let (&[_, weight, sign, _], digits) = words.split_first_chunk::<4>()?;
    let powers = (i16::MIN..=i16::from_be_bytes(weight)).rev();
    let sum = zip(powers, digits).try_fold(0_i64, |sum, (power, digit)| {
        let digit = i64::from(u16::from_be_bytes(*digit));
        sum.checked_add(worth(digit, power)?)
    })?;
    match u16::from_be_bytes(sign) {
        0 => Some(sum),
        0x4000 => Some(-sum),
        _ => None,
    }
}

/// Hundredths of a digit that stands for so many times 10,000 to a power.
fn worth(digit: i64, power: i16) -> Option<i64> {
    match power {
        0.. => digit.checked_mul(10_000_i64.checked_pow(u32::try_from(power).ok()?)?)?.checked_mul(100),
        -1 if digit % 100 == 0 => Some(digit / 100),
        _ => (digit == 0).then_some(0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numeric(weight: i16, sign: u16, digits: &[u16]) -> Vec<u8> {
        let header = [u16::try_from(digits.len()).unwrap(), weight.cast_unsigned(), sign, 2];
        header.iter().chain(digits).flat_map(|word| word.to_be_bytes()).collect()
    }

    #[test]
    fn amounts_are_read_in_hundredths() {
        for (weight, digits, expected) in [
            (0, &[][..], 0),
            (0, &[1][..], 100),
            (-1, &[100][..], 1),
            (0, &[992, 5000][..], 99_250),
            (1, &[1][..], 1_000_000),
            (2, &[99, 9999, 9999, 9900][..], 999_999_999_999),
        ] {
            assert_eq!(hundredths(&numeric(weight, 0, digits)), Some(expected), "{weight} {digits:?}");
            assert_eq!(hundredths(&numeric(weight, 0x4000, digits)), Some(-expected));
        }
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        for (weight, sign, digits) in [
            (0, 0xC000, &[][..]),
            (0, 0xD000, &[][..]),
            (0, 0xF000, &[][..]),
            (-1, 0, &[1234][..]),
            (-2, 0, &[1][..]),
            (5, 0, &[1][..]),
            (i16::MAX, 0, &[1][..]),
        ] {
            assert_eq!(hundredths(&numeric(weight, sign, digits)), None, "{weight} {sign:x} {digits:?}");
        }
        for bytes in [&[][..], &[0; 7], &[0; 9]] {
            assert_eq!(hundredths(bytes), None);
        }
    }
}
