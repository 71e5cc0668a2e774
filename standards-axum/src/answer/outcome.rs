//! How a request ended, as its answer tells.

use std::borrow::Cow;

use http::{Extensions, Response};
use standards_core::Failure;
use standards_core::log::LogLevel;

/// Marks an answer as made from a failure: its body is an envelope already, and the access record tells why it failed.
#[derive(Clone, Debug)]
pub(crate) struct FailureMark(pub(super) Failure);

/// What the access record says of an answer.
pub(crate) struct Outcome<'r> {
    pub(crate) level: LogLevel,
    pub(crate) message: Cow<'static, str>,
    pub(crate) failure: Option<&'r Failure>,
}

impl FailureMark {
    /// Whether the answer with these extensions has one.
    pub(crate) fn is_on(extensions: &Extensions) -> bool {
        extensions.get::<Self>().is_some()
    }
}

impl<'r> Outcome<'r> {
    /// That of any answer: one of the standard's says why it failed, any other only that it did.
    pub(crate) fn of<R>(response: &'r Response<R>) -> Self {
        match response.extensions().get() {
            Some(FailureMark(failure)) => {
                let message = format!("{}: {}", kind(failure), failure.message()).into();
                Self { level: failure.level(), message, failure: Some(failure) }
            }
            None => {
                let level = LogLevel::of_status(response.status().as_u16());
                Self { level, message: "Solicitud atendida".into(), failure: None }
            }
        }
    }
}

fn kind(failure: &Failure) -> &'static str {
    match (failure.entry().code, failure.status().as_u16()) {
        ("VALIDATION_ERROR", _) => "Error de validación",
        ("HTTP_ERROR", _) => "Error HTTP",
        (_, 500..) => "Error inesperado",
        _ => "Error de dominio",
    }
}
