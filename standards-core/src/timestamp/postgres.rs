//! An instant as PostgreSQL's `TIMESTAMPTZ`, to the microsecond.

use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::types::Oid;
use sqlx::postgres::{PgArgumentBuffer, PgHasArrayType, PgTypeInfo, PgValueFormat, PgValueRef};
use sqlx::{Decode, Encode, Postgres, Type};

use super::Timestamp;

/// `TIMESTAMPTZ` and `TIMESTAMPTZ[]` in every database (`pg_type.dat`).
const TIMESTAMPTZ: Oid = Oid(1184);
const TIMESTAMPTZ_ARRAY: Oid = Oid(1185);

/// 2000-01-01, from which PostgreSQL counts, in microseconds since 1970.
const EPOCH: i64 = 946_684_800_000_000;

/// `TIMESTAMPTZ`; infinity and what lies outside the years 0 to 9999 are refused.
impl Type<Postgres> for Timestamp {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(TIMESTAMPTZ)
    }
}

impl PgHasArrayType for Timestamp {
    fn array_type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(TIMESTAMPTZ_ARRAY)
    }
}

impl Encode<'_, Postgres> for Timestamp {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        buffer.extend_from_slice(&(self.microseconds() - EPOCH).to_be_bytes());
        Ok(IsNull::No)
    }
}

impl Decode<'_, Postgres> for Timestamp {
    fn decode(value: PgValueRef<'_>) -> Result<Self, BoxDynError> {
        let instant = match value.format() {
            PgValueFormat::Binary => {
                let since_2000 = i64::from_be_bytes(value.as_bytes()?.try_into()?);
                since_2000.checked_add(EPOCH).and_then(Self::from_microseconds)
            }
            PgValueFormat::Text => in_text(value.as_str()?),
        };
        instant.ok_or_else(|| super::UNEXPECTED.into())
    }
}

/// `2025-07-04 10:30:45.123+00`, as `DateStyle` ISO writes it.
fn in_text(text: &str) -> Option<Timestamp> {
    let (date, time) = text.split_once(' ')?;
    let whole_hours = time.rfind(['+', '-']).is_some_and(|sign| time.len() - sign == 3);
    format!("{date}T{time}{}", if whole_hours { ":00" } else { "" }).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_read_whatever_its_offset() {
        let at = Timestamp::from_microseconds(1_751_625_045_123_456);
        for text in ["2025-07-04 10:30:45.123456+00", "2025-07-04 06:30:45.123456-04", "2025-07-04 16:00:45.123456+05:30"] {
            assert_eq!(in_text(text), at, "{text}");
        }
        for text in ["infinity", "-infinity", "0044-03-15 12:00:00+00 BC", "10000-01-01 00:00:00+00", "04/07/2025 10:30:45 UTC"] {
            assert_eq!(in_text(text), None, "{text}");
        }
    }
}
