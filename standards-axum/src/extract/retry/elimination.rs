//! The client's name that is left for a Rust field, once those of the struct's other fields are taken away.
//!
//! Where no value satisfies a rule (`custom`), its field is not found by trying. But trying tells the other fields of their rules: a name
//! whose value breaks another rule, or mends one, belongs to that rule's field. If one name is left, it is the one.

use std::collections::BTreeSet;

use garde::Validate;
use serde::de::DeserializeOwned;

use super::Survey;
use super::bounds::extremes;
use super::broken::broken_rules;
use super::client_path::{alike, can_hold, segments, with};
use super::search::Broken;
use crate::extract::read::{CANDIDATES, Document, FieldPath, Fix, Hint, Segment, Shape};

/// What is said of which place.
type Said = BTreeSet<(String, String)>;

/// What is known of a struct's fields.
struct Known {
    /// Each of the client's names, and the Rust fields over whose rules its value decides.
    decides: Vec<(&'static str, BTreeSet<String>)>,
    /// The Rust fields of which something is said anyway.
    broken: BTreeSet<String>,
}

impl<D: Document> Survey<'_, D> {
    /// The step from the struct at `parent` to the field that the `rest` of the rule's path begins with.
    pub(super) fn only_left<T>(&mut self, parent: &FieldPath, rest: &[Segment], broken: &Broken<'_>) -> Option<Segment>
    where
        T: DeserializeOwned + Validate<Context = ()>,
    {
        let [Segment::Key(own), beyond @ ..] = rest else { return None };
        let names = self.plan.find_shape(parent, |shape| if let Shape::Struct(names) = shape { Some(*names) } else { None })?;
        let is_possible = |name: &&str| {
            let path = with(parent, Segment::Key((*name).into()));
            beyond.first().is_none_or(|next| can_hold(next, &path, &self.plan))
        };
        let possible: Vec<&str> = names.iter().copied().filter(is_possible).collect();
        let path = segments(broken.rust_path);
        let around = path.get(..path.len().checked_sub(rest.len())?)?;
        let known = self.known::<T>(parent, names, around)?;
        let mut left = possible.into_iter().filter(|name| !known.is_another(name, own));
        left.next().filter(|_| left.next().is_none()).map(|name| Segment::Key(name.into()))
    }

    /// What trying tells of the struct's fields; `None` where there is too much to try.
    fn known<T>(&mut self, parent: &FieldPath, names: &[&'static str], around: &[Segment]) -> Option<Known>
    where
        T: DeserializeOwned + Validate<Context = ()>,
    {
        let notes = self.plan.take_notes();
        let before = self.read::<T>().ok().map(|value| said(&value)).unwrap_or_default();
        let decided = |name: &&'static str| {
            let fields = self.decided_by::<T>(&with(parent, Segment::Key((*name).into())), &before, around)?;
            Some((*name, fields))
        };
        let decides: Option<Vec<_>> = names.iter().map(decided).collect();
        self.plan.restore_notes(notes);
        Some(Known { decides: decides?, broken: before.iter().filter_map(|said| field_of(said, around)).collect() })
    }

    /// The fields over whose rules the value at `path` decides, as the first value tells that changes anything.
    fn decided_by<T>(&mut self, path: &FieldPath, before: &Said, around: &[Segment]) -> Option<BTreeSet<String>>
    where
        T: DeserializeOwned + Validate<Context = ()>,
    {
        for (fix, hint) in trials() {
            if self.is_spent() {
                return None;
            }
            self.plan.set_hint(hint);
            let old = self.plan.set(path, fix);
            let read = self.read::<T>();
            self.plan.restore(path, old);
            let after = read.map(|value| said(&value));
            let changed = after.iter().flat_map(|after| before.symmetric_difference(after));
            let fields: BTreeSet<_> = changed.filter_map(|said| field_of(said, around)).collect();
            if !fields.is_empty() {
                return Some(fields);
            }
        }
        Some(BTreeSet::new())
    }
}

impl Known {
    /// Whether `name` is that of another field than `own`: it is called so, or is the only one to decide over that.
    fn is_another(&self, name: &str, own: &str) -> bool {
        let mut others = self.decides.iter().flat_map(|(_, fields)| fields).chain(&self.broken).filter(|field| **field != *own);
        let alone = |field: &String| {
            let mut deciding = self.decides.iter().filter(|(_, fields)| fields.contains(field));
            deciding.next().is_some_and(|(first, _)| *first == name) && deciding.next().is_none()
        };
        others.any(|field| alike(name, field) || alone(field))
    }
}

/// What is put in a field's place, the values first that most rules refuse.
fn trials() -> impl Iterator<Item = (Fix, Hint)> {
    let plausible = (0..CANDIDATES).map(|candidate| (Fix::Fill(candidate), Hint::default()));
    extremes().map(|hint| (Fix::Hint, hint)).chain(plausible)
}

fn said(value: &impl Validate<Context = ()>) -> Said {
    broken_rules(value).into_iter().map(|broken| (broken.rust_path, broken.sentence.message().to_owned())).collect()
}

/// The field of the struct `around` of which something is said.
fn field_of((path, _): &(String, String), around: &[Segment]) -> Option<String> {
    match segments(path).strip_prefix(around)? {
        [Segment::Key(field), ..] => Some(field.to_string()),
        _ => None,
    }
}
