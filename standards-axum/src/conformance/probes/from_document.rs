//! What the OpenAPI document alone lets one try.

use serde_json::json;

use super::{Body, Probe};
use crate::conformance::document::{Document, Named, Operation};
use crate::conformance::exchange::Role;
use crate::conformance::profile::Profile;

/// How many of a kind are tried.
const TRIED: usize = 6;

/// Integers at the edges of what databases and languages hold.
const EDGES: [&str; 6] =
    ["0", "-1", "2147483648", "9223372036854775807", "9223372036854775808", "1000000000000000000000000000000"];

/// Paths that can be read as they stand.
pub(super) fn readable(document: &Document) -> impl Iterator<Item = &str> {
    let open = |operation: &Operation<'_>| {
        operation.method == "GET" && !operation.path.contains('{') && !document.parameters(*operation).any(|named| named.required)
    };
    document.operations().filter(open).map(|operation| operation.path)
}

/// Verb and path of an operation whose body has fields that must be there.
pub(super) fn writable(document: &Document) -> Option<(String, String)> {
    let found = bodies(document).next()?;
    Some((found.method.to_owned(), found.path.to_owned()))
}

/// A path and a verb that no operation has there; one that reads, if there is such.
pub(super) fn wrong_verb(document: &Document) -> Option<(String, String)> {
    let fixed = document.operations().filter(|operation| !operation.path.contains('{'));
    fixed.map(|operation| operation.path).find_map(|path| {
        let has = |verb: &&str| document.operation(verb, path).is_some();
        let verb = ["PATCH", "DELETE", "PUT", "POST", "GET"].into_iter().find(|verb| !has(verb))?;
        Some((verb.to_owned(), path.to_owned()))
    })
}

/// Successes, invalid bodies where the profile has none, and parameters that are not valid or at their edges.
pub(in crate::conformance) fn probes(profile: &Profile, document: &Document) -> Vec<Probe> {
    let mut probes = Vec::new();
    if profile.success.is_empty() {
        probes.extend(
            readable(document).take(TRIED).enumerate().map(|(at, path)| Probe::new(Role::Success(at), "API-01", "GET", path)),
        );
    }
    if profile.invalid.is_empty() {
        let invalid = |operation: Operation<'_>| Probe::new(Role::Invalid(0), "VAL-01", operation.method, operation.path);
        probes.extend(bodies(document).take(1).map(|operation| invalid(operation).with_body(Body::Json(json!({})))));
    }
    let integers: Vec<_> = integers(document).take(TRIED).collect();
    if profile.parameter.is_empty() {
        let wrong =
            |(path, named): &(&str, Named<'_>)| Probe::new(Role::BadParameter, "VAL-05", "GET", with(path, *named, "abc"));
        probes.extend(integers.iter().map(wrong));
    }
    let edges = integers.iter().take(2).flat_map(|(path, named)| EDGES.map(|edge| with(path, *named, edge)));
    probes.extend(edges.map(|path| Probe::new(Role::Boundary, "VAL-07", "GET", path)));
    probes
}

/// The fields that an invalid body of the document leaves out.
pub(in crate::conformance) fn left_out(document: &Document) -> Vec<String> {
    let schema = bodies(document).next().and_then(|operation| document.body_schema(operation));
    schema.map(|schema| document.required(schema)).unwrap_or_default()
}

/// Operations without parameters in their path whose body has fields that must be there.
fn bodies(document: &Document) -> impl Iterator<Item = Operation<'_>> {
    document.operations().filter(|operation| {
        let schema = document.body_schema(*operation);
        !operation.path.contains('{') && schema.is_some_and(|schema| !document.required(schema).is_empty())
    })
}

/// Integers in path or query of reading operations that need nothing else.
fn integers(document: &Document) -> impl Iterator<Item = (&str, Named<'_>)> {
    let reads = document.operations().filter(|operation| operation.method == "GET" && operation.path.matches('{').count() <= 1);
    reads.filter_map(|operation| {
        let needed: Vec<Named<'_>> = document.parameters(operation).filter(|named| named.required).collect();
        let chosen = match needed.as_slice() {
            [] => document.parameters(operation).find(|named| named.is_integer && named.place == "query")?,
            [one] if one.is_integer => *one,
            _ => return None,
        };
        Some((operation.path, chosen))
    })
}

/// The path with a value in the parameter's place.
fn with(path: &str, named: Named<'_>, value: &str) -> String {
    match named.place {
        "path" => path.replace(&format!("{{{}}}", named.name), value),
        _ => format!("{path}?{}={value}", named.name),
    }
}
