//! Values past the bounds that a schema states.
//!
//! Each bound has the one value that lies just past it. A pattern has none, so texts are tried of which a grammar takes few: that one of
//! them is refused shows that something looks.

use serde_json::{Value, json};
use utoipa::Number;

use super::bounds::Bounds;
use super::part::{Field, Form, Part};
use crate::extract::Segment;

/// A value of a request, for a bound to be tried on.
pub(super) struct Leaf {
    pub(super) path: Vec<Segment>,
    /// Which of several forms the request has.
    pub(super) choice: usize,
    pub(super) tries: Vec<Try>,
}

/// A bound, and what lies past it.
pub(super) struct Try {
    /// `maxLength 40`.
    pub(super) bound: String,
    /// `None`: the field is left out.
    pub(super) values: Vec<Option<Value>>,
    /// What must become of them.
    pub(super) expected: Expected,
}

/// What is to become of the values.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Expected {
    /// At least one is refused.
    Refused,
    /// None is found too long.
    NotTooLong,
}

impl Try {
    fn refused(bound: String, values: Vec<Option<Value>>) -> Self {
        Self { bound, values, expected: Expected::Refused }
    }
}

/// Texts of which no grammar takes all.
const ODD: [&str; 8] = ["", "!", "ñ", "a", "A", "0", " ", "-"];

impl Part {
    /// The values in a request of this part that have bounds.
    pub(super) fn leaves(&self) -> Vec<Leaf> {
        let mut leaves = Vec::new();
        self.add_leaves(&mut Vec::new(), 0, &mut leaves);
        leaves
    }

    fn add_leaves(&self, path: &mut Vec<Segment>, choice: usize, leaves: &mut Vec<Leaf>) {
        let tries = self.tries();
        if !tries.is_empty() {
            leaves.push(Leaf { path: path.clone(), choice, tries });
        }
        match &self.form {
            Form::List(inner) => beneath(path, Segment::Index(0), |path| inner.add_leaves(path, choice, leaves)),
            Form::Map(inner) => beneath(path, Segment::Key("k0".into()), |path| inner.add_leaves(path, choice, leaves)),
            Form::Object(fields) => fields.iter().for_each(|field| {
                beneath(path, Segment::Key(field.name.as_str().into()), |path| field.add_leaves(path, choice, leaves));
            }),
            Form::Choice(parts) => parts.iter().enumerate().for_each(|(choice, part)| part.add_leaves(path, choice, leaves)),
            Form::Text | Form::Number | Form::Bool | Form::Fixed => {}
        }
    }

    fn tries(&self) -> Vec<Try> {
        match &self.form {
            Form::Text => of_text(&self.stated),
            Form::Number => of_number(&self.stated),
            Form::List(_) => of_container(&self.stated, ("minItems", "maxItems"), |entries| self.stretched(entries)),
            Form::Map(_) => of_container(&self.stated, ("minProperties", "maxProperties"), |entries| self.stretched(entries)),
            Form::Object(_) | Form::Bool | Form::Choice(_) | Form::Fixed => Vec::new(),
        }
    }
}

impl Field {
    fn add_leaves(&self, path: &mut Vec<Segment>, choice: usize, leaves: &mut Vec<Leaf>) {
        if self.required {
            let tries = vec![Try::refused("required".to_owned(), vec![None])];
            leaves.push(Leaf { path: path.clone(), choice, tries });
        }
        self.part.add_leaves(path, choice, leaves);
    }
}

fn beneath(path: &mut Vec<Segment>, step: Segment, look: impl FnOnce(&mut Vec<Segment>)) {
    path.push(step);
    look(path);
    path.pop();
}

fn text(of: &str, times: usize) -> Option<Value> {
    Some(of.repeat(times).into())
}

/// Lengths are those of characters: so a wide one counts as one.
fn of_text(stated: &Bounds) -> Vec<Try> {
    let mut tries = Vec::new();
    if let Some(min) = stated.min_length.filter(|min| *min > 0) {
        tries.push(Try::refused(format!("minLength {min}"), vec![text("a", min - 1)]));
        tries.push(Try::refused(format!("minLength {min} in characters"), vec![text("ñ", min - 1)]));
    }
    if let Some(max) = stated.max_length {
        tries.push(Try::refused(format!("maxLength {max}"), vec![text("a", max + 1)]));
        let (bound, values) = (format!("maxLength {max} in characters"), vec![text("ñ", max)]);
        tries.push(Try { bound, values, expected: Expected::NotTooLong });
    }
    if let Some(pattern) = &stated.pattern {
        tries.push(Try::refused(format!("pattern {pattern}"), ODD.map(|odd| text(odd, 1)).to_vec()));
    }
    tries
}

fn of_number(stated: &Bounds) -> Vec<Try> {
    let past = |bound: &Option<Number>, name: &str, step: i8| {
        let number = bound.as_ref()?;
        let beyond = match number {
            Number::Int(number) => json!(number.checked_add(step.into())?),
            Number::UInt(number) => json!(number.checked_add_signed(step.into())?),
            Number::Float(number) => json!(number + f64::from(step)),
        };
        Some(Try::refused(format!("{name} {}", json!(number)), vec![Some(beyond)]))
    };
    let all = [past(&stated.minimum, "minimum", -1), past(&stated.maximum, "maximum", 1)];
    all.into_iter().flatten().collect()
}

fn of_container(stated: &Bounds, (min_name, max_name): (&str, &str), of: impl Fn(usize) -> Option<Value>) -> Vec<Try> {
    let min = stated.min_length.filter(|min| *min > 0).map(|min| Try::refused(format!("{min_name} {min}"), vec![of(min - 1)]));
    let max = stated.max_length.map(|max| Try::refused(format!("{max_name} {max}"), vec![of(max + 1)]));
    min.into_iter().chain(max).collect()
}
