//! Reading a decimal by its text.
//!
//! The digits of a JSON number are asked for as `serde_json::value::RawValue` asks for them, a newtype of a private name that is answered with a
//! map of one entry. A deserialiser that does not know the name shows its value instead, and one of its floats is no text.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::{FixedDecimal, FixedDecimalError};
use crate::validation::reject_with;

/// The name; `tests` hold it to be the one of the `serde_json` in use.
const RAW: &str = "$serde_json::private::RawValue";

impl<'de, const SCALE: u8, const MIN: i64, const MAX: i64> Deserialize<'de> for FixedDecimal<SCALE, MIN, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize(deserializer)?.map_err(|error| {
            let [es, en] = error.reason();
            reject_with(es, en)
        })
    }
}

/// Reads one, or why what is there is none.
pub(super) fn deserialize<'de, D, const SCALE: u8, const MIN: i64, const MAX: i64>(
    deserializer: D,
) -> Result<Read<SCALE, MIN, MAX>, D::Error>
where
    D: Deserializer<'de>,
{
    deserializer.deserialize_newtype_struct(RAW, Raw(PhantomData)).map(|Found(read)| read)
}

pub(super) type Read<const SCALE: u8, const MIN: i64, const MAX: i64> = Result<FixedDecimal<SCALE, MIN, MAX>, FixedDecimalError>;

/// What a text said.
struct Found<const SCALE: u8, const MIN: i64, const MAX: i64>(Read<SCALE, MIN, MAX>);

impl<const SCALE: u8, const MIN: i64, const MAX: i64> Found<SCALE, MIN, MAX> {
    const NOTHING: Self = Self(Err(FixedDecimalError::malformed(SCALE, MIN, MAX)));

    /// What a JSON value says: a string by what stands in it, a number by its digits. No other JSON value begins with one.
    fn in_json(json: &str) -> Self {
        match json.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
            Some(inside) if inside.contains('\\') => {
                serde_json::from_str(json).map_or(Self::NOTHING, |text: Cow<'_, str>| Self(text.parse()))
            }
            Some(inside) => Self(inside.parse()),
            None => Self(json.parse()),
        }
    }
}

/// Asks for the text of a JSON value.
struct Raw<const SCALE: u8, const MIN: i64, const MAX: i64>(PhantomData<()>);

impl<'de, const SCALE: u8, const MIN: i64, const MAX: i64> Visitor<'de> for Raw<SCALE, MIN, MAX> {
    type Value = Found<SCALE, MIN, MAX>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a decimal")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        match map.next_entry()? {
            Some((Name(true), Json(found))) => Ok(found),
            _ => Ok(Found::NOTHING),
        }
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(Shown(PhantomData))
    }
}

/// Whether a map's key is the private name.
struct Name(bool);

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Key;

        impl Visitor<'_> for Key {
            type Value = Name;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }

            fn visit_str<E: Error>(self, key: &str) -> Result<Name, E> {
                Ok(Name(key == RAW))
            }
        }

        deserializer.deserialize_str(Key)
    }
}

/// The raw text that stands behind that name.
struct Json<const SCALE: u8, const MIN: i64, const MAX: i64>(Found<SCALE, MIN, MAX>);

impl<'de, const SCALE: u8, const MIN: i64, const MAX: i64> Deserialize<'de> for Json<SCALE, MIN, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text<const SCALE: u8, const MIN: i64, const MAX: i64>;

        impl<const SCALE: u8, const MIN: i64, const MAX: i64> Visitor<'_> for Text<SCALE, MIN, MAX> {
            type Value = Json<SCALE, MIN, MAX>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a decimal")
            }

            fn visit_str<E: Error>(self, json: &str) -> Result<Self::Value, E> {
                Ok(Json(Found::in_json(json)))
            }
        }

        deserializer.deserialize_str(Text)
    }
}

/// Takes what a deserialiser shows that keeps no raw text.
struct Shown<const SCALE: u8, const MIN: i64, const MAX: i64>(PhantomData<()>);

macro_rules! shown {
    ($($method:ident($value:ident: $type:ty) => $found:expr;)+) => {
        $(fn $method<E: Error>(self, $value: $type) -> Result<Self::Value, E> {
            Ok($found)
        })+
    };
}

impl<'de, const SCALE: u8, const MIN: i64, const MAX: i64> Visitor<'de> for Shown<SCALE, MIN, MAX> {
    type Value = Found<SCALE, MIN, MAX>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a decimal")
    }

    shown! {
        visit_str(text: &str) => Found(text.parse());
        visit_i64(number: i64) => Found(number.to_string().parse());
        visit_u64(number: u64) => Found(number.to_string().parse());
        visit_i128(number: i128) => Found(number.to_string().parse());
        visit_u128(number: u128) => Found(number.to_string().parse());
        visit_f64(_number: f64) => Found::NOTHING;
        visit_bool(_value: bool) => Found::NOTHING;
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Found::NOTHING)
    }

    fn visit_none<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Found::NOTHING)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Found::NOTHING)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Found::NOTHING)
    }
}
