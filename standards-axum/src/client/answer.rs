//! The envelope that another service answered, back into a result.

use bytes::Bytes;
use http::{Method, Response, StatusCode};
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::value::RawValue;
use standards_core::catalogue::STANDARD_ENTRIES;
use standards_core::{ErrorItem, Failure};

use super::retry_after::retry_after;
use super::upstream_error::{Reason, UpstreamError};
use crate::answer::JSON;
use crate::layers::{errors_of_envelope, excerpt, media_type};

/// The data of a success, which must be a `T`; else why there are none.
pub(super) fn data_of<T: DeserializeOwned>(
    upstream: &'static str,
    method: &Method,
    answer: &Response<Bytes>,
) -> Result<T, Failure> {
    let error = |reason| UpstreamError::new(upstream, reason).with_status(answer.status());
    let is_success = answer.status().is_success();
    let data = if has_no_body(method, answer.status()) {
        if is_success { Ok("null") } else { Err(error(Reason::Failed)) }
    } else if is_success {
        data_in(answer).ok_or_else(|| error(Reason::NoEnvelope).with_excerpt(shown(answer)))
    } else {
        Err(refusal(error, answer))
    };
    let read =
        data.and_then(|data| serde_json::from_str(data).map_err(|wrong| error(Reason::OtherData).with_source(place(&wrong))));
    read.map_err(|error| error.with_retry_after(retry_after(answer.headers())).into_failure())
}

/// Whether an answer to this verb, of this status, has none by its nature (RFC 9110, sections 9.3.2, 15.3.5 and 15.3.6).
fn has_no_body(method: &Method, status: StatusCode) -> bool {
    *method == Method::HEAD || matches!(status, StatusCode::NO_CONTENT | StatusCode::RESET_CONTENT)
}

/// The envelope of a success. serde would take an array for it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Success<'a> {
    success: bool,
    #[serde(borrow)]
    data: &'a RawValue,
    errors: Vec<IgnoredAny>,
}

/// The text of `data`, where the body is the envelope of a success and nothing else.
fn data_in(answer: &Response<Bytes>) -> Option<&str> {
    let body = answer.body().trim_ascii_start();
    if !is_json(answer) || !body.starts_with(b"{") {
        return None;
    }
    let Success { success, data, errors } = serde_json::from_slice(body).ok()?;
    (success && errors.is_empty()).then(|| data.get())
}

/// What an answer of 400 or more says.
fn refusal(error: impl Fn(Reason) -> UpstreamError, answer: &Response<Bytes>) -> UpstreamError {
    let errors = if is_json(answer) { errors_of_envelope(answer.body()) } else { None };
    match errors {
        Some(errors) => error(reason_of(answer.status(), &errors)).with_errors(errors),
        None if answer.status().is_server_error() => error(Reason::Failed).with_excerpt(shown(answer)),
        None => error(Reason::NoEnvelope).with_excerpt(shown(answer)),
    }
}

fn reason_of(status: StatusCode, errors: &[ErrorItem]) -> Reason {
    let is_of_the_standard = |error: &ErrorItem| STANDARD_ENTRIES.iter().any(|entry| entry.code == error.code);
    let is_own = !errors.first().is_some_and(is_of_the_standard);
    match status.as_u16() {
        // They speak of this service: of its token, or of how much it asks.
        401 | 407 | 408 | 425 | 429 | 500.. => Reason::Failed,
        403 if !is_own => Reason::Failed,
        _ if is_own => Reason::Refused,
        _ => Reason::Misused,
    }
}

fn is_json(answer: &Response<Bytes>) -> bool {
    media_type(answer.headers()).eq_ignore_ascii_case(JSON)
}

/// The beginning of what was answered in the place of an envelope; not of JSON that may be somebody's data.
fn shown(answer: &Response<Bytes>) -> Option<String> {
    if is_json(answer) && answer.status().is_success() { None } else { excerpt(answer.body(), true) }
}

/// Where the data are wrong. serde's own words may repeat them.
fn place(error: &serde_json::Error) -> String {
    format!("{:?} at line {} column {} of data", error.classify(), error.line(), error.column())
}
