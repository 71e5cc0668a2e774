//! garde's paths of Rust fields, by the names that the client wrote.

use crate::extract::read::{FieldPath, Plan, Segment, Shape};

/// The client's path for a path of Rust fields.
///
/// A struct's names are those it was read with: a field is found under its own name, or under one that differs only by case and
/// separators (`rename_all`). One that was renamed altogether keeps its Rust name.
pub(in crate::extract) fn client_path(rust_path: &str, plan: &Plan) -> FieldPath {
    let mut path = FieldPath::default();
    for segment in segments(rust_path) {
        path.0.extend(client_segment(segment, &path, plan));
    }
    path
}

fn client_segment(segment: Segment, parent: &FieldPath, plan: &Plan) -> Option<Segment> {
    match segment {
        // The inside of a newtype is, to the client, the value itself.
        Segment::Index(0) if plan.find_shape(parent, |shape| matches!(shape, Shape::Newtype).then_some(())).is_some() => None,
        Segment::Index(index) => Some(Segment::Index(index)),
        Segment::Key(name) => Some(Segment::Key(plan.find_shape(parent, |shape| client_name(&name, shape)).unwrap_or(name))),
    }
}

fn client_name(rust_name: &str, shape: Shape) -> Option<Box<str>> {
    let Shape::Struct(names) = shape else { return None };
    let exact = names.iter().find(|name| **name == rust_name);
    exact.or_else(|| names.iter().find(|name| bare(name) == bare(rust_name))).map(|name| (*name).into())
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
