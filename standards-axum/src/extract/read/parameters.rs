//! Reading named texts: what the path and the query have in common.

use std::borrow::Cow;
use std::collections::HashMap;

use serde::de::{DeserializeOwned, Deserializer, Visitor};

use super::Document;
use super::number;
use super::object::{Entry, visit_object};
use super::place::Place;
use super::plan::{Plan, Shape};
use super::refusal::Refusal;
use super::text::{Decoded, Text};
use crate::extract::reason::Reason;

/// Named texts; a name that was given several times holds them all.
pub(in crate::extract) struct Parameters<'a> {
    name: &'static str,
    texts: Vec<(Cow<'a, str>, Vec<Decoded<'a>>)>,
}

impl<'a> Parameters<'a> {
    /// Gathers `pairs` by name, in the order in which the names first came.
    pub(in crate::extract) fn new(name: &'static str, pairs: impl Iterator<Item = (Cow<'a, str>, Decoded<'a>)>) -> Self {
        let mut texts: Vec<(Cow<'a, str>, Vec<Decoded<'a>>)> = Vec::new();
        let mut known: HashMap<Cow<'a, str>, usize> = HashMap::new();
        for (name, text) in pairs {
            let index = *known.entry(name).or_insert_with_key(|name| {
                texts.push((name.clone(), Vec::new()));
                texts.len() - 1
            });
            if let Some((_, given)) = texts.get_mut(index) {
                given.push(text);
            }
        }
        Self { name, texts }
    }

    pub(in crate::extract) fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }
}

impl Document for Parameters<'_> {
    const OF_TEXTS: bool = true;

    fn name(&self) -> &str {
        match self.texts.as_slice() {
            [(name, _)] if self.name == "path" => name,
            _ => self.name,
        }
    }

    fn read<T: DeserializeOwned>(&self, plan: Option<&Plan>) -> Result<T, Refusal> {
        T::deserialize(Reader { parameters: self, place: Place::root(plan) })
    }
}

/// One named text, that is the whole.
pub(in crate::extract) struct Parameter<'a> {
    name: &'a str,
    text: Decoded<'a>,
}

impl<'a> Parameter<'a> {
    pub(in crate::extract) const fn new(name: &'a str, text: Cow<'a, str>) -> Self {
        Self { name, text: Some(text) }
    }
}

impl Document for Parameter<'_> {
    const OF_TEXTS: bool = true;

    fn name(&self) -> &str {
        self.name
    }

    fn read<T: DeserializeOwned>(&self, plan: Option<&Plan>) -> Result<T, Refusal> {
        T::deserialize(Text::new(std::slice::from_ref(&self.text), Place::root(plan)))
    }
}

/// The parameters as an object; asked for a single value, the only one there is.
#[derive(Clone, Copy)]
struct Reader<'a, 'p> {
    parameters: &'a Parameters<'a>,
    place: Place<'p>,
}

impl<'a, 'p> Reader<'a, 'p> {
    fn entries(self) -> Vec<Entry<'a, &'a [Decoded<'a>]>> {
        let texts = &self.parameters.texts;
        texts.iter().map(|(name, given)| Entry { key: Cow::Borrowed(&**name), item: Some(given.as_slice()) }).collect()
    }

    /// The only parameter; then it is the whole, and has no path of its own.
    fn only(self) -> Result<Text<'a, 'p>, Refusal> {
        match self.parameters.texts.as_slice() {
            [(_, given)] => Ok(Text::new(given, self.place)),
            _ => Err(Reason::Invalid.into()),
        }
    }

    fn object<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        visit_object(self.entries(), &self.place, visitor)
    }
}

macro_rules! single {
    ($($method:ident($($argument:ident: $type:ty),*))*) => {
        $(fn $method<V: Visitor<'de>>(self, $($argument: $type,)* visitor: V) -> Result<V::Value, Refusal> {
            self.only()?.$method($($argument,)* visitor)
        })*
    };
}

type Names = &'static [&'static str];

impl<'de> Deserializer<'de> for Reader<'_, '_> {
    type Error = Refusal;

    single! {
        deserialize_bool() deserialize_f32() deserialize_f64() deserialize_char() deserialize_str() deserialize_string()
        deserialize_i8() deserialize_i16() deserialize_i32() deserialize_i64() deserialize_i128()
        deserialize_u8() deserialize_u16() deserialize_u32() deserialize_u64() deserialize_u128()
        deserialize_bytes() deserialize_byte_buf() deserialize_identifier() deserialize_seq()
        deserialize_tuple(len: usize) deserialize_tuple_struct(name: &'static str, len: usize)
        deserialize_enum(name: &'static str, variants: Names)
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        self.object(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        self.object(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(self, _: &'static str, fields: Names, visitor: V) -> Result<V::Value, Refusal> {
        self.place.note_shape(|| Shape::Struct(fields));
        self.object(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, Refusal> {
        if number::asks_for_raw(name) {
            return self.only()?.deserialize_newtype_struct(name, visitor);
        }
        self.place.note_shape(|| Shape::Newtype);
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        visitor.visit_some(self)
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Refusal> {
        visitor.visit_unit()
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        visitor.visit_unit()
    }
}
