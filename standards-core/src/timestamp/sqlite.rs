//! An instant as SQLite's `INTEGER` of microseconds since 1970: it sorts, compares and reckons as the instant does.

use sqlx::encode::IsNull;
use sqlx::error::{BoxDynError, UnexpectedNullError};
use sqlx::sqlite::{SqliteArgumentsBuffer, SqliteTypeInfo, SqliteValueRef};
use sqlx::{Decode, Encode, Sqlite, Type, ValueRef as _};

use super::Timestamp;

/// `INTEGER`, in [microseconds](Timestamp::microseconds) since 1970.
impl Type<Sqlite> for Timestamp {
    fn type_info() -> SqliteTypeInfo {
        <i64 as Type<Sqlite>>::type_info()
    }

    fn compatible(ty: &SqliteTypeInfo) -> bool {
        <i64 as Type<Sqlite>>::compatible(ty)
    }
}

impl Encode<'_, Sqlite> for Timestamp {
    fn encode_by_ref(&self, arguments: &mut SqliteArgumentsBuffer) -> Result<IsNull, BoxDynError> {
        <i64 as Encode<'_, Sqlite>>::encode_by_ref(&self.microseconds(), arguments)
    }
}

impl<'r> Decode<'r, Sqlite> for Timestamp {
    fn decode(value: SqliteValueRef<'r>) -> Result<Self, BoxDynError> {
        if value.is_null() {
            return Err(Box::new(UnexpectedNullError));
        }
        // A column without `STRICT` may hold anything, of which SQLite would make an integer.
        let is_integer = <Self as Type<Sqlite>>::compatible(&value.type_info());
        let microseconds = if is_integer { Some(<i64 as Decode<Sqlite>>::decode(value)?) } else { None };
        microseconds.and_then(Self::from_microseconds).ok_or_else(|| super::UNEXPECTED.into())
    }
}
