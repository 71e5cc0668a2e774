//! How a request ended, as its answer tells.

use std::borrow::Cow;

use http::{Extensions, Response};
use standards_core::log::LogLevel;
use standards_core::{ErrorStatus, Failure, context};

/// Marks an answer as made from a failure: its body is an envelope already, and the access record tells why it failed.
#[derive(Clone, Debug)]
pub(crate) struct FailureMark(pub(super) Failure);

/// What the access record says of an answer whose status is 400 or more.
pub(crate) struct Outcome<'r> {
    pub(crate) level: LogLevel,
    pub(crate) message: String,
    pub(crate) failure: Cow<'r, Failure>,
}

impl FailureMark {
    /// Whether the answer with these extensions has one.
    pub(crate) fn is_on(extensions: &Extensions) -> bool {
        extensions.get::<Self>().is_some()
    }
}

/// The code that a failed answer tells, or would if it were dressed; none of one that did not fail.
pub(crate) fn code_of<R>(response: &Response<R>) -> Option<&'static str> {
    let status = response.status().as_u16();
    let marked = response.extensions().get().map(|FailureMark(failure)| failure.entry().code);
    (status >= 400).then(|| marked.unwrap_or_else(|| foreign_failure(status).entry().code))
}

/// What is known of a failure that was not made here: its status, and which answer it was; no line of ours is to blame.
pub(crate) fn foreign_failure(status: u16) -> Failure {
    let known = ErrorStatus::try_from(status);
    let failure = Failure::http(known.unwrap_or(ErrorStatus::INTERNAL_SERVER_ERROR));
    let failure = if known.is_err() { failure.with_context("foreign_status", i64::from(status)) } else { failure };
    if failure.status().is_server_error() { failure.with_place(place_of("foreign answer")) } else { failure }
}

/// A place in words, where no line of ours is to blame: what it was, and of which request.
pub(crate) fn place_of(what: &str) -> String {
    context::with_current(|request| match request {
        Some(request) => {
            let route = request.route().unwrap_or_else(|| request.endpoint());
            format!("<{what} of {} {route}>", request.http_method())
        }
        None => format!("<{what}>"),
    })
}

impl<'r> Outcome<'r> {
    /// One of the standard's says why it failed, any other only that it did.
    pub(crate) fn of<R>(response: &'r Response<R>) -> Self {
        let failure = match response.extensions().get() {
            Some(FailureMark(failure)) => Cow::Borrowed(failure),
            None => Cow::Owned(foreign_failure(response.status().as_u16())),
        };
        Self { level: failure.level(), message: format!("{}: {}", kind(&failure), failure.message()), failure }
    }
}

/// Of which row of the catalogue it is: a row of a service's own was foreseen, whatever its status.
fn kind(failure: &Failure) -> &'static str {
    match failure.entry().code {
        "VALIDATION_ERROR" => "Error de validación",
        "HTTP_ERROR" => "Error HTTP",
        "SERVICE_UNAVAILABLE" => "Error de disponibilidad",
        "INTERNAL_ERROR" => "Error inesperado",
        _ => "Error de dominio",
    }
}
