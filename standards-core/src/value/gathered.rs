//! Lists and objects while they are being made.

use std::borrow::Cow;

use serde::ser::{
    Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple, SerializeTupleStruct,
    SerializeTupleVariant,
};

use super::Value;
use super::from_serialize::{Failed, ValueSerializer};

/// How deep and how wide a value may be: one more than the record shows, so that it marks what is missing.
const MAX_DEPTH: usize = 9;
pub(super) const MAX_ELEMENTS: usize = 65;

type Name = Cow<'static, str>;

/// Gathers the elements of a list, or the entries of an object.
pub(super) struct Gathered {
    depth: usize,
    /// The variant of an enum, around what is gathered.
    variant: Option<&'static str>,
    elements: Vec<Value>,
    entries: Vec<(Name, Value)>,
    name: Name,
}

impl Gathered {
    pub(super) const fn new(depth: usize, variant: Option<&'static str>) -> Self {
        Self { depth, variant, elements: Vec::new(), entries: Vec::new(), name: Cow::Borrowed("") }
    }

    pub(super) fn value<T: Serialize + ?Sized>(&self, value: &T) -> Result<Value, Failed> {
        if self.depth >= MAX_DEPTH { Ok(Value::Str("…".into())) } else { value.serialize(ValueSerializer(self.depth)) }
    }

    fn element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failed> {
        if self.elements.len() < MAX_ELEMENTS {
            let value = self.value(value)?;
            self.elements.push(value);
        }
        Ok(())
    }

    fn entry<T: Serialize + ?Sized>(&mut self, name: Name, value: &T) -> Result<(), Failed> {
        if self.entries.len() < MAX_ELEMENTS {
            let value = self.value(value)?;
            self.entries.push((name, value));
        }
        Ok(())
    }

    fn list(self) -> Value {
        of_variant(self.variant, Value::List(self.elements))
    }

    fn object(self) -> Value {
        of_variant(self.variant, Value::Map(self.entries))
    }
}

/// The value under the name of its variant, as in JSON.
pub(super) fn of_variant(variant: Option<&'static str>, value: Value) -> Value {
    match variant {
        Some(name) => Value::Map(vec![(name.into(), value)]),
        None => value,
    }
}

macro_rules! lists {
    ($($trait:ident::$method:ident;)+) => {
        $(impl $trait for Gathered {
            type Ok = Value;
            type Error = Failed;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failed> {
                self.element(value)
            }

            fn end(self) -> Result<Value, Failed> {
                Ok(self.list())
            }
        })+
    };
}

lists! {
    SerializeSeq::serialize_element;
    SerializeTuple::serialize_element;
    SerializeTupleStruct::serialize_field;
    SerializeTupleVariant::serialize_field;
}

macro_rules! objects {
    ($($trait:ident;)+) => {
        $(impl $trait for Gathered {
            type Ok = Value;
            type Error = Failed;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Failed> {
                self.entry(name.into(), value)
            }

            fn end(self) -> Result<Value, Failed> {
                Ok(self.object())
            }
        })+
    };
}

objects! {
    SerializeStruct;
    SerializeStructVariant;
}

impl SerializeMap for Gathered {
    type Ok = Value;
    type Error = Failed;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Failed> {
        self.name = match key.serialize(ValueSerializer(self.depth))? {
            Value::Str(name) => name,
            other => serde_json::to_string(&other).unwrap_or_default().into(),
        };
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failed> {
        let name = std::mem::take(&mut self.name);
        self.entry(name, value)
    }

    fn end(self) -> Result<Value, Failed> {
        Ok(self.object())
    }
}
