//! One failed operation: what the client may read, and what only the log may know.

mod field;
mod unforeseen;

use std::any::Any;
use std::backtrace::Backtrace;
use std::error::Error;
use std::fmt;
use std::panic::Location;

use crate::catalogue::{DomainError, ErrorEntry, ErrorStatus, INTERNAL_ERROR, SERVICE_UNAVAILABLE, VALIDATION_ERROR, http_error};
use crate::error_chain::{chain_of, panic_text, traceback};
use crate::language::Language;
use crate::response::{ApiResponse, ErrorItem};
use crate::value::Value;

pub use field::FieldError;

/// A private cause: anything that can say what went wrong, for the log alone.
pub type Cause = Box<dyn Error + Send + Sync>;

/// A failure on its way to the client.
///
/// The catalogue row and the public messages are one thing, the private cause another: no path leads from the text of a
/// [`source`](Self::cause) into an [`ErrorItem`]. Any [`DomainError`] converts with `?`, and so does every error type that a
/// service gives a `From<..> for Failure`.
///
/// ```
/// use standards_core::{Failure, Language};
///
/// let failure = Failure::internal(std::io::Error::other("password=hunter2"));
/// assert_eq!(failure.status().as_u16(), 500);
/// assert_eq!(failure.body(Language::Es).errors()[0].message, "Error interno del servidor");
/// assert_eq!(failure.cause().unwrap().to_string(), "password=hunter2");
/// ```
///
/// # Example: an error type of a service
///
/// ```
/// use standards_core::Failure;
///
/// struct QueueError(std::io::Error);
///
/// impl From<QueueError> for Failure {
///     fn from(error: QueueError) -> Self {
///         Self::unavailable(error.0)
///     }
/// }
/// ```
pub struct Failure(Box<Details>);

struct Details {
    entry: ErrorEntry,
    messages: Messages,
    error_type: &'static str,
    context: Vec<(&'static str, Value)>,
    cause: Option<Cause>,
    location: &'static Location<'static>,
    backtrace: Backtrace,
    traceback: Option<String>,
}

/// The public sentences.
enum Messages {
    /// The row's own sentence.
    Entry,
    /// The row's sentence with values, in Spanish and English.
    Filled([String; 2]),
    /// One sentence per bad field, in Spanish and English.
    Fields(Vec<FieldError>),
}

impl Failure {
    /// Something unexpected: 500 `INTERNAL_ERROR`, `cause` for the log.
    #[track_caller]
    pub fn internal<E: Into<Cause>>(cause: E) -> Self {
        Self::of_entry(INTERNAL_ERROR).with_type(std::any::type_name::<E>()).with_cause(cause)
    }

    /// A dependency that does not answer, overload, or a deadline that passed: 503 `SERVICE_UNAVAILABLE`, `cause` for the log.
    #[track_caller]
    pub fn unavailable<E: Into<Cause>>(cause: E) -> Self {
        Self::of_entry(SERVICE_UNAVAILABLE).with_type(std::any::type_name::<E>()).with_cause(cause)
    }

    /// What a panic leaves behind, caught by `catch_unwind` or a task's join error: 500 `INTERNAL_ERROR`, its text for the log.
    #[track_caller]
    #[must_use]
    pub fn panic(payload: &(dyn Any + Send)) -> Self {
        let mut failure = Self::of_entry(INTERNAL_ERROR).with_cause(panic_text(payload));
        failure.0.error_type = "panic";
        failure
    }

    /// A refusal by the protocol: the row of [`http_error`].
    #[track_caller]
    #[must_use]
    pub fn http(status: ErrorStatus) -> Self {
        Self::of_entry(http_error(status))
    }

    /// 422 `VALIDATION_ERROR`, one item per field.
    #[track_caller]
    #[must_use]
    pub fn validation(fields: Vec<FieldError>) -> Self {
        let mut failure = Self::of_entry(VALIDATION_ERROR);
        failure.0.messages = Messages::Fields(fields);
        failure
    }

    /// A failure that says no more than its row does.
    #[track_caller]
    #[must_use]
    pub fn of_entry(entry: ErrorEntry) -> Self {
        Self(Box::new(Details {
            entry,
            messages: Messages::Entry,
            error_type: "",
            context: Vec::new(),
            cause: None,
            location: Location::caller(),
            backtrace: if entry.status.is_server_error() { Backtrace::capture() } else { Backtrace::disabled() },
            traceback: None,
        }))
    }

    /// Adds the private cause; only the log shows it.
    #[must_use]
    pub fn with_cause(mut self, cause: impl Into<Cause>) -> Self {
        self.0.cause = Some(cause.into());
        self
    }

    /// Adds a value to the log record's `context`.
    #[must_use]
    pub fn with_context(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.0.context.push((name, value.into()));
        self
    }

    fn with_type(mut self, error_type: &'static str) -> Self {
        self.0.error_type = error_type;
        self
    }

    /// A place better known than where the failure was made.
    pub(crate) fn with_traceback(mut self, traceback: String) -> Self {
        self.0.traceback = Some(traceback);
        self
    }

    /// The catalogue row.
    #[must_use]
    pub fn entry(&self) -> ErrorEntry {
        self.0.entry
    }

    /// The status of the answer.
    #[must_use]
    pub fn status(&self) -> ErrorStatus {
        self.0.entry.status
    }

    /// The answer's body in `language`.
    #[must_use]
    pub fn body(&self, language: Language) -> ApiResponse<()> {
        let index = language as usize;
        let item = |message: &str| ErrorItem::new(self.0.entry.code, message);
        let items = match &self.0.messages {
            Messages::Entry => vec![item(self.0.entry.message.in_language(language))],
            Messages::Filled(texts) => texts.get(index).map(|text| item(text)).into_iter().collect(),
            Messages::Fields(fields) => fields.iter().map(|field| item(&field.sentence(language))).collect(),
        };
        ApiResponse::errors_from(items)
    }

    /// The public sentence in Spanish, as the log shows it; several fields are joined by `; `.
    #[must_use]
    pub fn message(&self) -> String {
        let sentences: Vec<_> = self.body(Language::Es).errors().iter().map(|item| item.message.clone()).collect();
        sentences.join("; ")
    }

    /// The Rust type of the error, as the log record's `error.type`; the code's row where no type is known.
    #[must_use]
    pub fn error_type(&self) -> &'static str {
        if self.0.error_type.is_empty() { self.0.entry.code } else { self.0.error_type }
    }

    /// Values for the log record's `context`.
    #[must_use]
    pub fn context(&self) -> &[(&'static str, Value)] {
        &self.0.context
    }

    /// The private cause.
    #[must_use]
    pub fn cause(&self) -> Option<&(dyn Error + Send + Sync + 'static)> {
        self.0.cause.as_deref()
    }

    /// The private cause and its own causes, joined by `: `; empty without one. At most sixteen are followed, and those that
    /// repeat their parent are skipped.
    #[must_use]
    pub fn cause_chain(&self) -> String {
        self.cause().map(|cause| chain_of(&cause, cause.source())).unwrap_or_default()
    }

    /// Where the failure was made, and how the code came there where backtraces are enabled (`RUST_BACKTRACE`).
    #[must_use]
    pub fn traceback(&self) -> String {
        if let Some(traceback) = &self.0.traceback {
            return traceback.clone();
        }
        traceback(self.0.location, &self.0.backtrace)
    }
}

impl<E: DomainError> From<E> for Failure {
    #[track_caller]
    fn from(error: E) -> Self {
        let mut failure = Self::of_entry(error.entry()).with_type(std::any::type_name::<E>());
        failure.0.messages = Messages::Filled([error.message(Language::Es), error.message(Language::En)]);
        failure.0.context = error.context();
        if error.source().is_some() {
            failure.0.cause = Some(Box::new(error));
        }
        failure
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0.entry.code, self.message())
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Failure")
            .field("entry", &self.0.entry)
            .field("message", &self.message())
            .field("cause", &self.0.cause)
            .field("location", &self.0.location)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error_catalogue;

    error_catalogue! {
        enum Refusal {
            Small { saldo: i64 } => 400, "SALDO", "Saldo {saldo}", en "Balance {saldo}";
        }
    }

    fn fails() -> Result<(), Failure> {
        Err(Refusal::Small { saldo: 3 })?;
        Ok(())
    }

    #[test]
    fn the_question_mark_turns_a_domain_error_into_a_failure_and_keeps_its_place() {
        let failure = fails().unwrap_err();
        assert_eq!(failure.body(Language::En).errors(), [ErrorItem::new("SALDO", "Balance 3")]);
        assert_eq!(failure.context(), [("saldo", Value::from(3))]);
        assert!(failure.traceback().starts_with(file!()), "{}", failure.traceback());
    }

    #[test]
    fn a_cause_never_reaches_the_body() {
        let cause = std::io::Error::new(std::io::ErrorKind::TimedOut, "select secreto from tabla");
        let failure = Failure::unavailable(cause);
        assert!(!serde_json::to_string(&failure.body(Language::Es)).unwrap().contains("secreto"));
        assert_eq!(failure.cause_chain(), "select secreto from tabla");
        assert_eq!(failure.error_type(), "std::io::error::Error");
    }

    #[derive(Debug)]
    struct Endless;

    impl fmt::Display for Endless {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("otra vez")
        }
    }

    impl Error for Endless {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            Some(&Self)
        }
    }

    #[test]
    fn regression_an_endless_chain_of_causes_ends() {
        assert_eq!(Failure::internal(Endless).cause_chain(), "otra vez");
    }

    #[test]
    fn each_bad_field_is_one_item() {
        let fields = vec![FieldError::new("monto", "malo", "bad"), FieldError::new("", "ilegible", "unreadable")];
        let failure = Failure::validation(fields);
        let messages: Vec<_> = failure.body(Language::Es).errors().iter().map(|item| item.message.clone()).collect();
        assert_eq!(messages, ["monto: malo", "ilegible"]);
        assert_eq!(failure.message(), "monto: malo; ilegible");
    }
}
