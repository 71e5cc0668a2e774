//! `{name}` in what is sent.

use std::collections::BTreeMap;

use serde_json::Value;

/// What earlier steps captured, and `run`.
#[derive(Clone, Debug, Default)]
pub(in crate::conformance) struct Captured(BTreeMap<String, Value>);

impl Captured {
    pub(in crate::conformance) fn new(run: &str) -> Self {
        Self(BTreeMap::from([("run".to_owned(), Value::from(run))]))
    }

    pub(in crate::conformance) fn keep(&mut self, name: &str, value: Value) {
        self.0.insert(name.to_owned(), value);
    }

    /// Whether every `{name}` of the text is known.
    pub(in crate::conformance) fn knows(&self, text: &str) -> bool {
        names(text).all(|name| self.0.contains_key(name))
    }

    /// The text with what is known put in.
    pub(in crate::conformance) fn fill_text(&self, text: &str) -> String {
        let mut filled = text.to_owned();
        for name in names(text) {
            if let Some(value) = self.0.get(name) {
                let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                filled = filled.replace(&format!("{{{name}}}"), &value);
            }
        }
        filled
    }

    /// The value with what is known put in; a text that is nothing but a name becomes the value itself.
    pub(in crate::conformance) fn fill(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => self.whole(text).unwrap_or_else(|| Value::String(self.fill_text(text))),
            Value::Array(items) => items.iter().map(|item| self.fill(item)).collect(),
            Value::Object(members) => members.iter().map(|(key, value)| (key.clone(), self.fill(value))).collect(),
            other => other.clone(),
        }
    }

    fn whole(&self, text: &str) -> Option<Value> {
        self.0.get(text.strip_prefix('{')?.strip_suffix('}')?).cloned()
    }
}

/// The names in braces: letters, digits and underscores only, so that JSON in a text is none.
fn names(text: &str) -> impl Iterator<Item = &str> {
    let name = |part: &'_ str| part.find('}').filter(|end| *end > 0);
    text.split('{')
        .skip(1)
        .filter_map(move |part| part.get(..name(part)?))
        .filter(|name| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'))
}
