//! As much of JSON Schema as the log's own schemas use. An unknown keyword is an error, so that no rule is passed over in silence.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use regex_lite::Regex;
use serde_json::{Map, Value as Json};

/// A schema, ready to check.
pub(super) enum Schema {
    /// Everything is right, or nothing.
    Fixed(bool),
    /// Every rule must hold.
    Rules(Vec<Rule>),
}

pub(super) enum Rule {
    Type(String),
    OneOf(Vec<Json>),
    Pattern(Regex),
    Length(RangeInclusive<usize>),
    Count(RangeInclusive<usize>),
    Required(Vec<String>),
    Properties { known: BTreeMap<String, Schema>, closed: bool },
    If { test: Schema, then: Schema, otherwise: Schema },
}

impl Schema {
    /// Reads a schema.
    ///
    /// # Panics
    ///
    /// When it is none, or uses an unknown keyword.
    #[expect(clippy::expect_used, reason = "the schemas are part of this crate")]
    pub(super) fn parse(text: &str) -> Self {
        Self::of(&serde_json::from_str(text).expect("a schema is JSON"))
    }

    fn of(json: &Json) -> Self {
        match json {
            Json::Object(keywords) => {
                Self::Rules(keywords.iter().filter_map(|(name, value)| rule(name, value, keywords)).collect())
            }
            other => Self::Fixed(other != &Json::Bool(false)),
        }
    }

    /// Adds what is wrong with `value`, which stands at `path`.
    pub(super) fn check(&self, path: &str, value: &Json, problems: &mut Vec<String>) {
        match self {
            Self::Fixed(true) => {}
            Self::Fixed(false) => problems.push(format!("{path} must not be there")),
            Self::Rules(rules) => rules.iter().for_each(|rule| rule.check(path, value, problems)),
        }
    }

    fn accepts(&self, value: &Json) -> bool {
        let mut problems = Vec::new();
        self.check("", value, &mut problems);
        problems.is_empty()
    }
}

/// The rule that a keyword states; `None` for one that only tells, or that belongs to another.
#[expect(clippy::panic, reason = "an unknown keyword would be a rule that nobody checks")]
fn rule(name: &str, value: &Json, all: &Map<String, Json>) -> Option<Rule> {
    let schema = |name: &str| all.get(name).map_or(Schema::Fixed(true), Schema::of);
    let number = || value.as_u64().and_then(|number| usize::try_from(number).ok()).unwrap_or_default();
    let rule = match name {
        "type" => Rule::Type(text(value)),
        "enum" => Rule::OneOf(value.as_array().cloned().unwrap_or_default()),
        "const" => Rule::OneOf(vec![value.clone()]),
        "pattern" => Rule::Pattern(Regex::new(&text(value)).unwrap_or_else(|error| panic!("{error}"))),
        "minLength" => Rule::Length(number()..=usize::MAX),
        "maxLength" => Rule::Length(0..=number()),
        "minProperties" => Rule::Count(number()..=usize::MAX),
        "maxProperties" => Rule::Count(0..=number()),
        "required" => Rule::Required(value.as_array().into_iter().flatten().map(text).collect()),
        "properties" => {
            Rule::Properties { known: properties(value), closed: all.get("additionalProperties") == Some(&Json::Bool(false)) }
        }
        "if" => Rule::If { test: Schema::of(value), then: schema("then"), otherwise: schema("else") },
        "additionalProperties" | "then" | "else" | "$schema" | "$id" | "title" | "description" => return None,
        other => panic!("the keyword {other} is not checked"),
    };
    Some(rule)
}

fn text(value: &Json) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn properties(value: &Json) -> BTreeMap<String, Schema> {
    value.as_object().into_iter().flatten().map(|(name, schema)| (name.clone(), Schema::of(schema))).collect()
}

impl Rule {
    fn check(&self, path: &str, value: &Json, problems: &mut Vec<String>) {
        match self {
            Self::Properties { known, closed } => check_properties(path, value, known, *closed, problems),
            Self::If { test, then, otherwise } => {
                (if test.accepts(value) { then } else { otherwise }).check(path, value, problems);
            }
            rule if rule.holds(value) => {}
            rule => problems.push(format!("{path} breaks {rule}: {value}")),
        }
    }

    /// A rule about another type of value holds.
    fn holds(&self, value: &Json) -> bool {
        match (self, value) {
            (Self::Type(name), value) => name == type_of(value),
            (Self::OneOf(values), value) => values.contains(value),
            (Self::Pattern(pattern), Json::String(text)) => pattern.is_match(text),
            (Self::Length(range), Json::String(text)) => range.contains(&text.chars().count()),
            (Self::Count(range), Json::Object(map)) => range.contains(&map.len()),
            (Self::Required(names), Json::Object(map)) => names.iter().all(|name| map.contains_key(name)),
            _ => true,
        }
    }
}

fn check_properties(path: &str, value: &Json, known: &BTreeMap<String, Schema>, closed: bool, problems: &mut Vec<String>) {
    for (name, value) in value.as_object().into_iter().flatten() {
        let path = format!("{path}/{name}");
        match known.get(name) {
            Some(schema) => schema.check(&path, value, problems),
            None if closed => problems.push(format!("{path} is not known")),
            None => {}
        }
    }
}

const fn type_of(value: &Json) -> &'static str {
    match value {
        Json::Null => "null",
        Json::Bool(_) => "boolean",
        Json::Number(_) => "number",
        Json::String(_) => "string",
        Json::Array(_) => "array",
        Json::Object(_) => "object",
    }
}

impl std::fmt::Display for Rule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Type(name) => write!(f, "type {name}"),
            Self::OneOf(values) => write!(f, "one of {values:?}"),
            Self::Pattern(pattern) => write!(f, "pattern {pattern}"),
            Self::Length(range) => write!(f, "length {range:?}"),
            Self::Count(range) => write!(f, "members {range:?}"),
            Self::Required(names) => write!(f, "required {names:?}"),
            Self::Properties { .. } => f.write_str("properties"),
            Self::If { .. } => f.write_str("if"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::{ECS_RECORD_SCHEMA, RECORD_SCHEMA};
    use serde_json::json;

    fn problems(record: &Json) -> Vec<String> {
        let mut problems = Vec::new();
        Schema::parse(RECORD_SCHEMA).check("", record, &mut problems);
        problems
    }

    fn record() -> Json {
        json!({"@timestamp": "2025-07-04T10:30:45.123Z", "level": "INFO", "artifact": "a", "version": "1", "correlation_id": "x",
            "message": ""})
    }

    #[test]
    fn both_schemas_use_known_keywords() {
        Schema::parse(RECORD_SCHEMA);
        Schema::parse(ECS_RECORD_SCHEMA);
    }

    #[test]
    fn a_right_record_has_no_problem() {
        assert_eq!(problems(&record()), Vec::<String>::new());
    }

    #[test]
    fn each_rule_is_checked() {
        let wrong = [
            ("@timestamp", json!("2025-07-04T10:30:45.123456Z")),
            ("level", json!("TRACE")),
            ("level", json!("ERROR")),
            ("artifact", json!("")),
            ("correlation_id", json!("a b")),
            ("endpoint", json!("/a?b")),
            ("message", json!(1)),
            ("context", json!({})),
            ("error", json!({"type": "x", "message": "x", "traceback": "x"})),
            ("other", json!(1)),
        ];
        for (name, value) in wrong {
            let mut record = record();
            record[name] = value;
            assert_eq!(problems(&record).len(), 1, "{name}: {:?}", problems(&record));
        }
    }
}
