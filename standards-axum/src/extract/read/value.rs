//! Reading a JSON value, one level at a time.
//!
//! `serde_json` checks the syntax of the whole once and cuts it into raw texts; what `T` does not ask for is never parsed.

use std::borrow::Cow;

use serde::Deserialize;
use serde::de::value::StrDeserializer;
use serde::de::{DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::number;
use super::object::{Entry, Item, Variant, visit_list, visit_object};
use super::place::Place;
use super::plan::Shape;
use super::refusal::Refusal;
use super::shown::Shown;
use super::told::told;
use crate::extract::reason::{Kind, Reason};

/// A value of the body, at its place.
#[derive(Clone, Copy)]
pub(in crate::extract) struct Value<'a, 'p> {
    raw: &'a RawValue,
    place: Place<'p>,
}

impl<'a, 'p> Value<'a, 'p> {
    pub(in crate::extract) const fn new(raw: &'a RawValue, place: Place<'p>) -> Self {
        Self { raw, place }
    }

    /// What the value is; its first character tells, for the syntax has been checked.
    fn kind(self) -> Kind {
        match self.raw.get().as_bytes().first() {
            Some(b'n') => Kind::Null,
            Some(b't' | b'f') => Kind::Bool,
            Some(b'"') => Kind::Text,
            Some(b'[') => Kind::List,
            Some(b'{') => Kind::Object,
            _ => Kind::Number,
        }
    }

    fn expect(self, kind: Kind) -> Result<&'a str, Refusal> {
        if self.kind() == kind { Ok(self.raw.get()) } else { Err(kind.into()) }
    }

    fn shown(self) -> Shown {
        match self.kind() {
            Kind::Null => Shown::Null,
            Kind::Bool => Shown::Bool(self.raw.get() == "true"),
            Kind::Integer | Kind::Number => Shown::number(self.raw.get()),
            Kind::Text => Shown::text(&self.text().unwrap_or_default()),
            Kind::List => Shown::List,
            Kind::Object => Shown::Object,
        }
    }

    fn text(self) -> Result<Cow<'a, str>, Refusal> {
        let text: Result<Unescaped<'a>, _> = serde_json::from_str(self.expect(Kind::Text)?);
        text.map(|text| text.0).map_err(|_| Reason::Encoding.into())
    }

    fn list(self) -> Result<Vec<&'a RawValue>, Refusal> {
        let json = self.expect(Kind::List)?;
        self.place.spend(json.len());
        serde_json::from_str(json).map_err(|_| Reason::Invalid.into())
    }

    fn object(self) -> Result<Vec<Entry<'a, &'a RawValue>>, Refusal> {
        let json = self.expect(Kind::Object)?;
        self.place.spend(json.len());
        let entries: Result<Entries<'a>, _> = serde_json::from_str(json);
        entries.map(|entries| entries.0).map_err(|_| Reason::Encoding.into())
    }

    fn visit_text<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        match self.text()? {
            Cow::Borrowed(text) => visitor.visit_str(text),
            Cow::Owned(text) => visitor.visit_string(text),
        }
    }

    fn visit_list<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        visit_list(&self.list()?, &self.place, visitor)
    }

    fn visit_object<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        visit_object(self.object()?, &self.place, visitor)
    }
}

impl Item for &RawValue {
    fn read<'de, S: DeserializeSeed<'de>>(self, seed: S, place: Place<'_>) -> Result<S::Value, Refusal> {
        seed.deserialize(Value::new(self, place))
    }
}

/// A JSON string, its escapes resolved.
#[derive(Deserialize)]
struct Unescaped<'a>(#[serde(borrow)] Cow<'a, str>);

/// The fields of an object as they stand in it, duplicates included.
struct Entries<'a>(Vec<Entry<'a, &'a RawValue>>);

impl<'de> Deserialize<'de> for Entries<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;

        impl<'de> Visitor<'de> for InOrder {
            type Value = Entries<'de>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entries<'de>, A::Error> {
                let mut entries = Vec::new();
                while let Some((Unescaped(key), item)) = map.next_entry()? {
                    entries.push(Entry { key, item: Some(item) });
                }
                Ok(Entries(entries))
            }
        }

        deserializer.deserialize_map(InOrder)
    }
}

macro_rules! scalars {
    ($($method:ident => $visit:expr;)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
            told(&self.place, visitor, |visitor| $visit(self, visitor))
        })*
    };
}

fn integer<'de, V: Visitor<'de>>(value: Value<'_, '_>, visitor: V) -> Result<V::Value, Refusal> {
    value.expect(Kind::Number).map_err(|_| Kind::Integer)?;
    number::visit_integer(value.raw.get(), visitor)
}

fn float<'de, V: Visitor<'de>>(value: Value<'_, '_>, visitor: V) -> Result<V::Value, Refusal> {
    number::visit_float(value.expect(Kind::Number)?, visitor)
}

fn boolean<'de, V: Visitor<'de>>(value: Value<'_, '_>, visitor: V) -> Result<V::Value, Refusal> {
    visitor.visit_bool(value.expect(Kind::Bool)? == "true")
}

fn null<'de, V: Visitor<'de>>(value: Value<'_, '_>, visitor: V) -> Result<V::Value, Refusal> {
    value.expect(Kind::Null)?;
    visitor.visit_unit()
}

fn bytes<'de, V: Visitor<'de>>(value: Value<'_, '_>, visitor: V) -> Result<V::Value, Refusal> {
    if value.kind() == Kind::List { value.visit_list(visitor) } else { value.visit_text(visitor) }
}

fn anything<'de, V: Visitor<'de>>(value: Value<'_, '_>, visitor: V) -> Result<V::Value, Refusal> {
    value.place.note_taken(|| value.shown());
    match value.kind() {
        Kind::Null => visitor.visit_unit(),
        Kind::Bool => boolean(value, visitor),
        Kind::Integer | Kind::Number => number::visit_number(value.raw.get(), visitor),
        Kind::Text => value.visit_text(visitor),
        Kind::List => value.visit_list(visitor),
        Kind::Object => value.visit_object(visitor),
    }
}

fn optional<'de, V: Visitor<'de>>(value: Value<'_, '_>, visitor: V) -> Result<V::Value, Refusal> {
    if value.kind() == Kind::Null { visitor.visit_none() } else { visitor.visit_some(value) }
}

impl<'de> Deserializer<'de> for Value<'_, '_> {
    type Error = Refusal;

    scalars! {
        deserialize_any => anything;
        deserialize_bool => boolean;
        deserialize_i8 => integer;
        deserialize_i16 => integer;
        deserialize_i32 => integer;
        deserialize_i64 => integer;
        deserialize_i128 => integer;
        deserialize_u8 => integer;
        deserialize_u16 => integer;
        deserialize_u32 => integer;
        deserialize_u64 => integer;
        deserialize_u128 => integer;
        deserialize_f32 => float;
        deserialize_f64 => float;
        deserialize_char => Value::visit_text;
        deserialize_str => Value::visit_text;
        deserialize_string => Value::visit_text;
        deserialize_identifier => Value::visit_text;
        deserialize_bytes => bytes;
        deserialize_byte_buf => bytes;
        deserialize_option => optional;
        deserialize_unit => null;
        deserialize_seq => Value::visit_list;
        deserialize_map => Value::visit_object;
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Refusal> {
        null(self, visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, Refusal> {
        if number::asks_for_raw(name) {
            return number::visit_raw(name, self.raw.get(), visitor);
        }
        self.place.note_shape(|| Shape::Newtype);
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Refusal> {
        self.visit_list(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(self, _: &'static str, _: usize, visitor: V) -> Result<V::Value, Refusal> {
        self.visit_list(visitor)
    }

    // A struct is an object: serde's derived types would take a list of their fields as well.
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refusal> {
        self.place.note_shape(|| Shape::Struct(fields));
        self.visit_object(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refusal> {
        if self.kind() == Kind::Object {
            let entries = self.object()?;
            let [entry] = entries.as_slice() else { return Err(Reason::Variant(variants).into()) };
            self.place.note_shape(|| Shape::Variant((*entry.key).into()));
            return visitor.visit_enum(Variant { entry, place: &self.place });
        }
        let text = self.text().map_err(|_| Reason::Variant(variants))?;
        let name: StrDeserializer<'_, Refusal> = (&*text).into_deserializer();
        visitor.visit_enum(name)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        visitor.visit_unit()
    }
}
