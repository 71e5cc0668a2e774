//! garde's paths of Rust fields, by the names that the client wrote.

use crate::extract::read::{FieldPath, Plan, Segment, Shape};

/// The client's path for a path of Rust fields.
///
/// A struct's names are those it was read with: a field is found under its own name, or under one that differs only by case and
/// separators (`rename_all`). One that was renamed altogether keeps its Rust name.
pub(in crate::extract) fn client_path(rust_path: &str, plan: &Plan) -> FieldPath {
    let mut path = FieldPath::default();
    let mut segments = segments(rust_path).peekable();
    while let Some(segment) = segments.next() {
        let is_last = segments.peek().is_none();
        path.0.extend(client_segment(segment, &path, plan, is_last));
    }
    path
}

fn client_segment(segment: Segment, parent: &FieldPath, plan: &Plan, is_last: bool) -> Option<Segment> {
    match segment {
        // The inside of a newtype is, to the client, the value itself.
        Segment::Index(0) if plan.find_shape(parent, |shape| matches!(shape, Shape::Newtype).then_some(())).is_some() => None,
        Segment::Index(index) => Some(Segment::Index(index)),
        Segment::Key(name) => match plan.find_shape(parent, |shape| client_name(&name, shape)) {
            Some(name) => Some(Segment::Key(name)),
            // A part that is flattened has no name of its own to the client.
            None if !is_last && is_flattened(parent, plan) => None,
            None => Some(Segment::Key(name)),
        },
    }
}

fn client_name(rust_name: &str, shape: &Shape) -> Option<Box<str>> {
    match shape {
        Shape::Struct(names) => alike(rust_name, names.iter().copied()),
        Shape::Object(keys) => alike(rust_name, keys.iter().map(|key| &**key)),
        Shape::Newtype => None,
    }
}

fn alike<'n>(rust_name: &str, mut names: impl Iterator<Item = &'n str> + Clone) -> Option<Box<str>> {
    let exact = names.clone().find(|name| *name == rust_name);
    exact.or_else(|| names.find(|name| bare(name) == bare(rust_name))).map(Box::from)
}

/// Whether the object at `path` was read without asking for the fields of a struct, as it is where a part of one is flattened.
fn is_flattened(path: &FieldPath, plan: &Plan) -> bool {
    let is = |wanted: fn(&Shape) -> bool| plan.find_shape(path, |shape| wanted(shape).then_some(())).is_some();
    is(|shape| matches!(shape, Shape::Object(_))) && !is(|shape| matches!(shape, Shape::Struct(_)))
}

/// A name without case and separators.
fn bare(name: &str) -> String {
    name.trim_start_matches("r#").chars().filter(|c| !matches!(c, '_' | '-')).flat_map(char::to_lowercase).collect()
}

/// Cuts garde's `lineas[2].cantidad`.
fn segments(path: &str) -> impl Iterator<Item = Segment> {
    path.split(['.', '[']).filter(|part| !part.is_empty()).map(|part| match part.strip_suffix(']').map(str::parse) {
        Some(Ok(index)) => Segment::Index(index),
        _ => Segment::Key(part.into()),
    })
}
