//! Reading text that stands for a value: a parameter of the path or the query, a key of an object.
//!
//! The grammar is JSON's, to the letter: `1` is a number, `+1`, `01`, ` 1` and `１` are not; `true` is a boolean, `1` is not.

use std::borrow::Cow;

use serde::de::value::StrDeserializer;
use serde::de::{DeserializeSeed, Deserializer, IntoDeserializer, Visitor};

use super::number;
use super::object::{Item, visit_list};
use super::place::Place;
use super::plan::{Fix, Shape};
use super::refusal::Refusal;
use super::shown::Shown;
use super::told::told;
use crate::extract::reason::{Kind, Reason};

/// One decoded text; `None` where the percent-encoding did not yield text.
pub(in crate::extract) type Decoded<'a> = Option<Cow<'a, str>>;

/// The texts given for one name, usually one.
#[derive(Clone, Copy)]
pub(in crate::extract) struct Text<'t, 'p> {
    given: &'t [Decoded<'t>],
    place: Place<'p>,
}

impl<'t, 'p> Text<'t, 'p> {
    pub(in crate::extract) const fn new(given: &'t [Decoded<'t>], place: Place<'p>) -> Self {
        Self { given, place }
    }

    /// As what it is shown to who does not say what is wanted.
    fn shown_as(&self) -> Kind {
        match (self.place.fix(), self.given) {
            (Some(Fix::Show(kind)), _) => kind,
            (_, [_, _, ..]) => Kind::List,
            _ => Kind::Text,
        }
    }

    fn look(&self, shown_as: Kind) -> Shown {
        match (shown_as, self.one()) {
            (Kind::List, _) => Shown::List,
            (Kind::Bool, Ok(text)) => Shown::Bool(text == "true"),
            (Kind::Integer, Ok(text)) => Shown::number(text),
            (Kind::Number, Ok(text)) => Shown::Float(text.parse().unwrap_or(f64::NAN).to_bits()),
            (_, text) => Shown::text(text.unwrap_or_default()),
        }
    }

    fn one(&self) -> Result<&'t str, Refusal> {
        match self.given {
            [Some(text)] => Ok(text),
            [None] => Err(Reason::Encoding.into()),
            _ => Err(Reason::Repeated(1).into()),
        }
    }
}

impl<'t> Item for &'t [Decoded<'t>] {
    fn read<'de, S: DeserializeSeed<'de>>(self, seed: S, place: Place<'_>) -> Result<S::Value, Refusal> {
        seed.deserialize(Text::new(self, place))
    }
}

impl<'t> Item for &'t Decoded<'t> {
    fn read<'de, S: DeserializeSeed<'de>>(self, seed: S, place: Place<'_>) -> Result<S::Value, Refusal> {
        seed.deserialize(Text::new(std::slice::from_ref(self), place))
    }
}

macro_rules! integers {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
            told(&self.place, visitor, |visitor| number::visit_integer(self.one()?, visitor))
        })*
    };
}

macro_rules! texts {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
            told(&self.place, visitor, |visitor| visitor.visit_str(self.one()?))
        })*
    };
}

macro_rules! refused {
    ($($method:ident($($name:ident: $type:ty),*) => $kind:expr;)*) => {
        $(fn $method<V: Visitor<'de>>(self, $($name: $type,)* _: V) -> Result<V::Value, Refusal> {
            Err($kind.into())
        })*
    };
}

impl<'de> Deserializer<'de> for Text<'_, '_> {
    type Error = Refusal;

    integers! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
    }

    texts! {
        deserialize_str deserialize_string deserialize_char
        deserialize_bytes deserialize_byte_buf deserialize_identifier
    }

    refused! {
        deserialize_unit() => Kind::Null;
        deserialize_unit_struct(_name: &'static str) => Kind::Null;
        deserialize_map() => Kind::Object;
        deserialize_struct(_name: &'static str, _fields: &'static [&'static str]) => Kind::Object;
    }

    /// A text, unless the plan knows better what is wanted; several are a list.
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        let shown = self.shown_as();
        self.place.note_taken(|| self.look(shown));
        match shown {
            Kind::Integer => self.deserialize_i64(visitor),
            Kind::Number => self.deserialize_f64(visitor),
            Kind::Bool => self.deserialize_bool(visitor),
            Kind::List => self.deserialize_seq(visitor),
            Kind::Null | Kind::Text | Kind::Object => self.deserialize_str(visitor),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        match self.one()? {
            "true" => visitor.visit_bool(true),
            "false" => visitor.visit_bool(false),
            _ => Err(Kind::Bool.into()),
        }
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        number::visit_float(self.one()?, visitor)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        number::visit_float(self.one()?, visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, Refusal> {
        if number::asks_for_raw(name) {
            return number::visit_raw(name, &number::json_string(self.one()?), visitor);
        }
        self.place.note_shape(|| Shape::Newtype);
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        visit_list(&self.given.iter().collect::<Vec<_>>(), &self.place, visitor)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Refusal> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(self, _: &'static str, _: usize, visitor: V) -> Result<V::Value, Refusal> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refusal> {
        let name: StrDeserializer<'_, Refusal> = self.one()?.into_deserializer();
        visitor.visit_enum(name)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        visitor.visit_unit()
    }
}
