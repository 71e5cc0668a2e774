//! The service's OpenAPI document, read as what it is: somebody else's JSON.

use serde_json::Value;

/// The verbs of an operation.
const VERBS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// How many references are followed one after the other.
const DEPTH: usize = 32;

/// How many operations are looked at.
const OPERATIONS: usize = 500;

/// An OpenAPI 3 document.
#[derive(Clone, Debug)]
pub(super) struct Document(Value);

/// One operation of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Operation<'a> {
    /// In capitals.
    pub method: &'a str,
    /// The path's template.
    pub path: &'a str,
    item: &'a Value,
    value: &'a Value,
}

impl Document {
    /// Whether it is one.
    pub(super) fn of(value: Value) -> Option<Self> {
        let version = value.get("openapi")?.as_str()?;
        (version.starts_with("3.") && value.get("paths")?.is_object()).then_some(Self(value))
    }

    pub(super) fn operations(&self) -> impl Iterator<Item = Operation<'_>> {
        let paths = self.0.get("paths").and_then(Value::as_object);
        paths.into_iter().flatten().flat_map(|(path, item)| operations_of(path, item)).take(OPERATIONS)
    }

    /// The operation whose template a path fits.
    pub(super) fn operation(&self, method: &str, template: &str) -> Option<Operation<'_>> {
        self.operations().find(|operation| operation.method == method && operation.path == template)
    }

    /// The template that fits a path, the one with most of its text written out first.
    pub(super) fn template(&self, path: &str) -> Option<&str> {
        let path = path.split('?').next().unwrap_or_default();
        let paths = self.0.get("paths")?.as_object()?.keys();
        paths.filter(|template| fits(template, path)).min_by_key(|template| template.matches('{').count()).map(String::as_str)
    }

    /// What a `$ref` leads to; the value itself where it is none.
    pub(super) fn follow<'a>(&'a self, mut value: &'a Value) -> &'a Value {
        for _ in 0..DEPTH {
            let target = value.get("$ref").and_then(Value::as_str).and_then(|name| name.strip_prefix('#'));
            match target.and_then(|pointer| self.0.pointer(pointer)) {
                Some(found) => value = found,
                None => break,
            }
        }
        value
    }

    /// The JSON schema of an operation's answer.
    pub(super) fn answer_schema<'a>(&'a self, operation: Operation<'a>, status: &str) -> Option<&'a Value> {
        let answer = self.follow(operation.value.get("responses")?.get(status)?);
        answer.get("content")?.get("application/json")?.get("schema")
    }

    /// Whether it says that an operation answers so with something else than JSON: a file, a stream.
    pub(super) fn is_other_media(&self, method: &str, template: &str, status: u16) -> bool {
        let answers = self.operation(method, template).and_then(|operation| operation.value.get("responses"));
        let content = answers.and_then(|answers| self.follow(answers.get(status.to_string())?).get("content"));
        content.and_then(Value::as_object).is_some_and(|media| !media.is_empty() && !media.contains_key("application/json"))
    }

    /// The JSON schema of an operation's body.
    pub(super) fn body_schema<'a>(&'a self, operation: Operation<'a>) -> Option<&'a Value> {
        let body = self.follow(operation.value.get("requestBody")?);
        Some(self.follow(body.get("content")?.get("application/json")?.get("schema")?))
    }

    /// The fields that a body must have.
    pub(super) fn required(&self, schema: &Value) -> Vec<String> {
        let names = self.follow(schema).get("required").and_then(Value::as_array);
        names.into_iter().flatten().filter_map(|name| name.as_str().map(str::to_owned)).collect()
    }

    /// The parameters of an operation and of its path.
    pub(super) fn parameters<'a>(&'a self, operation: Operation<'a>) -> impl Iterator<Item = Named<'a>> {
        let lists = [operation.value, operation.item].map(|place| place.get("parameters").and_then(Value::as_array));
        lists.into_iter().flatten().flatten().filter_map(|value| Named::of(self, self.follow(value)))
    }
}

/// A parameter.
#[derive(Clone, Copy, Debug)]
pub(super) struct Named<'a> {
    pub name: &'a str,
    /// `path` or `query`, or another.
    pub place: &'a str,
    pub required: bool,
    pub is_integer: bool,
}

impl<'a> Named<'a> {
    fn of(document: &'a Document, value: &'a Value) -> Option<Self> {
        let schema = value.get("schema").map(|schema| document.follow(schema));
        Some(Self {
            name: value.get("name")?.as_str()?,
            place: value.get("in")?.as_str()?,
            required: value.get("required").and_then(Value::as_bool).unwrap_or(false),
            is_integer: schema.and_then(|schema| schema.get("type")).is_some_and(|kind| kind == "integer"),
        })
    }
}

impl<'a> Operation<'a> {
    /// The statuses that it documents.
    pub(super) fn statuses(self) -> impl Iterator<Item = &'a str> {
        self.value.get("responses").and_then(Value::as_object).into_iter().flatten().map(|(status, _)| status.as_str())
    }

    /// `GET /clientes/{id}`.
    pub(super) fn name(self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

fn operations_of<'a>(path: &'a str, item: &'a Value) -> impl Iterator<Item = Operation<'a>> {
    const NAMES: [&str; 8] = ["GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE"];
    VERBS.iter().zip(NAMES).filter_map(move |(verb, method)| Some(Operation { method, path, item, value: item.get(verb)? }))
}

/// Whether a path is one of a template: as many parts, and those that are written out the same.
fn fits(template: &str, path: &str) -> bool {
    let (mut template, mut path) = (template.split('/'), path.split('/'));
    loop {
        match (template.next(), path.next()) {
            (None, None) => return true,
            (Some(part), Some(given)) if part == given || (part.contains('{') && !given.is_empty()) => {}
            _ => return false,
        }
    }
}
