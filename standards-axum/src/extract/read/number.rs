//! The text of a number, by JSON's grammar and nothing wider.

use serde::de::Visitor;
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
        _ => Err(Reason::Range.into()),
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
        Err(_) if text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte)) => Err(Reason::Range.into()),
        Err(_) => Err(Kind::Number.into()),
    }
}

/// Shows a number as what it looks like.
pub(in crate::extract) fn visit_number<'de, V: Visitor<'de>>(text: &str, visitor: V) -> Result<V::Value, Refusal> {
    // As serde_json does: past 64 bits a number is a float, unless the type asks for 128 bits.
    if text.parse::<u64>().is_ok() || text.parse::<i64>().is_ok() {
        visit_integer(text, visitor)
    } else {
        visit_float(text, visitor)
    }
}
