//! One failed operation: what the client may read, and what only the log may know.

#[cfg(any(feature = "sqlx-postgres", feature = "sqlx-sqlite"))]
mod database;
mod fatal;
mod field;
mod logged;
mod place;
mod result;
mod retry;
mod unforeseen;

use std::any::Any;
use std::error::Error;
use std::fmt;
use std::panic::Location;
use std::sync::Arc;
use std::time::Duration;

use crate::catalogue::{DomainError, ErrorEntry, ErrorStatus, INTERNAL_ERROR, SERVICE_UNAVAILABLE, VALIDATION_ERROR, http_error};
use crate::error_chain::{chain_of, panic_text, telling_type_of};
use crate::language::Language;
use crate::level::LogLevel;
use crate::response::{ApiResponse, ErrorItem};
use crate::value::Value;
use place::Place;

pub use fatal::Fatal;
pub use field::FieldError;
pub use result::OrFailure;

/// This file: where a function of it that is called by its pointer is said to be called.
const DEFINED_IN: &str = file!();

/// A private cause as it is given: anything that can say what went wrong, for the log alone.
pub type Cause = Box<dyn Error + Send + Sync>;

/// A failure on its way to the client.
///
/// The catalogue row and the public messages are one thing, the private cause another: no path leads from the text of a
/// [`source`](Self::cause) into an [`ErrorItem`]. Any [`DomainError`] converts with `?`, and so does every error type that a
/// service gives a `From<..> for Failure`. Clones share cause and place, so one failure can answer all whom it concerns.
///
/// Its place, the first line of the record's `traceback`, is the line that made it: the one with the `?`, with
/// [`or_unavailable`](OrFailure::or_unavailable) or with the call of one of the functions below.
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
///     // With this the failure's place is the line of the `?` that converts; without it, the line below.
///     #[track_caller]
///     fn from(error: QueueError) -> Self {
///         Self::unavailable(error.0).with_error_type("QueueError")
///     }
/// }
/// ```
#[derive(Clone)]
pub struct Failure(Arc<Details>);

#[derive(Clone)]
struct Details {
    entry: ErrorEntry,
    messages: Messages,
    error_type: &'static str,
    level: LogLevel,
    is_logged: bool,
    retry_after: Option<Duration>,
    context: Vec<(&'static str, Value)>,
    cause: Option<Arc<dyn Error + Send + Sync>>,
    place: Place,
}

/// The public sentences.
#[derive(Clone)]
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
    ///
    /// The record's `error.type` is the type of the cause; the code where that tells nothing, as of a text or a `Box<dyn Error>`.
    ///
    /// ```
    /// use standards_core::Failure;
    ///
    /// let failure = Failure::internal(std::io::Error::other("disk full"));
    /// assert_eq!((failure.entry().code, failure.error_type()), ("INTERNAL_ERROR", "std::io::error::Error"));
    /// assert_eq!(Failure::internal("no such shard").error_type(), "INTERNAL_ERROR");
    /// ```
    #[track_caller]
    pub fn internal<E: Into<Cause>>(cause: E) -> Self {
        Self::caused(INTERNAL_ERROR, cause)
    }

    /// A dependency that does not answer, overload, or a deadline that passed: 503 `SERVICE_UNAVAILABLE`, `cause` for the log.
    ///
    /// The record's `error.type` is that of [`internal`](Self::internal).
    ///
    /// ```
    /// use standards_core::{Failure, Language};
    ///
    /// let failure = Failure::unavailable("connection refused");
    /// assert_eq!(failure.body(Language::En).errors()[0].message, "Service unavailable, try again later");
    /// assert_eq!(failure.cause_chain(), "connection refused");
    /// ```
    #[track_caller]
    pub fn unavailable<E: Into<Cause>>(cause: E) -> Self {
        Self::caused(SERVICE_UNAVAILABLE, cause)
    }

    #[track_caller]
    fn caused<E: Into<Cause>>(entry: ErrorEntry, cause: E) -> Self {
        Self::of_entry(entry).with_error_type(telling_type_of::<E>().unwrap_or_default()).with_cause(cause)
    }

    /// What a panic leaves behind, caught by `catch_unwind` or a task's join error: 500 `INTERNAL_ERROR`, its text for the log.
    ///
    /// Where the panic happened is known only to [`catch_panic`](crate::catch_panic); here the place is that of the call.
    ///
    /// ```
    /// use standards_core::Failure;
    ///
    /// let payload = std::panic::catch_unwind(|| panic!("balance lost")).unwrap_err();
    /// let failure = Failure::panic(payload.as_ref());
    /// assert_eq!((failure.error_type(), failure.cause_chain().as_str()), ("panic", "balance lost"));
    /// ```
    #[track_caller]
    #[must_use]
    pub fn panic(payload: &(dyn Any + Send)) -> Self {
        Self::of_entry(INTERNAL_ERROR).with_error_type("panic").with_cause(panic_text(payload))
    }

    /// A refusal by the protocol: the row of [`http_error`].
    ///
    /// ```
    /// use standards_core::{ErrorStatus, Failure};
    ///
    /// let failure = Failure::http(ErrorStatus::NOT_FOUND);
    /// assert_eq!((failure.entry().code, failure.message().as_str()), ("HTTP_ERROR", "Recurso no encontrado"));
    /// ```
    #[track_caller]
    #[must_use]
    pub fn http(status: ErrorStatus) -> Self {
        Self::of_entry(http_error(status))
    }

    /// 422 `VALIDATION_ERROR`, one item per field.
    ///
    /// ```
    /// use standards_core::{Failure, FieldError, Language};
    ///
    /// let fields = vec![
    ///     FieldError::new("monto", "debe ser mayor que cero", "must be greater than zero"),
    ///     FieldError::new("moneda", "debe tener tres letras", "must have three letters"),
    /// ];
    /// let body = Failure::validation(fields).body(Language::En);
    /// let items: Vec<_> = body.errors().iter().map(|item| (item.code.as_str(), item.message.as_str())).collect();
    /// assert_eq!(items[0], ("VALIDATION_ERROR", "monto: must be greater than zero"));
    /// assert_eq!(items.len(), 2);
    /// ```
    #[track_caller]
    #[must_use]
    pub fn validation(fields: Vec<FieldError>) -> Self {
        Self::of_entry(VALIDATION_ERROR).with(|details| details.messages = Messages::Fields(fields))
    }

    /// A failure that says no more than its row does.
    ///
    /// ```
    /// use standards_core::{ErrorEntry, ErrorStatus, Failure, Text};
    ///
    /// const CERRADO: ErrorEntry = ErrorEntry::new("CERRADO", ErrorStatus::CONFLICT, Text::new("Cerrado", "Closed"), "After hours.");
    /// assert_eq!(Failure::of_entry(CERRADO).status().as_u16(), 409);
    /// ```
    #[track_caller]
    #[must_use]
    pub fn of_entry(entry: ErrorEntry) -> Self {
        Self(Arc::new(Details {
            entry,
            messages: Messages::Entry,
            error_type: "",
            level: entry.level,
            is_logged: false,
            retry_after: None,
            context: Vec::new(),
            cause: None,
            place: Place::of(Location::caller(), entry.status.is_server_error()),
        }))
    }

    /// Adds the private cause; only the log shows it.
    #[must_use]
    pub fn with_cause(self, cause: impl Into<Cause>) -> Self {
        let cause = cause.into().into();
        self.with(|details| details.cause = Some(cause))
    }

    /// Adds a value to the log record's `context`.
    ///
    /// Of two values with one name the first stays.
    ///
    /// ```
    /// use standards_core::Failure;
    ///
    /// let failure = Failure::unavailable("timeout").with_context("host", "db-2").with_context("attempts", 3);
    /// assert_eq!(failure.context(), [("host", "db-2".into()), ("attempts", 3.into())]);
    /// ```
    #[must_use]
    pub fn with_context(self, name: &'static str, value: impl Into<Value>) -> Self {
        let value = value.into();
        self.with(|details| details.context.push((name, value)))
    }

    /// Names what failed, in a short name that stays: the log record's `error.type`.
    ///
    /// ```
    /// let failure = standards_core::Failure::unavailable("no connection within 1 s").with_error_type("PoolTimedOut");
    /// assert_eq!(failure.error_type(), "PoolTimedOut");
    /// ```
    #[must_use]
    pub fn with_error_type(self, error_type: &'static str) -> Self {
        self.with(|details| details.error_type = error_type)
    }

    /// Takes this line for the failure's place, where its own is not known.
    ///
    /// A function value does not know who calls it: the place of a failure made by `.map_err(Failure::unavailable)` is unknown until a
    /// conversion that is `#[track_caller]` calls this. `standards-axum` does, so the `?` of a handler counts. Where no such conversion
    /// follows, [`OrFailure`] knows the line.
    ///
    /// ```
    /// use standards_core::Failure;
    ///
    /// struct Answer(Failure);
    ///
    /// impl From<Failure> for Answer {
    ///     #[track_caller]
    ///     fn from(failure: Failure) -> Self {
    ///         Self(failure.located())
    ///     }
    /// }
    ///
    /// fn port(text: &str) -> Result<u16, Answer> {
    ///     Ok(text.parse().map_err(Failure::internal)?) // This line, and none of the standard library.
    /// }
    ///
    /// let traceback = port("mil").err().unwrap().0.traceback();
    /// assert!(!traceback.starts_with("/rustc/"), "{traceback}");
    /// ```
    #[track_caller]
    #[must_use]
    pub fn located(self) -> Self {
        if self.0.place.is_known() {
            return self;
        }
        let caller = Location::caller();
        self.with(|details| details.place.set(caller))
    }

    /// A place better known than where the failure was made.
    pub(crate) fn with_traceback(self, traceback: String) -> Self {
        self.with(|details| details.place.tell(traceback))
    }

    /// The row's sentence as it was told before, in Spanish and English.
    #[cfg(any(feature = "sqlx-postgres", feature = "sqlx-sqlite"))]
    pub(crate) fn with_sentences(self, sentences: [String; 2]) -> Self {
        self.with(|details| details.messages = Messages::Filled(sentences))
    }

    /// Takes `line` for the place of a failure that a file of `folder` would be blamed for: it only met it.
    #[cfg(any(feature = "sqlx-postgres", feature = "sqlx-sqlite"))]
    pub(crate) fn met_in(self, folder: &str, line: &'static Location<'static>) -> Self {
        if self.0.place.is_in(folder) { self.with(|details| details.place.set(line)) } else { self }
    }

    fn with(mut self, change: impl FnOnce(&mut Details)) -> Self {
        change(Arc::make_mut(&mut self.0));
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
    ///
    /// ```
    /// use std::io::{Error, ErrorKind};
    ///
    /// let wrapped = Error::new(ErrorKind::Other, Error::new(ErrorKind::TimedOut, "no answer"));
    /// assert_eq!(standards_core::Failure::unavailable(wrapped).cause_chain(), "no answer");
    /// ```
    #[must_use]
    pub fn cause_chain(&self) -> String {
        self.cause().map(|cause| chain_of(&cause, cause.source())).unwrap_or_default()
    }

    /// Where the failure was made, and how the code came there where backtraces are enabled (`RUST_BACKTRACE`).
    ///
    /// ```
    /// let failure = standards_core::Failure::internal("x");
    /// assert!(failure.traceback().contains(".rs:"));
    /// ```
    #[must_use]
    pub fn traceback(&self) -> String {
        self.0.place.traceback(None)
    }

    /// The same; `logged_at` stands for a place that is not known.
    pub(crate) fn traceback_or(&self, logged_at: &Location<'_>) -> String {
        self.0.place.traceback(Some(logged_at))
    }
}

impl<E: DomainError> From<E> for Failure {
    #[track_caller]
    fn from(error: E) -> Self {
        Self::of_entry(error.entry()).with_error_type(std::any::type_name::<E>()).with(|details| {
            details.messages = Messages::Filled([error.message(Language::Es), error.message(Language::En)]);
            details.context = error.context();
            if error.source().is_some() {
                details.cause = Some(Arc::new(error));
            }
        })
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
            .field("place", &self.0.place.line())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
