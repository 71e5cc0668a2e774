//! A request's parts: what a request is made up from, and where a bound belongs.
//!
//! A part is two things at once. By its `form` and `sample` it can be written as JSON ([`Part::request`]); by its `address` what is learned
//! of it finds its schema. A path that a reader complains about is a path of the request, so it is found by walking the same tree
//! ([`Part::find`]).
//!
//! A part that is `closed` sends its sample from then on. Its type has a grammar, and what no placeholder satisfies teaches nothing.

use serde_json::Value;

use super::bounds::Bounds;
use super::round::{Number, Round, SAMPLES};
use crate::extract::{FieldPath, Rule, Segment};

/// As many entries of a map are made up.
const MAX_KEYS: usize = 1001;

/// The way from an operation, or from a component, to a schema.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Address(pub(super) Vec<Step>);

/// A step from a schema to one inside it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    /// The component of this name, wherever it is referred to.
    Component(String),
    /// The parameter of this index, in the operation.
    Parameter(usize),
    /// The property of this name.
    Property(String),
    /// What the entries of a list or a map are.
    Entries,
    OneOf(usize),
    AnyOf(usize),
    AllOf(usize),
}

impl Address {
    /// Whether it leads into a component, which others may refer to.
    pub(super) fn is_shared(&self) -> bool {
        matches!(self.0.first(), Some(Step::Component(_)))
    }

    /// The address one step further.
    pub(super) fn then(&self, step: Step) -> Self {
        let mut steps = self.0.clone();
        steps.push(step);
        Self(steps)
    }
}

/// One value of a request, and those inside it.
pub(super) struct Part {
    pub(super) address: Address,
    pub(super) form: Form,
    /// A value that its type takes, as far as the schema tells one.
    pub(super) sample: Option<Value>,
    /// What its rules say.
    pub(super) bounds: Bounds,
    /// What its schema says.
    pub(super) stated: Bounds,
    /// No longer tried: its type has a grammar of its own.
    pub(super) closed: bool,
}

/// What kind of value it is, as far as that decides what can be sent.
pub(super) enum Form {
    Text,
    Number,
    Bool,
    List(Box<Part>),
    Map(Box<Part>),
    Object(Vec<Field>),
    /// One of these.
    Choice(Vec<Part>),
    /// Nothing that could be varied.
    Fixed,
}

/// A property, and whether the schema requires it.
pub(super) struct Field {
    pub(super) name: String,
    pub(super) required: bool,
    pub(super) part: Part,
}

impl Part {
    pub(super) fn new(address: Address, form: Form, sample: Option<Value>) -> Self {
        Self { address, form, sample, bounds: Bounds::default(), stated: Bounds::default(), closed: false }
    }

    /// The fields of an object.
    pub(super) fn into_fields(self) -> Option<Vec<Field>> {
        match self.form {
            Form::Object(fields) => Some(fields),
            _ => None,
        }
    }

    /// Nothing is sent any more but examples.
    pub(super) fn close_all(&mut self) {
        self.closed = true;
        match &mut self.form {
            Form::List(inner) | Form::Map(inner) => inner.close_all(),
            Form::Object(fields) => fields.iter_mut().for_each(|field| field.part.close_all()),
            Form::Choice(parts) => parts.iter_mut().for_each(Self::close_all),
            Form::Text | Form::Number | Form::Bool | Form::Fixed => {}
        }
    }

    /// Shows it, and all inside it.
    pub(super) fn each(&self, see: &mut impl FnMut(&Self)) {
        see(self);
        match &self.form {
            Form::List(inner) | Form::Map(inner) => inner.each(see),
            Form::Object(fields) => fields.iter().for_each(|field| field.part.each(see)),
            Form::Choice(parts) => parts.iter().for_each(|part| part.each(see)),
            Form::Text | Form::Number | Form::Bool | Form::Fixed => {}
        }
    }

    /// A request of the round.
    pub(super) fn request(&self, round: &Round) -> Value {
        self.value(round, 0).unwrap_or_default()
    }

    #[expect(clippy::too_many_lines, reason = "a table of forms")]
    fn value(&self, round: &Round, lists: usize) -> Option<Value> {
        let entries = if lists == round.depth && !self.closed { round.entries } else { 1 };
        match &self.form {
            Form::Text | Form::Number if self.closed && self.sample.is_some() => self.sample.clone(),
            Form::Text => Some(round.text.repeat(round.times).into()),
            Form::Number => Some(match round.number {
                Number::Signed(number) => number.into(),
                Number::Unsigned(number) => number.into(),
            }),
            Form::Bool => Some(round.boolean.into()),
            Form::List(inner) => {
                let entry = inner.value(round, lists + 1);
                Some(entry.map_or_else(|| Value::Array(Vec::new()), |entry| vec![entry; entries].into()))
            }
            Form::Map(inner) => {
                let entry = inner.value(round, lists + 1).unwrap_or_default();
                Some(Value::Object((0..entries.min(MAX_KEYS)).map(|i| (format!("k{i}"), entry.clone())).collect()))
            }
            Form::Object(fields) => Some(object(fields, round, lists)),
            Form::Choice(parts) => parts.get(round.choice % parts.len().max(1))?.value(round, lists),
            Form::Fixed => self.sample.clone(),
        }
    }

    /// The list or the map with this many entries, the first a sample each.
    pub(super) fn stretched(&self, entries: usize) -> Option<Value> {
        let one = self.value(&SAMPLES, 0)?;
        Some(match one {
            Value::Array(one) => one.first().map_or_else(Vec::new, |entry| vec![entry.clone(); entries]).into(),
            Value::Object(one) => {
                let entry = one.into_iter().next().map(|(_, entry)| entry).unwrap_or_default();
                Value::Object((0..entries).map(|i| (format!("k{i}"), entry.clone())).collect())
            }
            other => other,
        })
    }

    /// The part at `path` in a request of `round`.
    pub(super) fn find(&mut self, path: &[Segment], round: &Round) -> Option<&mut Self> {
        if path.is_empty() && !matches!(self.form, Form::Choice(_)) {
            return Some(self);
        }
        match (&mut self.form, path.split_first()) {
            (Form::Choice(parts), _) => {
                let choice = round.choice % parts.len().max(1);
                parts.get_mut(choice)?.find(path, round)
            }
            (Form::List(inner), Some((Segment::Index(_), rest))) | (Form::Map(inner), Some((Segment::Key(_), rest))) => {
                inner.find(rest, round)
            }
            (Form::Object(fields), Some((Segment::Key(name), rest))) => {
                fields.iter_mut().find(|field| field.name == **name)?.part.find(rest, round)
            }
            _ => None,
        }
    }

    /// A rule was broken at `path`.
    pub(super) fn learn(&mut self, path: &FieldPath, round: &Round, rule: &Rule) {
        if let Some(part) = self.find(&path.0, round) {
            part.bounds.learn(rule);
            // A longer one tells nothing more.
            part.closed |= matches!(rule, Rule::MaxLength(_));
        }
    }

    /// A text was refused by its type at `path`: longer ones would be too.
    pub(super) fn refuse(&mut self, path: &FieldPath, round: &Round) {
        if let Some(part) = self.find(&path.0, round).filter(|part| matches!(part.form, Form::Text) && round.times > 1) {
            part.closed = true;
        }
    }

    /// Nothing but its example is sent at `path` from now on.
    pub(super) fn close(&mut self, path: &FieldPath, round: &Round) {
        if let Some(part) = self.find(&path.0, round).filter(|part| part.sample.is_some()) {
            part.closed = true;
        }
    }
}

fn object(fields: &[Field], round: &Round, lists: usize) -> Value {
    let fields = fields.iter().filter(|field| field.required || round.whole);
    Value::Object(fields.filter_map(|field| Some((field.name.clone(), field.part.value(round, lists)?))).collect())
}
