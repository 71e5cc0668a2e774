//! What Elasticsearch would refuse: a model of how an index takes a document.
//!
//! The rules are those of its document parser. A dot in a name makes objects, no part of a name may be blank, a field has one type that its
//! first value decides unless the template does, numbers have 64 bits, a document has bounds. The model is stricter than the template: a
//! value that an index would only leave out (`ignore_malformed`) is refused here.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

/// Bytes of the longest term.
const LONGEST_TERM: usize = 32_766;

/// An index that holds no document yet.
pub(super) struct Index {
    types: BTreeMap<String, Type>,
    depth_limit: usize,
    field_limit: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Type {
    Object,
    /// A text, or what the template keeps as one.
    Text,
    Boolean,
    Whole,
    Fraction,
    /// A fraction that is beyond whole numbers.
    Vast,
}

impl Type {
    /// Whether a field of this type takes a value of the `other`.
    fn takes(self, other: Self) -> bool {
        self == other
            || match self {
                Self::Text => other != Self::Object,
                Self::Whole => other == Self::Fraction,
                Self::Fraction | Self::Vast => matches!(other, Self::Whole | Self::Fraction | Self::Vast),
                Self::Object | Self::Boolean => false,
            }
    }
}

impl Index {
    /// An index as `template` makes it.
    ///
    /// # Panics
    ///
    /// When it is no template.
    #[expect(clippy::expect_used, reason = "the template is part of this crate")]
    pub(super) fn with_template(template: &str) -> Self {
        let json: Json = serde_json::from_str(template).expect("a template is JSON");
        let limit = |name: &str| json.pointer(&format!("/template/settings/index.mapping.{name}.limit")).and_then(Json::as_u64);
        let limit = |name| limit(name).and_then(|limit| usize::try_from(limit).ok()).expect("a limit");
        let mut types = BTreeMap::new();
        declare("", json.pointer("/template/mappings").expect("mappings"), &mut types);
        Self { types, depth_limit: limit("depth"), field_limit: limit("total_fields") }
    }

    /// Why the index would refuse `document`; nothing where it takes it.
    pub(super) fn refusals(&self, document: &Json) -> Vec<String> {
        let mut reading = Reading { index: self, types: self.types.clone(), problems: Vec::new() };
        reading.value("", document, 0);
        if reading.types.len() > self.field_limit {
            reading.problems.push(format!("{} fields are more than {}", reading.types.len(), self.field_limit));
        }
        reading.problems
    }
}

/// Adds the fields that a mapping declares under `path`.
fn declare(path: &str, mapping: &Json, types: &mut BTreeMap<String, Type>) {
    for (name, mapping) in mapping.get("properties").and_then(Json::as_object).into_iter().flatten() {
        let path = joined(path, name);
        let is_object = matches!(mapping.get("type").and_then(Json::as_str), None | Some("object"));
        types.insert(path.clone(), if is_object { Type::Object } else { Type::Text });
        declare(&path, mapping, types);
    }
}

fn joined(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// A document while it is being taken in.
struct Reading<'a> {
    index: &'a Index,
    types: BTreeMap<String, Type>,
    problems: Vec<String>,
}

impl Reading<'_> {
    fn value(&mut self, path: &str, value: &Json, depth: usize) {
        match value {
            Json::Null => {}
            Json::Array(values) => values.iter().for_each(|value| self.value(path, value, depth)),
            Json::Object(fields) => self.object(path, fields, depth),
            Json::Bool(_) => self.field(path, Type::Boolean),
            Json::Number(number) => match number.as_f64() {
                _ if number.is_i64() => self.field(path, Type::Whole),
                _ if number.is_u64() => self.problems.push(format!("{path}: {number} is out of range")),
                Some(number) if number.abs() < 9.2e18 => self.field(path, Type::Fraction),
                _ => self.field(path, Type::Vast),
            },
            Json::String(text) if text.len() > LONGEST_TERM => self.problems.push(format!("{path}: the term is too long")),
            Json::String(_) => self.field(path, Type::Text),
        }
    }

    fn object(&mut self, path: &str, fields: &Map<String, Json>, depth: usize) {
        if !path.is_empty() {
            self.field(path, Type::Object);
        }
        for (name, value) in fields {
            let parts: Vec<_> = name.split('.').collect();
            if parts.iter().any(|part| part.chars().all(|character| character.is_whitespace() || character.is_control())) {
                self.problems.push(format!("{path}: {name:?} is no name"));
                continue;
            }
            self.named(path, &parts, value, depth + parts.len());
        }
    }

    /// A value under a name whose dots make objects.
    fn named(&mut self, path: &str, parts: &[&str], value: &Json, depth: usize) {
        if depth > self.index.depth_limit {
            self.problems.push(format!("{path}: {depth} levels are more than {}", self.index.depth_limit));
        }
        let mut path = path.to_owned();
        for (before, part) in parts.iter().enumerate() {
            if before > 0 {
                self.field(&path, Type::Object);
            }
            path = joined(&path, part);
        }
        self.value(&path, value, depth);
    }

    /// The first value of a field decides its type.
    fn field(&mut self, path: &str, found: Type) {
        let declared = *self.types.entry(path.to_owned()).or_insert(found);
        if !declared.takes(found) {
            self.problems.push(format!("{path}: {found:?} where {declared:?} stands"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::INDEX_TEMPLATE;
    use serde_json::json;

    fn refusals(context: &Json) -> usize {
        Index::with_template(INDEX_TEMPLATE).refusals(&json!({ "context": context })).len()
    }

    #[expect(clippy::too_many_lines, reason = "a table")]
    #[test]
    fn what_an_index_refuses_is_refused() {
        for context in [
            json!({"user": "x", "user.name": "y"}),
            json!({"user.name": "y", "user": 1}),
            json!({"user": {"name": 1}, "user.name": {"a": 1}}),
            json!({"a": u64::MAX}),
            json!({"": 1}),
            json!({".": 1}),
            json!({" ": 1}),
            json!({"a..b": 1}),
            json!({"a.": 1}),
            json!({".a": 1}),
            json!({"a. .b": 1}),
            json!({"a": [1, "x"]}),
            json!({"a": [true, 1]}),
            json!({"a": [1, {"b": 1}]}),
            json!({"a": [{"b": 1}, {"b": "x"}]}),
            json!({"a": [1, 1e300]}),
            json!("no object"),
            json!({"a": "x".repeat(LONGEST_TERM + 1)}),
            json!({ vec!["a"; 20].join("."): 1 }),
        ] {
            assert_eq!(refusals(&context), 1, "{context}");
        }
        let many: Map<_, _> = (0..4_000).map(|number| (format!("f{number}"), json!(1))).collect();
        assert_eq!(refusals(&json!(many)), 1);
        assert_eq!(
            Index::with_template(INDEX_TEMPLATE)
                .refusals(&json!({"log": "x", "log.level": 1, "error": {"type": {"a": 1}}}))
                .len(),
            2
        );
    }

    #[test]
    fn what_an_index_takes_is_taken() {
        for context in [
            json!({"user": {"name": "x"}, "user.id": 1, "a": null, "b": [], "c": [[1], [2, 3.5]], "d": ["x", 1, true]}),
            json!({"a": i64::MAX, "b": 1e300, "c": [1e300, 1], "d": [{"e": 1}, {"f": "x"}, null]}),
            json!({"2025-07-04": "2025-07-04", " a": 1, "\u{a0}b": 1}),
        ] {
            assert_eq!(refusals(&context), 0, "{context}");
        }
    }
}
