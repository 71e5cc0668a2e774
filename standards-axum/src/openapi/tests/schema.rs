//! As much of JSON Schema as the document uses.

use serde_json::Value;

/// Why `value` does not match `schema`.
pub(super) fn mismatch(document: &Value, schema: &Value, value: &Value) -> Option<String> {
    if let Some(reference) = schema["$ref"].as_str() {
        return mismatch(document, document.pointer(&reference[1..])?, value);
    }
    if let Some(choices) = schema["oneOf"].as_array() {
        let fits = choices.iter().filter(|choice| mismatch(document, choice, value).is_none()).count();
        return (fits != 1).then(|| format!("{value} fits {fits} of {choices:?}"));
    }
    let of_type = match &schema["type"] {
        Value::String(one) => is(value, one),
        Value::Array(many) => many.iter().any(|one| is(value, one.as_str().unwrap())),
        _ => true,
    };
    if !of_type || schema["enum"].as_array().is_some_and(|allowed| !allowed.contains(value)) {
        return Some(format!("{value} is not {schema}"));
    }
    in_object(document, schema, value).or_else(|| in_list(document, schema, value))
}

fn is(value: &Value, name: &str) -> bool {
    match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        _ => value.is_object(),
    }
}

fn in_object(document: &Value, schema: &Value, value: &Value) -> Option<String> {
    let fields = value.as_object()?;
    let required = schema["required"].as_array().into_iter().flatten();
    let missing = required.filter(|name| !fields.contains_key(name.as_str().unwrap())).map(|name| format!("no {name}")).next();
    missing.or_else(|| {
        fields.iter().find_map(|(name, field)| match schema["properties"].get(name) {
            Some(property) => mismatch(document, property, field),
            None => (schema["additionalProperties"] == false).then(|| format!("unknown {name}")),
        })
    })
}

fn in_list(document: &Value, schema: &Value, value: &Value) -> Option<String> {
    let items = value.as_array()?;
    let length = items.len() as u64;
    if schema["minItems"].as_u64().is_some_and(|min| length < min) || schema["maxItems"].as_u64().is_some_and(|max| length > max)
    {
        return Some(format!("{length} items are not {schema}"));
    }
    items.iter().find_map(|item| mismatch(document, &schema["items"], item))
}
