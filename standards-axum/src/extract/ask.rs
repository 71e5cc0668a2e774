//! What the document asks of a type: how it takes a request that was made up.

use std::borrow::Cow;

use garde::Validate;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::to_raw_value;

use super::json::Body;
use super::read::Parameters;
use super::retry::{Answer, ask};

/// Asks by a JSON body.
pub(crate) fn ask_body<T: DeserializeOwned + Validate<Context = ()>>(body: &Value) -> Answer {
    match to_raw_value(body) {
        Ok(raw) => ask::<T>(&Body(&raw)),
        Err(_) => Answer { refused: Vec::new(), broken: None },
    }
}

/// Asks by texts with names, as a form, a query and a path hold them: an entry of the object each.
pub(crate) fn ask_parameters<T: DeserializeOwned + Validate<Context = ()>>(parameters: &Value) -> Answer {
    let named = parameters.as_object().into_iter().flatten();
    let pairs = named.flat_map(|(name, value)| texts(value).map(|text| (Cow::Borrowed(name.as_str()), Some(text))));
    ask::<T>(&Parameters::new("query", pairs))
}

/// The texts that stand for a value: of a list one for each entry.
fn texts(value: &Value) -> impl Iterator<Item = Cow<'_, str>> {
    let all = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
    all.iter().map(|value| match value {
        Value::String(text) => Cow::Borrowed(text.as_str()),
        other => Cow::Owned(other.to_string()),
    })
}
