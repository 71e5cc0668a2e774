//! garde's paths of Rust fields, by the names that the client wrote.
//!
//! serde knows only the client's names and garde only Rust's. Most are told apart by their case style alone (`rename_all`). Where they are
//! not (`rename`, an alias, a flattened or tagged part), the place is searched by trying (`search`), and where no value tells, by what is left
//! of the struct's names (`elimination`).

use garde::Validate;
use serde::de::DeserializeOwned;

use super::Survey;
use super::search::Broken;
use crate::extract::read::{Document, FieldPath, Plan, Segment, Shape};

/// What the notes of a reading say of a step that garde names.
enum Step {
    /// It is no step to the client: the inside of a newtype.
    Inside,
    /// The client's name for it.
    Known(Segment),
    /// As it is called, if it is this field at all.
    Likely(Segment),
    Unknown,
}

impl<D: Document> Survey<'_, D> {
    /// The client's path for that of a broken rule.
    ///
    /// A path that cannot be found out keeps the Rust names that are left of it.
    pub(super) fn client_path<T>(&mut self, broken: &Broken<'_>) -> FieldPath
    where
        T: DeserializeOwned + Validate<Context = ()>,
    {
        let segments = segments(broken.rust_path);
        let mut rest = segments.as_slice();
        let mut path = FieldPath::default();
        while let [segment, beyond @ ..] = rest {
            enter_variants(&mut path, &self.plan);
            match step(segment, &path, &self.plan) {
                Step::Inside => {}
                Step::Known(step) => path.0.push(step),
                doubtful => match self.resolve::<T>(&doubtful, &path, rest, broken) {
                    Resolved::Whole(path) => return path,
                    Resolved::Step(step) => path.0.extend(step),
                },
            }
            rest = beyond;
        }
        path
    }

    fn resolve<T>(&mut self, step: &Step, parent: &FieldPath, rest: &[Segment], broken: &Broken<'_>) -> Resolved
    where
        T: DeserializeOwned + Validate<Context = ()>,
    {
        let [segment, beyond @ ..] = rest else { return Resolved::Step(None) };
        let likely = if let Step::Likely(step) = step { Some(step.clone()) } else { None };
        let flattened = !beyond.is_empty() && is_flattened(parent, &self.plan);
        let named = likely.clone().map(|step| with(parent, step));
        match (beyond.first(), named) {
            (None, Some(path)) if self.alters::<T>(&path, broken) => return Resolved::Whole(path),
            (Some(next), Some(path)) if leads_on(next, &path, &self.plan) => return Resolved::Step(likely),
            // A part that is flattened has no name of its own to the client.
            (Some(next), None) if flattened && leads_on(next, parent, &self.plan) => return Resolved::Step(None),
            _ => {}
        }
        match self.search::<T>(parent, rest, broken) {
            Some(path) => Resolved::Whole(path),
            None if flattened => Resolved::Step(None),
            None => {
                let only = likely.or_else(|| self.only_left::<T>(parent, rest, broken));
                Resolved::Step(only.or_else(|| Some(segment.clone())))
            }
        }
    }
}

enum Resolved {
    Whole(FieldPath),
    Step(Option<Segment>),
}

/// Goes on to the content of an enum, where its variant is a key around it.
fn enter_variants(path: &mut FieldPath, plan: &Plan) {
    let variant = |shape: &Shape| if let Shape::Variant(name) = shape { Some(name.clone()) } else { None };
    while let Some(name) = plan.find_shape(path, variant) {
        path.0.push(Segment::Key(name));
    }
}

fn step(segment: &Segment, parent: &FieldPath, plan: &Plan) -> Step {
    match segment {
        Segment::Index(0) if is(parent, plan, |shape| matches!(shape, Shape::Newtype)) => Step::Inside,
        Segment::Index(index) => match plan.find_shape(parent, |shape| keys(shape, |key| key.parse() == Ok(*index))) {
            Some(key) => Step::Known(Segment::Key(key)),
            // The content of a tagged variant stands beside the tag.
            None if *index == 0 && is_object(parent, plan) => Step::Inside,
            None => Step::Known(Segment::Index(*index)),
        },
        Segment::Key(name) => named(name, parent, plan),
    }
}

fn named(name: &str, parent: &FieldPath, plan: &Plan) -> Step {
    let fields = plan.find_shape(parent, |shape| if let Shape::Struct(names) = shape { Some(*names) } else { None });
    let known = |key: &str| fields.is_none_or(|names| names.contains(&key));
    let sent =
        |matches: fn(&str, &str) -> bool| plan.find_shape(parent, |shape| keys(shape, |key| known(key) && matches(key, name)));
    if let Some(key) = sent(|key, name| key == name).or_else(|| sent(alike)) {
        return if fields.is_some() { Step::Known(Segment::Key(key)) } else { Step::Likely(Segment::Key(key)) };
    }
    let names = fields.unwrap_or_default();
    let unsent = names.iter().find(|field| **field == name).or_else(|| names.iter().find(|field| alike(field, name)));
    match unsent.map(|field| Segment::Key((*field).into())) {
        Some(step) if plan.treats(&with(parent, step.clone())) => Step::Known(step),
        Some(step) => Step::Likely(step),
        None => Step::Unknown,
    }
}

/// Whether `next` can be a step from what stands at `path`.
fn leads_on(next: &Segment, path: &FieldPath, plan: &Plan) -> bool {
    match next {
        Segment::Index(_) => is(path, plan, |shape| matches!(shape, Shape::List | Shape::Newtype | Shape::Variant(_))),
        Segment::Key(_) => matches!(step(next, path, plan), Step::Known(_) | Step::Likely(_)),
    }
}

/// Whether what stands at `path` can have `next` in it, by whatever name.
pub(super) fn can_hold(next: &Segment, path: &FieldPath, plan: &Plan) -> bool {
    match next {
        Segment::Index(_) => leads_on(next, path, plan),
        Segment::Key(_) => is(path, plan, |shape| matches!(shape, Shape::Object(_) | Shape::Struct(_))),
    }
}

fn keys(shape: &Shape, is: impl Fn(&str) -> bool) -> Option<Box<str>> {
    match shape {
        Shape::Object(keys) => keys.iter().find(|key| is(key)).cloned(),
        _ => None,
    }
}

fn is(path: &FieldPath, plan: &Plan, wanted: fn(&Shape) -> bool) -> bool {
    plan.find_shape(path, |shape| wanted(shape).then_some(())).is_some()
}

fn is_object(path: &FieldPath, plan: &Plan) -> bool {
    is(path, plan, |shape| matches!(shape, Shape::Object(_)))
}

/// Whether the object at `path` was read without asking for the fields of a struct, as it is where a part of one is flattened.
fn is_flattened(path: &FieldPath, plan: &Plan) -> bool {
    is_object(path, plan) && !is(path, plan, |shape| matches!(shape, Shape::Struct(_)))
}

/// Whether the names differ by case and separators only.
pub(super) fn alike(name: &str, rust_name: &str) -> bool {
    bare(name).eq(bare(rust_name.trim_start_matches("r#")))
}

fn bare(name: &str) -> impl Iterator<Item = char> {
    name.chars().filter(|c| !matches!(c, '_' | '-')).flat_map(char::to_lowercase)
}

pub(super) fn with(parent: &FieldPath, step: Segment) -> FieldPath {
    FieldPath(parent.0.iter().cloned().chain([step]).collect())
}

/// Cuts garde's `lineas[2].cantidad`.
pub(super) fn segments(path: &str) -> Vec<Segment> {
    let parts = path.split(['.', '[']).filter(|part| !part.is_empty());
    parts
        .map(|part| match part.strip_suffix(']').map(str::parse) {
            Some(Ok(index)) => Segment::Index(index),
            _ => Segment::Key(part.into()),
        })
        .collect()
}
