//! How two JSON values differ, in words.

use std::collections::BTreeSet;

use serde_json::Value as Json;

/// How much of the actual value must be expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// Objects may hold more.
    AtLeast,
    /// Nothing more.
    Exactly,
}

/// Asserts that two JSON values are the same, but for their `@timestamp`.
///
/// # Panics
///
/// When they are not, with each difference by its path.
///
/// ```
/// use serde_json::json;
/// use standards_core::log::capture::assert_same;
///
/// let (first, second) = (json!({"@timestamp": "1", "level": "INFO"}), json!({"@timestamp": "2", "level": "INFO"}));
/// assert_same(&first, &second);
/// ```
#[track_caller]
#[expect(clippy::panic, reason = "an assertion of the test kit")]
pub fn assert_same(actual: &Json, expected: &Json) {
    let mut different = differences("", expected, actual, Extent::Exactly);
    different.retain(|difference| !difference.starts_with("@timestamp:"));
    if !different.is_empty() {
        panic!("the record differs in\n  {}\nof {actual:#}", different.join("\n  "));
    }
}

/// One line per place where `actual`, which is called `name`, is not as `expected`; none where it is.
///
/// Of lists of one length each entry is compared, others are told whole.
///
/// ```
/// use serde_json::json;
/// use standards_core::log::capture::{Extent, differences};
///
/// let (expected, actual) = (json!({"monto": "1.00", "ids": [1, 2]}), json!({"monto": "1.50", "ids": [1, 3], "moneda": "CLP"}));
/// let told = differences("data", &expected, &actual, Extent::AtLeast);
/// assert_eq!(told, ["data.ids[1]: expected 2, found 3", r#"data.monto: expected "1.00", found "1.50""#]);
/// let more = differences("data", &expected, &actual, Extent::Exactly);
/// assert!(more.contains(&r#"data.moneda: expected nothing, found "CLP""#.to_owned()));
/// ```
#[must_use]
pub fn differences(name: &str, expected: &Json, actual: &Json, extent: Extent) -> Vec<String> {
    let mut found = Vec::new();
    collect(name, Some(expected), Some(actual), extent, &mut found);
    found
}

fn collect(path: &str, expected: Option<&Json>, actual: Option<&Json>, extent: Extent, found: &mut Vec<String>) {
    match (expected, actual) {
        (Some(Json::Object(inner)), Some(Json::Object(other))) => {
            let names: BTreeSet<&String> = match extent {
                Extent::AtLeast => inner.keys().collect(),
                Extent::Exactly => inner.keys().chain(other.keys()).collect(),
            };
            for name in names {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                collect(&path, inner.get(name), other.get(name), extent, found);
            }
        }
        (Some(Json::Array(inner)), Some(Json::Array(other))) if inner.len() == other.len() => {
            for (at, (expected, actual)) in inner.iter().zip(other).enumerate() {
                collect(&format!("{path}[{at}]"), Some(expected), Some(actual), extent, found);
            }
        }
        (expected, actual) if expected == actual => {}
        (expected, actual) => found.push(format!("{path}: expected {}, found {}", shown(expected), shown(actual))),
    }
}

fn shown(value: Option<&Json>) -> String {
    value.map_or_else(|| "nothing".to_owned(), ToString::to_string)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_difference_is_named_by_its_path() {
        let (expected, actual) = (json!({"a": {"b": 1, "c": 2}}), json!({"a": {"b": "1", "d": 3}}));
        let at_least = differences("", &expected, &actual, Extent::AtLeast);
        assert_eq!(at_least, ["a.b: expected 1, found \"1\"", "a.c: expected 2, found nothing"]);
        assert_eq!(differences("", &expected, &actual, Extent::Exactly).len(), 3);
    }

    #[test]
    fn more_is_no_difference_unless_it_must_be_exact() {
        let (expected, actual) = (json!({"a": 1}), json!({"a": 1, "b": 2}));
        assert!(differences("", &expected, &actual, Extent::AtLeast).is_empty());
        assert_eq!(differences("", &expected, &actual, Extent::Exactly), ["b: expected nothing, found 2"]);
    }
}
