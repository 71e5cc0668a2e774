//! What ends a process instead of a request.

use std::any::type_name;
use std::error::Error;
use std::fmt;
use std::panic::Location;

use super::Failure;
use super::place::Place;
use crate::error_chain::chain_of;

/// Why a process cannot do what it was started for: no client is told, only who runs it.
///
/// `?` makes one of any error and keeps its type and the line, for the one record that tells it (`error.type`, `error.traceback`).
/// `Display` is the error with its causes, each once.
///
/// ```
/// use standards_core::Fatal;
///
/// fn port(text: &str) -> Result<u16, Fatal> {
///     Ok(text.parse()?)
/// }
///
/// let fatal = port("mil").unwrap_err();
/// assert_eq!(fatal.to_string(), "invalid digit found in string");
/// assert_eq!(fatal.error_type(), "core::num::error::ParseIntError");
/// assert!(fatal.downcast_ref::<std::num::ParseIntError>().is_some());
/// ```
pub struct Fatal {
    error: Box<dyn Error + Send + Sync>,
    error_type: &'static str,
    place: Place,
}

impl Fatal {
    /// One that is told in words, or that is boxed already.
    ///
    /// ```
    /// use standards_core::Fatal;
    ///
    /// assert_eq!(Fatal::new("the ledger is empty").to_string(), "the ledger is empty");
    /// ```
    #[track_caller]
    #[must_use]
    pub fn new(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { error: error.into(), error_type: "Fatal", place: Place::of(Location::caller(), true) }
    }

    /// The error itself, if it is an `E`.
    #[must_use]
    pub fn downcast_ref<E: Error + 'static>(&self) -> Option<&E> {
        self.error.downcast_ref()
    }

    /// The Rust type of the error, as the log record's `error.type`.
    #[must_use]
    pub const fn error_type(&self) -> &'static str {
        self.error_type
    }

    /// Where it was made, and how the code came there where backtraces are enabled (`RUST_BACKTRACE`).
    #[must_use]
    pub fn traceback(&self) -> String {
        self.place.traceback(None)
    }
}

impl<E: Error + Send + Sync + 'static> From<E> for Fatal {
    #[track_caller]
    fn from(error: E) -> Self {
        Self { error: Box::new(error), error_type: type_name::<E>(), place: Place::of(Location::caller(), true) }
    }
}

/// What would have been told to a client is told to who runs the process, with the private cause.
impl From<Failure> for Fatal {
    #[track_caller]
    fn from(failure: Failure) -> Self {
        let failure = failure.located();
        let told = if failure.cause().is_some() { failure.cause_chain() } else { failure.message() };
        Self { error: told.into(), error_type: failure.error_type(), place: failure.0.place.clone() }
    }
}

impl From<Fatal> for Box<dyn Error + Send + Sync> {
    fn from(fatal: Fatal) -> Self {
        fatal.error
    }
}

impl fmt::Display for Fatal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&chain_of(&self.error, self.error.source()))
    }
}

/// As `Display`: it is what a `main` that returns one prints.
impl fmt::Debug for Fatal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error_chain::tests::Layer;

    #[test]
    fn a_cause_is_told_once() {
        let error = Layer("no database: refused", Some(Box::new(Layer("refused", Some(Box::new(Layer("os error 111", None)))))));
        assert_eq!(Fatal::from(error).to_string(), "no database: refused: os error 111");
        assert_eq!(Fatal::from(Layer("alone", None)).to_string(), "alone");
    }

    #[test]
    fn its_place_is_the_line_of_the_question_mark() {
        fn fail() -> Result<(), Fatal> {
            Err(Layer("x", None))?
        }
        let line = line!() - 2;
        assert!(fail().unwrap_err().traceback().contains(&format!("fatal.rs:{line}:")));
    }

    #[test]
    fn a_failure_keeps_its_cause_its_type_and_its_place() {
        let failure = Failure::unavailable(Layer("no database", Some(Box::new(Layer("refused", None)))));
        let (place, fatal) = (failure.traceback(), Fatal::from(failure));
        assert_eq!((fatal.to_string().as_str(), fatal.traceback()), ("no database: refused", place));
        assert!(fatal.error_type().ends_with("::Layer"));
        assert_eq!(Fatal::from(Failure::http(crate::ErrorStatus::NOT_FOUND)).to_string(), "Recurso no encontrado");
    }
}
