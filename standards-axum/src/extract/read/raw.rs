//! The exact text of a value, for types that read it through `serde_json::value::RawValue`.
//!
//! Such a type asks for a newtype with a private name and is answered with a map of one entry: that name, and the text. An amount
//! reads its digits this way, without a float between.

use serde::de::value::{MapDeserializer, StrDeserializer};
use serde::de::{IntoDeserializer, Visitor};

use super::refusal::Refusal;

/// Whether a newtype of this name asks for raw text; no Rust type can have such a name.
pub(in crate::extract) fn is_asked_by(name: &str) -> bool {
    name.starts_with('$')
}

/// Answers with `json`, a JSON text.
pub(in crate::extract) fn visit<'de, V: Visitor<'de>>(name: &'static str, json: &str, visitor: V) -> Result<V::Value, Refusal> {
    let name: StrDeserializer<'_, Refusal> = name.into_deserializer();
    let json: StrDeserializer<'_, Refusal> = json.into_deserializer();
    visitor.visit_map(MapDeserializer::new(std::iter::once((name, json))))
}

/// `text` as JSON.
pub(in crate::extract) fn json_string(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
