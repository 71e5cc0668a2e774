//! The `error` block: type, message with its causes, traceback and code.

use std::backtrace::Backtrace;
use std::error::Error;
use std::panic::Location;

use super::draft::Draft;
use crate::error_chain::{chain_of, telling_type_of, traceback};
use crate::value::Value;
use crate::{Failure, Fatal};

/// What the log says of an error. Made by [`LogError::details`].
#[derive(Clone, Debug)]
pub struct ErrorDetails {
    pub(in crate::log) type_name: String,
    /// Without one, the record's own message stands.
    pub(in crate::log) message: Option<String>,
    pub(in crate::log) code: Option<&'static str>,
    pub(in crate::log) traceback: String,
    pub(in crate::log) context: Vec<(&'static str, Value)>,
}

/// What can stand as a record's error: a [`Failure`], a [`Fatal`], and everything that implements [`Error`], `dyn Error` included.
///
/// An `anyhow::Error` or a `Box<dyn Error>` is passed as `&*error`.
///
/// ```
/// use standards_core::log::{LogLevel, Record};
///
/// let error = "mil".parse::<u16>().unwrap_err();
/// Record::new(LogLevel::Error, "Puerto ilegible").error(&error).emit();
///
/// let boxed: Box<dyn std::error::Error> = error.into();
/// Record::new(LogLevel::Error, "Puerto ilegible").error(&*boxed).emit();
/// ```
pub trait LogError {
    /// What the log says of it; `location` is where it is logged, for errors that do not know where they were made.
    fn details(&self, location: &Location<'_>) -> ErrorDetails;
}

impl<E: Error + ?Sized> LogError for E {
    fn details(&self, location: &Location<'_>) -> ErrorDetails {
        ErrorDetails {
            type_name: telling_type_of::<E>().unwrap_or("Error").to_owned(),
            message: Some(chain_of(&self, self.source())),
            code: None,
            traceback: traceback(location, &Backtrace::capture()),
            context: Vec::new(),
        }
    }
}

impl LogError for Failure {
    fn details(&self, location: &Location<'_>) -> ErrorDetails {
        let causes = self.cause_chain();
        let mut message = self.message();
        if !causes.is_empty() && causes != message {
            message.push_str(": ");
            message.push_str(causes.strip_prefix(&message).unwrap_or(&causes));
        }
        ErrorDetails {
            type_name: self.error_type().to_owned(),
            message: Some(message),
            code: Some(self.entry().code),
            traceback: self.traceback_or(location),
            context: self.context().to_vec(),
        }
    }
}

impl LogError for Fatal {
    fn details(&self, _: &Location<'_>) -> ErrorDetails {
        ErrorDetails {
            type_name: self.error_type().to_owned(),
            message: Some(self.to_string()),
            code: None,
            traceback: self.traceback(),
            context: Vec::new(),
        }
    }
}

const MESSAGE_ROOM: usize = 2 * 1024;
const TRACEBACK_ROOM: usize = 2 * 1024 + 768;

impl ErrorDetails {
    pub(super) fn push_message(&self, out: &mut Vec<u8>, draft: &Draft<'_>) {
        match &self.message {
            Some(message) => draft.push_text(out, message, MESSAGE_ROOM),
            None => out.extend_from_slice(&draft.memory.message),
        }
    }

    pub(super) fn push_traceback(&self, out: &mut Vec<u8>, draft: &Draft<'_>) {
        draft.push_text(out, &self.traceback, TRACEBACK_ROOM);
    }

    /// An error of which no more is known than the place where it was logged.
    pub(in crate::log) fn of_place(type_name: &str, file: Option<&str>, line: Option<u32>) -> Self {
        let place = format!("{}:{}", file.unwrap_or(type_name), line.unwrap_or(0));
        Self { type_name: type_name.to_owned(), message: None, code: None, traceback: place, context: Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error_chain::tests::Layer;

    #[test]
    fn causes_are_told_once() {
        let error = Layer("no se pudo: red", Some(Box::new(Layer("red", Some(Box::new(Layer("cable", None)))))));
        let details = error.details(Location::caller());
        assert_eq!(details.message.as_deref(), Some("no se pudo: red: cable"));
        assert!(details.type_name.ends_with("::Layer"), "{}", details.type_name);
        let dynamic: &dyn Error = &error;
        assert_eq!(dynamic.details(Location::caller()).type_name, "Error");
    }

    #[test]
    fn a_failure_says_its_public_message_and_its_private_causes() {
        let details = Failure::internal(Layer("sql", None)).details(Location::caller());
        assert_eq!(details.message.as_deref(), Some("Error interno del servidor: sql"));
        assert_eq!(details.code, Some("INTERNAL_ERROR"));
        assert!(details.traceback.starts_with(file!()));
    }
}
