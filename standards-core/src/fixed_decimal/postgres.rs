//! A decimal as PostgreSQL's `NUMERIC`, digit by digit: never a float.
//!
//! In the binary form (`numeric_recv` in PostgreSQL's `numeric.c`) it is groups of four digits, the first of which counts `10000^weight`.

use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::types::Oid;
use sqlx::postgres::{PgArgumentBuffer, PgHasArrayType, PgTypeInfo, PgValueFormat, PgValueRef};
use sqlx::{Decode, Encode, Postgres, Type};

use super::{FixedDecimal, text};

/// `NUMERIC` and `NUMERIC[]` in every database (`pg_type.dat`).
const NUMERIC: Oid = Oid(1700);
const NUMERIC_ARRAY: Oid = Oid(1231);

const NEGATIVE: u16 = 0x4000;
const NAN: u16 = 0xC000;
const INFINITY: u16 = 0xD000;
const NEGATIVE_INFINITY: u16 = 0xF000;

/// So many groups are written: nineteen digits of an `i64`, and up to three zeros that fill the last one.
const GROUPS: u8 = 6;
/// A digit further to the left is past any `i64`, and a sum of smaller ones far from the end of an `i128`.
const LARGEST_EXPONENT: i32 = 22;

/// `NUMERIC`, exact: of whatever precision and scale the column is, a value is taken that this type has, and no other.
impl<const SCALE: u8, const MIN: i64, const MAX: i64> Type<Postgres> for FixedDecimal<SCALE, MIN, MAX> {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(NUMERIC)
    }
}

impl<const SCALE: u8, const MIN: i64, const MAX: i64> PgHasArrayType for FixedDecimal<SCALE, MIN, MAX> {
    fn array_type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(NUMERIC_ARRAY)
    }
}

impl<const SCALE: u8, const MIN: i64, const MAX: i64> Encode<'_, Postgres> for FixedDecimal<SCALE, MIN, MAX> {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        let groups_behind_the_point = SCALE.div_ceil(4);
        let filled = u128::from(self.0.unsigned_abs()) * 10_u128.pow(u32::from(groups_behind_the_point * 4 - SCALE));
        let weight = i16::from(GROUPS) - 1 - i16::from(groups_behind_the_point);
        let sign = if self.0 < 0 { NEGATIVE } else { 0 };
        buffer.extend_from_slice(&u16::from(GROUPS).to_be_bytes());
        buffer.extend_from_slice(&weight.to_be_bytes());
        buffer.extend_from_slice(&sign.to_be_bytes());
        buffer.extend_from_slice(&u16::from(SCALE).to_be_bytes());
        for place in (0..GROUPS).rev() {
            let group = (filled / 10_000_u128.pow(place.into()) % 10_000) as u16;
            buffer.extend_from_slice(&group.to_be_bytes());
        }
        Ok(IsNull::No)
    }
}

impl<const SCALE: u8, const MIN: i64, const MAX: i64> Decode<'_, Postgres> for FixedDecimal<SCALE, MIN, MAX> {
    fn decode(value: PgValueRef<'_>) -> Result<Self, BoxDynError> {
        let units = match value.format() {
            PgValueFormat::Binary => in_binary(value.as_bytes()?, SCALE),
            PgValueFormat::Text => in_text(value.as_str()?, SCALE),
        };
        Self::from_database(units)
    }
}

/// The units of a binary `NUMERIC`, or what it is instead.
fn in_binary(bytes: &[u8], scale: u8) -> Result<i128, &'static str> {
    let (words, _) = bytes.as_chunks();
    let [_, weight, sign, _, groups @ ..] = words else { return Err("one that is cut short") };
    let weight = i32::from(i16::from_be_bytes(*weight));
    let sign = match u16::from_be_bytes(*sign) {
        0 => 1,
        NEGATIVE => -1,
        NAN => return Err("NaN"),
        INFINITY => return Err("Infinity"),
        NEGATIVE_INFINITY => return Err("-Infinity"),
        _ => return Err("one of an unknown sign"),
    };
    let mut units = 0;
    for (group, place) in groups.iter().zip(0..) {
        units += shifted(u16::from_be_bytes(*group), 4 * (weight - place) + i32::from(scale))?;
    }
    Ok(sign * units)
}

/// `group * 10^exponent`, where it is whole.
fn shifted(group: u16, exponent: i32) -> Result<i128, &'static str> {
    let group = i128::from(group);
    let factor = |places: u32| 10_i128.pow(places);
    match (group, exponent) {
        (0, _) => Ok(0),
        (_, 0..=LARGEST_EXPONENT) => Ok(group * factor(exponent.unsigned_abs())),
        (_, 0..) => Err("one outside the range"),
        (_, -3..0) if group % factor(exponent.unsigned_abs()) == 0 => Ok(group / factor(exponent.unsigned_abs())),
        _ => Err("one with more decimals"),
    }
}

/// The units of a `NUMERIC` as text, which has all the places of its column.
fn in_text(text: &str, scale: u8) -> Result<i128, &'static str> {
    let shortest = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text };
    match text {
        "NaN" => Err("NaN"),
        "Infinity" => Err("Infinity"),
        "-Infinity" => Err("-Infinity"),
        _ => text::parse(shortest, scale, true).ok_or("one with more decimals"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numeric(weight: i16, sign: u16, groups: &[u16]) -> Vec<u8> {
        let words = [u16::try_from(groups.len()).unwrap(), weight.cast_unsigned(), sign, 0];
        words.iter().chain(groups).flat_map(|word| word.to_be_bytes()).collect()
    }

    #[test]
    fn groups_count_by_their_place() {
        for (weight, groups, scale, units) in [
            (0, &[12][..], 2, 1_200),
            (0, &[12, 3400], 2, 1_234),
            (-1, &[5], 4, 5),
            (1, &[1, 0, 5000], 1, 100_005),
            (0, &[], 2, 0),
            (-1, &[10], 3, 1),
            (4, &[922, 3372, 368, 5477, 5807], 0, i128::from(i64::MAX)),
        ] {
            assert_eq!(in_binary(&numeric(weight, 0, groups), scale), Ok(units), "{groups:?}");
            assert_eq!(in_binary(&numeric(weight, NEGATIVE, groups), scale), Ok(-units));
        }
    }

    #[test]
    fn nothing_is_rounded_wrapped_or_guessed() {
        let more = Err("one with more decimals");
        assert_eq!(in_binary(&numeric(0, 0, &[1, 1]), 3), more);
        assert_eq!(in_binary(&numeric(-1, 0, &[5]), 3), more);
        assert_eq!(in_binary(&numeric(i16::MIN, 0, &[1]), 18), more);
        assert_eq!(in_binary(&numeric(i16::MAX, 0, &[1]), 0), Err("one outside the range"));
        for bytes in [&[][..], &[0; 7], &[0; 1]] {
            assert_eq!(in_binary(bytes, 2), Err("one that is cut short"));
        }
        assert_eq!(in_binary(&numeric(0, 1, &[1]), 2), Err("one of an unknown sign"));
    }
}
