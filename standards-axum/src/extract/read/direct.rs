//! Reading a body in one pass, where nothing is wrong with it.
//!
//! `serde_json` reads as it goes, and most bodies are good: they need no raw texts, no places and no reasons. What stands here is `serde_json`'s
//! deserialiser with every liberty shut that [`Value`] does not take, so that a value read here is the one that `Value` would have read:
//!
//! | `serde_json` | here |
//! |---|---|
//! | takes a list for a struct, or for a struct's variant | an object only |
//! | shows an integer that it cannot hold, or `-0`, as a float | nothing |
//! | shows bytes that are no text, as a half of a surrogate pair is | read by `Value` |
//! | a float, 128 bits, or whatever is there: by rules of its own | read by `Value` |
//! | reads a map's key as a number or a boolean | nothing |
//! | goes on wherever it stands when a type gets over an error of one of its parts | nothing |
//!
//! "Nothing" is no refusal: whatever is not read here is read by `Value` from the start, which knows what to say of it.

use std::cell::Cell;
use std::fmt;

use serde::de::{
    Deserialize, DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Error, MapAccess, SeqAccess, VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;
use serde_json::value::RawValue;

use super::number::asks_for_raw;
use super::object::Struct;
use super::place::Place;
use super::refusal::Refusal;
use super::value::Value;

/// What lies deeper is left to `Value` too: a level takes more of the stack here, and bodies that nest so far are few.
const MAX_DEPTH: usize = 16;

/// Reads a JSON text to its end; `None` where it has to be read by a [`Value`].
pub(in crate::extract) fn read<T: DeserializeOwned>(json: &str) -> Option<T> {
    let has_failed = Cell::new(false);
    let mut json = serde_json::Deserializer::from_str(json);
    let value = T::deserialize(Direct { inner: &mut json, at: At { depth: 0, has_failed: &has_failed } }).ok()?;
    json.end().ok()?;
    (!has_failed.get()).then_some(value)
}

/// Where reading is.
#[derive(Clone, Copy)]
struct At<'f> {
    depth: usize,
    /// A type may swallow an error, but where `serde_json` then stands is nowhere.
    has_failed: &'f Cell<bool>,
}

impl At<'_> {
    const fn deeper(self) -> Self {
        Self { depth: self.depth + 1, ..self }
    }

    fn check_depth<E: Error>(self) -> Result<(), E> {
        if self.depth < MAX_DEPTH { Ok(()) } else { self.note(Err(E::custom("too deep"))) }
    }

    fn note<T, E>(self, result: Result<T, E>) -> Result<T, E> {
        if result.is_err() {
            self.has_failed.set(true);
        }
        result
    }
}

/// A value.
struct Direct<'f, D> {
    inner: D,
    at: At<'f>,
}

impl<'de, D: Deserializer<'de>> Direct<'_, D> {
    /// Reads a part as it would be read if it were not read here.
    fn by_value<R>(self, read: impl FnOnce(Value<'_, '_>) -> Result<R, Refusal>) -> Result<R, D::Error> {
        let raw = self.at.note(<&RawValue>::deserialize(self.inner))?;
        self.at.note(read(Value::new(raw, Place::at_depth(self.at.depth))).map_err(D::Error::custom))
    }
}

macro_rules! plain {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
            self.at.note(self.inner.$method(visitor))
        })*
    };
}

macro_rules! integers {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
            self.at.note(self.inner.$method(Integer(visitor)))
        })*
    };
}

macro_rules! by_value {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
            self.by_value(|value| value.$method(visitor))
        })*
    };
}

macro_rules! inside {
    ($($method:ident($($name:ident: $type:ty),*);)*) => {
        $(fn $method<V: Visitor<'de>>(self, $($name: $type,)* visitor: V) -> Result<V::Value, D::Error> {
            self.at.check_depth::<D::Error>()?;
            self.at.note(self.inner.$method($($name,)* Inside { visitor, at: self.at }))
        })*
    };
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Direct<'_, D> {
    type Error = D::Error;

    plain! {
        deserialize_bool deserialize_char deserialize_str deserialize_string deserialize_identifier deserialize_unit
        deserialize_ignored_any
    }

    integers! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64
    }

    by_value! {
        deserialize_any deserialize_i128 deserialize_u128 deserialize_f32 deserialize_f64 deserialize_bytes deserialize_byte_buf
    }

    inside! {
        deserialize_option();
        deserialize_seq();
        deserialize_map();
        deserialize_tuple(length: usize);
        deserialize_tuple_struct(name: &'static str, length: usize);
        deserialize_enum(name: &'static str, variants: &'static [&'static str]);
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, D::Error> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, D::Error> {
        if asks_for_raw(name) {
            return self.by_value(|value| value.deserialize_newtype_struct(name, visitor));
        }
        self.at.note(self.inner.deserialize_newtype_struct(name, Inside { visitor, at: self.at }))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.deserialize_map(visitor)
    }
}

/// Takes integers only.
struct Integer<V>(V);

impl<'de, V: Visitor<'de>> Visitor<'de> for Integer<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(f)
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<V::Value, E> {
        self.0.visit_u64(number)
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<V::Value, E> {
        self.0.visit_i64(number)
    }
}

/// Shows what is inside a value as it is shown here.
struct Inside<'f, T> {
    visitor: T,
    at: At<'f>,
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Inside<'_, V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.visitor.expecting(f)
    }

    fn visit_none<E: Error>(self) -> Result<V::Value, E> {
        self.visitor.visit_none()
    }

    fn visit_some<D: Deserializer<'de>>(self, inner: D) -> Result<V::Value, D::Error> {
        self.visitor.visit_some(Direct { inner, at: self.at })
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<V::Value, D::Error> {
        self.visitor.visit_newtype_struct(Direct { inner, at: self.at })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, inner: A) -> Result<V::Value, A::Error> {
        self.visitor.visit_seq(Parts { inner, at: self.at })
    }

    fn visit_map<A: MapAccess<'de>>(self, inner: A) -> Result<V::Value, A::Error> {
        self.visitor.visit_map(Parts { inner, at: self.at })
    }

    fn visit_enum<A: EnumAccess<'de>>(self, inner: A) -> Result<V::Value, A::Error> {
        self.visitor.visit_enum(Parts { inner, at: self.at })
    }
}

/// The elements of a list, the entries of an object, a variant and its content.
struct Parts<'f, A> {
    inner: A,
    /// Where the whole is.
    at: At<'f>,
}

impl<'f, A> Parts<'f, A> {
    const fn seed<S>(&self, seed: S) -> Seed<'f, S> {
        Seed { seed, at: self.at.deeper() }
    }

    const fn key<S>(&self, seed: S) -> KeySeed<'f, S> {
        KeySeed { seed, at: self.at.deeper() }
    }
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for Parts<'_, A> {
    type Error = A::Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        let seed = self.seed(seed);
        self.at.note(self.inner.next_element_seed(seed))
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Parts<'_, A> {
    type Error = A::Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        let seed = self.key(seed);
        self.at.note(self.inner.next_key_seed(seed))
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        let seed = self.seed(seed);
        self.at.note(self.inner.next_value_seed(seed))
    }
}

impl<'de, 'f, A: EnumAccess<'de>> EnumAccess<'de> for Parts<'f, A> {
    type Error = A::Error;
    type Variant = Parts<'f, A::Variant>;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self::Variant), A::Error> {
        let (seed, at) = (self.key(seed), self.at);
        let (name, inner) = at.note(self.inner.variant_seed(seed))?;
        Ok((name, Parts { inner, at }))
    }
}

impl<'de, A: VariantAccess<'de>> VariantAccess<'de> for Parts<'_, A> {
    type Error = A::Error;

    fn unit_variant(self) -> Result<(), A::Error> {
        self.at.note(self.inner.unit_variant())
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, A::Error> {
        let seed = self.seed(seed);
        self.at.note(self.inner.newtype_variant_seed(seed))
    }

    fn tuple_variant<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, A::Error> {
        self.at.note(self.inner.tuple_variant(length, Inside { visitor, at: self.at.deeper() }))
    }

    fn struct_variant<V: Visitor<'de>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value, A::Error> {
        self.newtype_variant_seed(Struct(fields, visitor))
    }
}

struct Seed<'f, S> {
    seed: S,
    at: At<'f>,
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Seed<'_, S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, inner: D) -> Result<S::Value, D::Error> {
        self.seed.deserialize(Direct { inner, at: self.at })
    }
}

struct KeySeed<'f, S> {
    seed: S,
    at: At<'f>,
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for KeySeed<'_, S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, inner: D) -> Result<S::Value, D::Error> {
        self.seed.deserialize(Key(Direct { inner, at: self.at }))
    }
}

/// The name of an entry or a variant, which is a text.
struct Key<'f, D>(Direct<'f, D>);

macro_rules! text {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
            self.0.$method(visitor)
        })*
    };
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Key<'_, D> {
    type Error = D::Error;

    text! { deserialize_str deserialize_string deserialize_identifier }

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, D::Error> {
        self.0.at.note(Err(D::Error::custom("a key that is no text")))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char bytes byte_buf option unit unit_struct newtype_struct seq tuple
        tuple_struct map struct enum ignored_any
    }
}
