//! The answers of an operation: the envelope, for success and for each status of failure.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use http::StatusCode;
use standards_core::{ApiResponse, ErrorEntry, Language};
use utoipa::openapi::example::ExampleBuilder;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::response::ResponseBuilder;
use utoipa::openapi::schema::{AdditionalProperties, ArrayBuilder, SchemaType, Type};
use utoipa::openapi::{Content, ContentBuilder, Header, ObjectBuilder, RefOr, Response, Responses, Schema};

use super::schemas::null;

const JSON: &str = "application/json";

/// The success with `data`, and one answer per status of `entries`.
pub(super) fn responses(data: RefOr<Schema>, entries: &[ErrorEntry]) -> Responses {
    let mut by_status: BTreeMap<u16, Vec<ErrorEntry>> = BTreeMap::new();
    for entry in entries {
        let same_status = by_status.entry(entry.status.as_u16()).or_default();
        if same_status.iter().all(|other| other.code != entry.code) {
            same_status.push(*entry);
        }
    }
    let mut responses = Responses::new();
    responses.responses.insert("200".to_owned(), success(data).into());
    responses.responses.extend(by_status.iter().map(|(status, entries)| (status.to_string(), failure(*status, entries).into())));
    responses
}

fn success(data: RefOr<Schema>) -> Response {
    let no_errors = ArrayBuilder::new().items(error_item(&[])).max_items(Some(0));
    let schema = envelope(true, data, no_errors);
    ResponseBuilder::new()
        .description("Success")
        .content(JSON, Content::new(Some(schema)))
        .header("X-Correlation-ID", correlation_id())
        .build()
}

fn failure(status: u16, entries: &[ErrorEntry]) -> Response {
    let errors = ArrayBuilder::new().items(error_item(entries)).min_items(Some(1));
    let examples = entries.iter().map(|entry| (entry.code, example(entry)));
    let schema = envelope(false, null().into(), errors);
    let content = ContentBuilder::new().schema(Some(schema)).examples_from_iter(examples).build();
    let response = ResponseBuilder::new()
        .description(description(status, entries))
        .content(JSON, content)
        .header("X-Correlation-ID", correlation_id());
    match status_header(status) {
        Some((name, header)) => response.header(name, header).build(),
        None => response.build(),
    }
}

/// `{success, data, errors}`, all three and nothing else.
fn envelope(success: bool, data: RefOr<Schema>, errors: ArrayBuilder) -> Schema {
    let succeeded = ObjectBuilder::new().schema_type(Type::Boolean).enum_values(Some([success]));
    ObjectBuilder::new()
        .property("success", succeeded)
        .property("data", data)
        .property("errors", errors)
        .required("success")
        .required("data")
        .required("errors")
        .additional_properties(Some(AdditionalProperties::FreeForm(false)))
        .build()
        .into()
}

/// `{code, message}`, with the codes that there can be.
fn error_item(entries: &[ErrorEntry]) -> ObjectBuilder {
    let codes = Some(entries.iter().map(|entry| entry.code)).filter(|codes| codes.len() > 0);
    let code = ObjectBuilder::new().schema_type(Type::String).enum_values(codes);
    ObjectBuilder::new()
        .property("code", code)
        .property("message", ObjectBuilder::new().schema_type(Type::String))
        .required("code")
        .required("message")
        .additional_properties(Some(AdditionalProperties::FreeForm(false)))
}

fn example(entry: &ErrorEntry) -> RefOr<utoipa::openapi::example::Example> {
    let body = ApiResponse::single_error(entry.code, entry.message.in_language(Language::Es));
    ExampleBuilder::new().summary(entry.code).value(serde_json::to_value(body).ok()).build().into()
}

/// The status in words, and each code with its meaning.
fn description(status: u16, entries: &[ErrorEntry]) -> String {
    let reason = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    let mut text = reason.unwrap_or("Error").to_owned();
    for ErrorEntry { code, description, message, .. } in entries {
        let meaning = if description.is_empty() { message.en } else { description };
        // Writing to a string does not fail.
        let _ = write!(text, "\n\n`{code}`: {meaning}");
    }
    text
}

fn correlation_id() -> Header {
    let pattern = ObjectBuilder::new().schema_type(Type::String).pattern(Some("^[A-Za-z0-9._:-]{1,128}$"));
    HeaderBuilder::new().schema(Some(pattern)).description(Some("The id of the request, in every log record of it")).build()
}

/// The header that the status always comes with.
fn status_header(status: u16) -> Option<(&'static str, Header)> {
    let header = |schema_type: Type, description| {
        let schema = ObjectBuilder::new().schema_type(SchemaType::new(schema_type));
        HeaderBuilder::new().schema(Some(schema)).description(Some(description)).build()
    };
    match status {
        401 => Some(("WWW-Authenticate", header(Type::String, "`Bearer`"))),
        405 => Some(("Allow", header(Type::String, "The verbs of the route"))),
        409 | 429 | 503 => Some(("Retry-After", header(Type::Integer, "Seconds to wait before the next attempt"))),
        _ => None,
    }
}
