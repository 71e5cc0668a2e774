//! What a placeholder answers to each question of a type.

use serde::de::{Deserializer, Visitor};

use super::{Any, Placeholder};
use crate::extract::read::number;
use crate::extract::read::refusal::Refusal;
use crate::extract::reason::Reason;

macro_rules! answers {
    ($($method:ident => $answer:expr;)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
            $answer(self, visitor)
        })*
    };
}

fn number<'de, V: Visitor<'de>>(placeholder: Placeholder<'_>, visitor: V) -> Result<V::Value, Refusal> {
    let number = placeholder.number();
    match u64::try_from(number) {
        Ok(number) => visitor.visit_u64(number),
        Err(_) => visitor.visit_i64(number),
    }
}

fn float<'de, V: Visitor<'de>>(placeholder: Placeholder<'_>, visitor: V) -> Result<V::Value, Refusal> {
    visitor.visit_f64(placeholder.number() as f64)
}

fn text<'de, V: Visitor<'de>>(placeholder: Placeholder<'_>, visitor: V) -> Result<V::Value, Refusal> {
    visitor.visit_str(placeholder.text())
}

fn character<'de, V: Visitor<'de>>(_: Placeholder<'_>, visitor: V) -> Result<V::Value, Refusal> {
    visitor.visit_char('a')
}

fn boolean<'de, V: Visitor<'de>>(placeholder: Placeholder<'_>, visitor: V) -> Result<V::Value, Refusal> {
    visitor.visit_bool(placeholder.candidate % 2 == 1)
}

fn unit<'de, V: Visitor<'de>>(_: Placeholder<'_>, visitor: V) -> Result<V::Value, Refusal> {
    visitor.visit_unit()
}

fn none<'de, V: Visitor<'de>>(placeholder: Placeholder<'_>, visitor: V) -> Result<V::Value, Refusal> {
    // A type that insists on a value is given one at the second attempt.
    if placeholder.candidate == 0 { visitor.visit_none() } else { visitor.visit_some(placeholder) }
}

fn list<'de, V: Visitor<'de>>(placeholder: Placeholder<'_>, visitor: V) -> Result<V::Value, Refusal> {
    placeholder.visit_list(placeholder.length(), visitor)
}

fn object<'de, V: Visitor<'de>>(placeholder: Placeholder<'_>, visitor: V) -> Result<V::Value, Refusal> {
    placeholder.visit_entries((0..placeholder.entries()).map(|i| i.to_string().into()), visitor)
}

fn anything<'de, V: Visitor<'de>>(placeholder: Placeholder<'_>, visitor: V) -> Result<V::Value, Refusal> {
    placeholder.place.note_taken(|| placeholder.shown());
    match placeholder.any() {
        Any::Text => text(placeholder, visitor),
        Any::Number(number) => visitor.visit_u64(number),
        Any::Bool(value) => visitor.visit_bool(value),
        Any::Null => visitor.visit_unit(),
        Any::List => placeholder.visit_list(0, visitor),
        Any::Object => object(placeholder, visitor),
    }
}

impl<'de> Deserializer<'de> for Placeholder<'_> {
    type Error = Refusal;

    answers! {
        deserialize_any => anything;
        deserialize_bool => boolean;
        deserialize_i8 => number;
        deserialize_i16 => number;
        deserialize_i32 => number;
        deserialize_i64 => number;
        deserialize_i128 => number;
        deserialize_u8 => number;
        deserialize_u16 => number;
        deserialize_u32 => number;
        deserialize_u64 => number;
        deserialize_u128 => number;
        deserialize_f32 => float;
        deserialize_f64 => float;
        deserialize_char => character;
        deserialize_str => text;
        deserialize_string => text;
        deserialize_bytes => text;
        deserialize_byte_buf => text;
        deserialize_identifier => text;
        deserialize_option => none;
        deserialize_unit => unit;
        deserialize_seq => list;
        deserialize_map => object;
        deserialize_ignored_any => unit;
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Refusal> {
        visitor.visit_unit()
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, Refusal> {
        if number::asks_for_raw(name) {
            number::visit_raw(name, &self.json(), visitor)
        } else {
            visitor.visit_newtype_struct(self)
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Refusal> {
        self.visit_list(len, visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(self, _: &'static str, len: usize, visitor: V) -> Result<V::Value, Refusal> {
        self.visit_list(len, visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refusal> {
        self.visit_entries(fields.iter().map(|name| (*name).into()), visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refusal> {
        if variants.is_empty() { Err(Reason::Invalid.into()) } else { visitor.visit_enum(self) }
    }
}
