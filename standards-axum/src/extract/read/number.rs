//! The text of a number, by JSON's grammar and nothing wider.
//!
//! A type that reads its own digits, as an amount does without a float between, asks for them as `serde_json::value::RawValue` does: by a
//! newtype with a private name, which is answered with a map of one entry, that name and the text.

use serde::de::value::{MapDeserializer, StrDeserializer};
use serde::de::{IntoDeserializer, Visitor};
use standards_core::validation::is_integer;

use super::refusal::Refusal;
use crate::extract::reason::{Kind, Reason};

/// Shows a whole number; one with a fraction or an exponent is none, whatever its value.
pub(in crate::extract) fn visit_integer<'de, V: Visitor<'de>>(text: &str, visitor: V) -> Result<V::Value, Refusal> {
    if !is_integer(text) {
        return Err(Kind::Integer.into());
    }
    if let Ok(number) = text.parse() {
        return visitor.visit_u64(number);
    }
    if let Ok(number) = text.parse() {
        return visitor.visit_i64(number);
    }
    match (text.parse(), text.parse()) {
        (Ok(number), _) => visitor.visit_u128(number),
        (_, Ok(number)) => visitor.visit_i128(number),
        _ => Err(Reason::Range(None).into()),
    }
}

/// Shows a number as the nearest float.
pub(in crate::extract) fn visit_float<'de, V: Visitor<'de>>(text: &str, visitor: V) -> Result<V::Value, Refusal> {
    // serde_json skips white space around a document.
    if !text.starts_with(|c: char| c == '-' || c.is_ascii_digit()) || !text.ends_with(|c: char| c.is_ascii_digit()) {
        return Err(Kind::Number.into());
    }
    match serde_json::from_str(text) {
        Ok(number) => visitor.visit_f64(number),
        Err(_) if text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte)) => Err(Reason::Range(None).into()),
        Err(_) => Err(Kind::Number.into()),
    }
}

/// Shows a number of JSON as what it looks like.
pub(in crate::extract) fn visit_number<'de, V: Visitor<'de>>(text: &str, visitor: V) -> Result<V::Value, Refusal> {
    // As serde_json does: past 64 bits a number is a float, unless the type asks for 128 bits. JSON has one spelling of an integer.
    match (text.parse(), text.parse()) {
        (Ok(number), _) => visitor.visit_u64(number),
        (_, Ok(number)) => visitor.visit_i64(number),
        _ => visit_float(text, visitor),
    }
}

/// Whether a newtype of this name asks for raw text; no Rust type can have such a name.
pub(in crate::extract) fn asks_for_raw(name: &str) -> bool {
    name.starts_with('$')
}

/// Answers with `json`, a JSON text.
pub(in crate::extract) fn visit_raw<'de, V: Visitor<'de>>(
    name: &'static str,
    json: &str,
    visitor: V,
) -> Result<V::Value, Refusal> {
    let name: StrDeserializer<'_, Refusal> = name.into_deserializer();
    let json: StrDeserializer<'_, Refusal> = json.into_deserializer();
    visitor.visit_map(MapDeserializer::new(std::iter::once((name, json))))
}

/// `text` as JSON.
pub(in crate::extract) fn json_string(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
