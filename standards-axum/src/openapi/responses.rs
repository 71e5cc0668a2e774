//! The answers of an operation: the envelope, named once for each kind of data and once for all failures.
//!
//! Clients are generated from these names. So a failure's codes stand in the description and the examples of its status, and not in
//! a copy of the envelope for each: generators would name a type per operation and status.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use http::StatusCode;
use standards_core::{ApiResponse, ErrorEntry, Language};
use utoipa::openapi::example::ExampleBuilder;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::response::ResponseBuilder;
use utoipa::openapi::schema::{AdditionalProperties, ArrayBuilder, Type};
use utoipa::openapi::{Content, ContentBuilder, Header, ObjectBuilder, RefOr, Response, Responses, Schema};

use super::names::name_of;
use super::output::{Success, SuccessBody};
use super::schemas::{Schemas, null};
use crate::headers::{Form, TOLD, Told};

const JSON: &str = "application/json";

/// The success with `data`, and one answer per status of `entries`; their envelopes are kept among `schemas`.
pub(super) fn responses(data: RefOr<Schema>, success: Success, entries: &[ErrorEntry], schemas: &mut Schemas) -> Responses {
    let mut by_status: BTreeMap<u16, Vec<ErrorEntry>> = BTreeMap::new();
    for entry in entries {
        let same_status = by_status.entry(entry.status.as_u16()).or_default();
        if same_status.iter().all(|other| other.code != entry.code) {
            same_status.push(*entry);
        }
    }
    let mut responses = Responses::new();
    responses.responses.insert(success.status.to_string(), succeeded(success, data, schemas).into());
    let failures = by_status.iter().map(|(status, entries)| (status.to_string(), failure(*status, entries, schemas).into()));
    responses.responses.extend(failures);
    responses
}

/// Says at the 413, where there is one, how large a body may be.
pub(super) fn with_body_limit(mut responses: Responses, limit: Option<usize>) -> Responses {
    if let (Some(limit), Some(RefOr::T(refused))) = (limit, responses.responses.get_mut("413")) {
        // Writing to a string does not fail.
        let _ = write!(refused.description, "\n\nAt most {limit} bytes.");
    }
    responses
}

/// Says at the success which headers it can have beside those of its status.
pub(super) fn with_answer_headers(mut responses: Responses, success: Success, headers: Vec<(String, Header)>) -> Responses {
    if let Some(RefOr::T(succeeded)) = responses.responses.get_mut(&success.status.to_string()) {
        succeeded.headers.extend(headers.into_iter().map(|(name, header)| (name, header.into())));
    }
    responses
}

fn succeeded(Success { status, body }: Success, data: RefOr<Schema>, schemas: &mut Schemas) -> Response {
    let response =
        ResponseBuilder::new().description(if status == 200 { "Success".to_owned() } else { description(status, &[]) });
    let response = match body {
        SuccessBody::Envelope => response.content(JSON, Content::new(Some(around(data, schemas)))),
        SuccessBody::Media(name) => response.content(name, Content::new(Some(data))),
        SuccessBody::Nothing => response,
    };
    with_status_headers(status, response)
}

/// The envelope of a success, kept under the name of its data.
fn around(data: RefOr<Schema>, schemas: &mut Schemas) -> RefOr<Schema> {
    let name = name_of(&data).map(|name| format!("ApiResponse_{name}"));
    let errors = ArrayBuilder::new().items(error_item(schemas)).max_items(Some(0));
    let schema = envelope(true, data, errors).into();
    match name {
        Some(name) => schemas.keep(name, schema),
        None => schema,
    }
}

fn failure(status: u16, entries: &[ErrorEntry], schemas: &mut Schemas) -> Response {
    let errors = ArrayBuilder::new().items(error_item(schemas)).min_items(Some(1));
    let schema = schemas.keep("ApiError".to_owned(), envelope(false, null().into(), errors).into());
    let examples = entries.iter().map(|entry| (entry.code, example(entry)));
    let content = ContentBuilder::new().schema(Some(schema)).examples_from_iter(examples).build();
    let response = ResponseBuilder::new().description(description(status, entries)).content(JSON, content);
    with_status_headers(status, response)
}

fn with_status_headers(status: u16, response: ResponseBuilder) -> Response {
    match status_header(status) {
        Some((name, header)) => with_headers(status, response.header(name, header)).build(),
        None => with_headers(status, response).build(),
    }
}

/// The headers that the status always comes with in this standard.
fn with_headers(status: u16, response: ResponseBuilder) -> ResponseBuilder {
    let told = TOLD.iter().filter(|told| (told.comes_with)(status));
    told.fold(response, |response, Told { name, meaning, form, .. }| {
        let schema = match form {
            Form::Text(pattern) => ObjectBuilder::new().schema_type(Type::String).pattern(Some(*pattern)),
            Form::Number => ObjectBuilder::new().schema_type(Type::Integer),
        };
        response.header(*name, HeaderBuilder::new().schema(Some(schema)).description(Some(*meaning)).build())
    })
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

/// `{code, message}`.
fn error_item(schemas: &mut Schemas) -> RefOr<Schema> {
    let item = ObjectBuilder::new()
        .property("code", ObjectBuilder::new().schema_type(Type::String))
        .property("message", ObjectBuilder::new().schema_type(Type::String))
        .required("code")
        .required("message")
        .additional_properties(Some(AdditionalProperties::FreeForm(false)));
    schemas.keep("ErrorItem".to_owned(), Schema::from(item.build()).into())
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

/// The header that HTTP demands, or expects, with the status.
fn status_header(status: u16) -> Option<(&'static str, Header)> {
    let (name, description) = match status {
        201 => ("Location", "Where it is, relative to the request"),
        202 => ("Location", "Where to ask for the outcome, relative to the request"),
        401 => ("WWW-Authenticate", "`Bearer`"),
        405 => ("Allow", "The verbs of the route"),
        _ => return None,
    };
    let schema = ObjectBuilder::new().schema_type(Type::String);
    Some((name, HeaderBuilder::new().schema(Some(schema)).description(Some(description)).build()))
}
