//! Whether what the document states is refused.
//!
//! The other direction of `state`: there a rule becomes a bound, here a bound is held against whatever reads the request, be it a rule, a
//! type's own grammar, or nothing. All values but one are samples, so that a refusal is about that one. It counts as refused where the
//! answer names its place, or one around it.

use serde_json::Value;

use super::part::Part;
use super::round::{Round, SAMPLES};
use super::tries::{Expected, Leaf, Try};
use super::{Components, Described, Question};
use crate::extract::{Answer, FieldPath, Rule, Segment};

/// The bounds that the document states and that nothing which reads the request enforces, a sentence each.
pub(in crate::openapi) fn unenforced(operations: &[Described<'_>], components: &Components) -> Vec<String> {
    let mut sentences = Vec::new();
    for operation in operations {
        for question in operation.questions {
            let Some(mut part) = operation.part(&question.about, components) else { continue };
            part.close_all();
            for leaf in part.leaves() {
                let bad = leaf.tries.iter().filter(|attempt| !holds(&part, &leaf, attempt, question));
                sentences.extend(bad.map(|attempt| {
                    let field = FieldPath(leaf.path.clone()).to_field("body");
                    format!("{}: {field}: {} is stated, and not enforced", operation.name, attempt.bound)
                }));
            }
        }
    }
    sentences
}

/// Whether what is expected of the values came true.
fn holds(part: &Part, leaf: &Leaf, attempt: &Try, question: &Question) -> bool {
    let path = FieldPath(leaf.path.clone());
    let mut answers = attempt.values.iter().map(|value| {
        let mut request = part.request(&Round { choice: leaf.choice, ..SAMPLES });
        put(&mut request, &leaf.path, value.clone());
        (question.ask)(&request)
    });
    match attempt.expected {
        Expected::Refused => answers.any(|answer| refuses(&answer, &path)),
        Expected::NotTooLong => !answers.any(|answer| finds_too_long(&answer, &path)),
    }
}

/// Whether the answer is about this place: it could not be read, or a rule is broken.
fn refuses(answer: &Answer, path: &FieldPath) -> bool {
    let refused = answer.refused.iter().any(|refused| refused.is_within(path) || path.is_within(refused));
    refused || answer.broken.iter().flatten().any(|(broken, _)| broken.is_within(path))
}

/// Whether a rule about lengths counts otherwise than the schema: bytes, where characters were meant.
fn finds_too_long(answer: &Answer, path: &FieldPath) -> bool {
    let broken = answer.broken.iter().flatten();
    broken.into_iter().any(|(broken, rule)| broken == path && matches!(rule, Rule::MaxLength(_)))
}

/// Puts `value` at `path`, or takes away what stands there.
fn put(request: &mut Value, path: &[Segment], value: Option<Value>) {
    let Some((last, around)) = path.split_last() else {
        *request = value.unwrap_or_default();
        return;
    };
    let place = around.iter().try_fold(request, |value, step| match step {
        Segment::Key(key) => value.get_mut(&**key),
        Segment::Index(index) => value.get_mut(index),
    });
    match (place, last, value) {
        (Some(Value::Object(fields)), Segment::Key(key), Some(value)) => drop(fields.insert(key.to_string(), value)),
        (Some(Value::Object(fields)), Segment::Key(key), None) => drop(fields.remove(&**key)),
        (Some(Value::Array(entries)), Segment::Index(index), Some(value)) => {
            if let Some(entry) = entries.get_mut(*index) {
                *entry = value;
            }
        }
        _ => {}
    }
}
