//! `${NAME}` in the texts of a profile.

use serde_json::{Map, Value};
use standards_core::rules::Bilingual;

use crate::conformance::text::both;

/// The value with every variable in its texts filled in.
///
/// # Errors
///
/// A variable that is not set and has no text in its place, by name.
pub(in crate::conformance) fn expand(value: Value, variable: &impl Fn(&str) -> Option<String>) -> Result<Value, Bilingual> {
    Ok(match value {
        Value::String(text) => Value::String(expand_text(&text, variable)?),
        Value::Array(items) => Value::Array(items.into_iter().map(|item| expand(item, variable)).collect::<Result<_, _>>()?),
        Value::Object(members) => {
            let filled = members.into_iter().map(|(key, value)| Ok((key, expand(value, variable)?)));
            Value::Object(filled.collect::<Result<Map<_, _>, Bilingual>>()?)
        }
        other => other,
    })
}

fn expand_text(text: &str, variable: &impl Fn(&str) -> Option<String>) -> Result<String, Bilingual> {
    let mut parts = text.split("${");
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let Some((name, rest)) = part.split_once('}') else {
            return Err(both("Falta } tras ${ en el perfil", "The profile has ${ without }"));
        };
        let (name, instead) = name.split_once(":-").map_or((name, None), |(name, instead)| (name, Some(instead)));
        let value = variable(name).filter(|value| !value.is_empty() || instead.is_none());
        filled.push_str(&value.or_else(|| instead.map(str::to_owned)).ok_or_else(|| unset(name))?);
        filled.push_str(rest);
    }
    Ok(filled)
}

fn unset(name: &str) -> Bilingual {
    let name = crate::conformance::text::clean(name);
    both(
        format!("El perfil pide la variable {name}, que no está definida"),
        format!("The profile wants the variable {name}, which is not set"),
    )
}
