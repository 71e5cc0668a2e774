//! The bounds of one value, as its rules tell them.
//!
//! garde's rules and JSON Schema's keywords are not the same language. Lengths and ranges are, as long as a length is one of characters. A
//! pattern of the `regex` crate is stated where ECMA-262 reads it alike, since that is what a schema's pattern is (JSON Schema 2020-12,
//! section 6.3.3). What has no keyword (`credit_card`, a function of the team's) is not stated: a document that says less is right, one
//! that says more is not.

use utoipa::Number;
use utoipa::openapi::{Array, Object};

use crate::extract::Rule;

/// What a schema can say of a value's bounds.
#[derive(Clone, Default, PartialEq)]
pub(super) struct Bounds {
    /// Of a text in characters, of a list in entries.
    pub(super) min_length: Option<usize>,
    pub(super) max_length: Option<usize>,
    /// Of a number, itself included; likewise the maximum.
    pub(super) minimum: Option<Number>,
    pub(super) maximum: Option<Number>,
    /// As ECMA-262 reads it.
    pub(super) pattern: Option<String>,
    /// One of JSON Schema's.
    pub(super) format: Option<String>,
    /// Of an optional field that a rule requires: it may be neither absent nor null.
    pub(super) required: bool,
}

/// Texts of ASCII.
const ASCII: &str = r"^[\x00-\x7F]*$";
/// Texts without the ASCII characters that are neither letter nor digit. What of Unicode is one, no pattern says alike to every reader.
const ALPHANUMERIC: &str = r"^[^\x00-\x2F\x3A-\x40\x5B-\x60\x7B-\x7F]*$";

impl Bounds {
    /// What a schema states.
    pub(super) fn of_object(object: &Object) -> Self {
        Self {
            min_length: object.min_length.or(object.min_properties),
            max_length: object.max_length.or(object.max_properties),
            minimum: object.minimum.clone(),
            maximum: object.maximum.clone(),
            pattern: object.pattern.clone(),
            ..Self::default()
        }
    }

    /// What the schema of a list states.
    pub(super) fn of_array(array: &Array) -> Self {
        Self { min_length: array.min_items, max_length: array.max_items, ..Self::default() }
    }

    /// What a schema states beside another.
    pub(super) fn narrow(&mut self, other: Self) {
        self.min_length = other.min_length.or(self.min_length);
        self.max_length = other.max_length.or(self.max_length);
        self.minimum = other.minimum.or_else(|| self.minimum.take());
        self.maximum = other.maximum.or_else(|| self.maximum.take());
        self.pattern = other.pattern.or_else(|| self.pattern.take());
    }

    /// Whether there is nothing to state.
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Takes in what a rule says. Of several patterns the first stands.
    pub(super) fn learn(&mut self, rule: &Rule) {
        match rule {
            Rule::MinLength(min) => self.min_length = Some(self.min_length.map_or(*min, |known| known.max(*min))),
            Rule::MaxLength(max) => self.max_length = Some(self.max_length.map_or(*max, |known| known.min(*max))),
            Rule::Minimum(min) => self.minimum = number(min).or_else(|| self.minimum.take()),
            Rule::Maximum(max) => self.maximum = number(max).or_else(|| self.maximum.take()),
            Rule::Pattern(pattern) if means_the_same_in_ecmascript(pattern) => self.learn_pattern(pattern.clone()),
            Rule::Prefix(text) => self.learn_pattern(format!("^{}", escaped(text))),
            Rule::Suffix(text) => self.learn_pattern(format!("{}$", escaped(text))),
            Rule::Contains(text) => self.learn_pattern(escaped(text)),
            Rule::Ascii => self.learn_pattern(ASCII.to_owned()),
            Rule::Alphanumeric => self.learn_pattern(ALPHANUMERIC.to_owned()),
            Rule::Format(format) => self.format = Some(format.clone().into_owned()),
            Rule::Required => self.required = true,
            Rule::Pattern(_) | Rule::Other => {}
        }
    }

    fn learn_pattern(&mut self, pattern: String) {
        self.pattern.get_or_insert(pattern);
    }

    /// Leaves only what `other` has too.
    pub(super) fn keep_common(&mut self, other: &Self) {
        fn common<T: PartialEq>(known: &mut Option<T>, other: &Option<T>) {
            if known != other {
                *known = None;
            }
        }
        common(&mut self.min_length, &other.min_length);
        common(&mut self.max_length, &other.max_length);
        common(&mut self.minimum, &other.minimum);
        common(&mut self.maximum, &other.maximum);
        common(&mut self.pattern, &other.pattern);
        common(&mut self.format, &other.format);
        self.required &= other.required;
    }
}

/// A bound as garde writes it; whole numbers stay whole.
fn number(text: &str) -> Option<Number> {
    let signed = text.parse().map(Number::Int);
    let whole = signed.or_else(|_| text.parse().map(Number::UInt));
    whole.ok().or_else(|| text.parse().map(Number::Float).ok())
}

/// Whether a pattern of the `regex` crate is one of ECMA-262 that matches the same.
fn means_the_same_in_ecmascript(pattern: &str) -> bool {
    let foreign = [
        "(?i", "(?m", "(?s", "(?x", "(?U", "(?u", "(?R", "(?-", "(?P", r"\A", r"\z", r"\a", r"\h", r"\x{", r"\U", "[[", "[^[",
        "&&", "~~",
    ];
    !foreign.iter().any(|construct| pattern.contains(construct))
}

/// A text as a pattern that matches it and nothing else.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if r"^$\.*+?()[]{}|/".contains(c) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}
