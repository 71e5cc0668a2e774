//! A decimal as SQLite's `INTEGER` of smallest units: SQLite has no exact decimals, and its `REAL` is a float.

use sqlx::encode::IsNull;
use sqlx::error::{BoxDynError, UnexpectedNullError};
use sqlx::sqlite::{SqliteArgumentsBuffer, SqliteTypeInfo, SqliteValueRef};
use sqlx::{Decode, Encode, Sqlite, Type, ValueRef as _};

use super::FixedDecimal;

/// `INTEGER`, in [units](FixedDecimal::units): `12.50` of two places is 1250.
impl<const SCALE: u8, const MIN: i64, const MAX: i64> Type<Sqlite> for FixedDecimal<SCALE, MIN, MAX> {
    fn type_info() -> SqliteTypeInfo {
        <i64 as Type<Sqlite>>::type_info()
    }

    fn compatible(ty: &SqliteTypeInfo) -> bool {
        <i64 as Type<Sqlite>>::compatible(ty)
    }
}

impl<const SCALE: u8, const MIN: i64, const MAX: i64> Encode<'_, Sqlite> for FixedDecimal<SCALE, MIN, MAX> {
    fn encode_by_ref(&self, arguments: &mut SqliteArgumentsBuffer) -> Result<IsNull, BoxDynError> {
        <i64 as Encode<'_, Sqlite>>::encode_by_ref(&self.0, arguments)
    }
}

impl<'r, const SCALE: u8, const MIN: i64, const MAX: i64> Decode<'r, Sqlite> for FixedDecimal<SCALE, MIN, MAX> {
    fn decode(value: SqliteValueRef<'r>) -> Result<Self, BoxDynError> {
        if value.is_null() {
            return Err(Box::new(UnexpectedNullError));
        }
        // A column without `STRICT` may hold anything, of which SQLite would make an integer.
        let is_integer = <Self as Type<Sqlite>>::compatible(&value.type_info());
        let units = if is_integer { Ok(<i64 as Decode<Sqlite>>::decode(value)?.into()) } else { Err("what is no INTEGER") };
        Self::from_database(units)
    }
}
