//! JSON Schema, as much of it as documents of services use: what it does not know it lets pass.

use regex_lite::Regex;
use serde_json::Value;

use super::document::Document;

/// How deep values are followed.
const DEPTH: usize = 24;

/// The first place where a value is not of a schema: its path and what is wrong.
pub(super) fn mismatch(document: &Document, schema: &Value, value: &Value) -> Option<String> {
    Check { document, depth: 0 }.mismatch(schema, value, "$")
}

#[derive(Clone, Copy)]
struct Check<'a> {
    document: &'a Document,
    depth: usize,
}

impl Check<'_> {
    fn mismatch(self, schema: &Value, value: &Value, path: &str) -> Option<String> {
        if self.depth > DEPTH {
            return None;
        }
        let (schema, within) = (self.document.follow(schema), Self { depth: self.depth + 1, ..self });
        if schema == &Value::Bool(false) || (value.is_null() && schema.get("nullable") == Some(&Value::Bool(true))) {
            return schema.is_boolean().then(|| format!("{path}: no value is allowed"));
        }
        kind(schema, value, path)
            .or_else(|| named(schema, value, path))
            .or_else(|| text(schema, value, path))
            .or_else(|| number(schema, value, path))
            .or_else(|| within.members(schema, value, path))
            .or_else(|| within.items(schema, value, path))
            .or_else(|| within.combined(schema, value, path))
    }

    fn members(self, schema: &Value, value: &Value, path: &str) -> Option<String> {
        let members = value.as_object()?;
        let required = schema.get("required").and_then(Value::as_array).into_iter().flatten();
        if let Some(name) = required.filter_map(Value::as_str).find(|name| !members.contains_key(*name)) {
            return Some(format!("{path}: {name} is missing"));
        }
        let properties = schema.get("properties").and_then(Value::as_object);
        let others = schema.get("additionalProperties");
        members.iter().find_map(|(name, value)| {
            let path = format!("{path}.{name}");
            match (properties.and_then(|known| known.get(name)), others) {
                (None, Some(Value::Bool(false))) => Some(format!("{path} is not known")),
                (Some(schema), _) | (None, Some(schema)) => self.mismatch(schema, value, &path),
                (None, None) => None,
            }
        })
    }

    fn items(self, schema: &Value, value: &Value, path: &str) -> Option<String> {
        let items = value.as_array()?;
        let bound = |name: &str| schema.get(name).and_then(Value::as_u64).and_then(|bound| usize::try_from(bound).ok());
        if bound("minItems").is_some_and(|least| items.len() < least) || bound("maxItems").is_some_and(|most| items.len() > most)
        {
            return Some(format!("{path}: {} items", items.len()));
        }
        let schema = schema.get("items")?;
        items.iter().enumerate().find_map(|(at, item)| self.mismatch(schema, item, &format!("{path}[{at}]")))
    }

    fn combined(self, schema: &Value, value: &Value, path: &str) -> Option<String> {
        let list = |name: &str| schema.get(name).and_then(Value::as_array);
        let all = list("allOf").into_iter().flatten().find_map(|schema| self.mismatch(schema, value, path));
        let any = list("anyOf").or_else(|| list("oneOf"));
        all.or_else(|| {
            let none = any?.iter().all(|schema| self.mismatch(schema, value, path).is_some());
            none.then(|| format!("{path}: none of the alternatives"))
        })
    }
}

fn kind(schema: &Value, value: &Value, path: &str) -> Option<String> {
    let is = |name: &str| match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "number" => value.is_number(),
        "integer" => value.as_f64().is_some_and(|number| number.fract() == 0.0),
        _ => true,
    };
    let right = match schema.get("type")? {
        Value::String(name) => is(name),
        Value::Array(names) => names.iter().filter_map(Value::as_str).any(is),
        _ => true,
    };
    (!right).then(|| format!("{path}: not {}", schema.get("type").map(Value::to_string).unwrap_or_default()))
}

fn named(schema: &Value, value: &Value, path: &str) -> Option<String> {
    let listed = schema.get("enum").and_then(Value::as_array).is_none_or(|values| values.contains(value));
    let same = schema.get("const").is_none_or(|only| only == value);
    (!listed || !same).then(|| format!("{path}: none of the listed values"))
}

fn text(schema: &Value, value: &Value, path: &str) -> Option<String> {
    let text = value.as_str()?;
    let length = u64::try_from(text.chars().count()).unwrap_or(u64::MAX);
    let bound = |name: &str| schema.get(name).and_then(Value::as_u64);
    if bound("minLength").is_some_and(|least| length < least) || bound("maxLength").is_some_and(|most| length > most) {
        return Some(format!("{path}: {length} characters"));
    }
    let pattern = schema.get("pattern").and_then(Value::as_str)?;
    let fits = Regex::new(pattern).is_ok_and(|pattern| pattern.is_match(text)) || Regex::new(pattern).is_err();
    (!fits).then(|| format!("{path}: not {pattern}"))
}

fn number(schema: &Value, value: &Value, path: &str) -> Option<String> {
    let number = value.as_f64()?;
    let bound = |name: &str| schema.get(name).and_then(Value::as_f64);
    let out = bound("minimum").is_some_and(|least| number < least) || bound("maximum").is_some_and(|most| number > most);
    out.then(|| format!("{path}: {number} is out of bounds"))
}
