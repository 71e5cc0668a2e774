//! A row of the catalogue, and the errors that stand in one.

use super::declare::is_upper_snake_case;
use super::status::ErrorStatus;
use crate::language::{Language, Text};
use crate::level::LogLevel;
use crate::value::Value;

/// One row of the catalogue.
///
/// ```
/// use standards_core::log::LogLevel;
/// use standards_core::{ErrorEntry, ErrorStatus, Text};
///
/// const CAJA_CERRADA: ErrorEntry = ErrorEntry::new(
///     "CAJA_CERRADA",
///     ErrorStatus::CONFLICT,
///     Text::new("La caja está cerrada", "The till is closed"),
///     "Nothing is sold after closing time.",
/// );
/// assert_eq!(CAJA_CERRADA.level, LogLevel::Warning);
/// assert_eq!(CAJA_CERRADA.with_level(LogLevel::Info).level, LogLevel::Info);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ErrorEntry {
    /// What a client compares: `UPPER_SNAKE_CASE`.
    pub code: &'static str,
    /// The HTTP status of the answer.
    pub status: ErrorStatus,
    /// The sentence, with `{field}` where the error's own values stand.
    pub message: Text,
    /// The level at which the failure is logged.
    pub level: LogLevel,
    /// What it means, for the documentation.
    pub description: &'static str,
}

impl ErrorEntry {
    /// A row with the level that its status implies: `ERROR` from 500 on, `WARNING` below.
    ///
    /// # Panics
    ///
    /// At compile time, when `code` is not `UPPER_SNAKE_CASE`.
    #[must_use]
    #[expect(clippy::panic, reason = "a constant that breaks the grammar must not compile")]
    pub const fn new(code: &'static str, status: ErrorStatus, message: Text, description: &'static str) -> Self {
        if !is_upper_snake_case(code) {
            panic!("an error code is UPPER_SNAKE_CASE: it starts with A-Z and goes on with A-Z, 0-9 and single underscores");
        }
        Self { code, status, message, level: LogLevel::of_status(status.as_u16()), description }
    }

    /// The same row, logged at another level.
    #[must_use]
    pub const fn with_level(mut self, level: LogLevel) -> Self {
        self.level = level;
        self
    }
}

/// An error that stands in a catalogue. Declared with [`error_catalogue!`](crate::error_catalogue), seldom by hand.
///
/// Its `Display` is the Spanish sentence for the client; what only the log may know is its
/// [`source`](std::error::Error::source).
///
/// # Example: what every catalogue error can do
///
/// ```
/// use standards_core::{DomainError, Failure, Language, error_catalogue};
///
/// error_catalogue! {
///     pub enum CajaError {
///         /// Nothing is sold after closing time.
///         Cerrada { hora: u8 } => 409, "CAJA_CERRADA", "La caja cerró a las {hora}", en "The till closed at {hora}";
///     }
/// }
///
/// let error = CajaError::Cerrada { hora: 18 };
/// assert_eq!(error.entry().description, "Nothing is sold after closing time.");
/// assert_eq!(error.message(Language::En), "The till closed at 18");
/// assert_eq!(error.context(), [("hora", 18_u8.into())]);
/// assert_eq!(Failure::from(error).status().as_u16(), 409);
/// ```
///
/// # Example: by hand, with a cause that only the log may know
///
/// ```
/// use std::error::Error;
/// use std::fmt;
/// use standards_core::log::Value;
/// use standards_core::{DomainError, ErrorEntry, ErrorStatus, Failure, Language, Text};
///
/// #[derive(Debug)]
/// struct Ilegible(std::num::ParseIntError);
///
/// const ILEGIBLE: ErrorEntry =
///     ErrorEntry::new("ILEGIBLE", ErrorStatus::BAD_REQUEST, Text::new("Lote ilegible", "Unreadable batch"), "A batch is not text.");
///
/// impl DomainError for Ilegible {
///     const ENTRIES: &'static [ErrorEntry] = &[ILEGIBLE];
///
///     fn entry(&self) -> ErrorEntry {
///         ILEGIBLE
///     }
///
///     fn message(&self, language: Language) -> String {
///         ILEGIBLE.message.in_language(language).to_owned()
///     }
///
///     fn context(&self) -> Vec<(&'static str, Value)> {
///         Vec::new()
///     }
/// }
///
/// impl fmt::Display for Ilegible {
///     fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
///         f.write_str(ILEGIBLE.message.es)
///     }
/// }
///
/// impl Error for Ilegible {
///     fn source(&self) -> Option<&(dyn Error + 'static)> {
///         Some(&self.0)
///     }
/// }
///
/// let failure = Failure::from(Ilegible("x".parse::<u8>().unwrap_err()));
/// assert_eq!(failure.message(), "Lote ilegible");
/// assert_eq!(failure.cause_chain(), "Lote ilegible: invalid digit found in string");
/// ```
#[diagnostic::on_unimplemented(
    message = "nothing says what a client is answered when `{Self}` happens",
    // Of a `?` the compiler shows the label alone.
    label = "nothing says what a client is answered then: `.map_err(Failure::internal)?`, or `impl From<{Self}> for Failure`",
    note = "turn it into a failure where it happens: `.map_err(Failure::unavailable)?` (503), `.map_err(Failure::internal)?` (500)",
    note = "or once for the whole service: `impl From<{Self}> for Failure`, for an error type of your own",
    note = "an error that the client caused is a row of a catalogue: `error_catalogue!`, then `.map_err(|_| MiError::Fila)?`"
)]
pub trait DomainError: std::error::Error + Send + Sync + 'static {
    /// The rows of the whole catalogue, in the order of declaration.
    const ENTRIES: &'static [ErrorEntry];

    /// This error's row.
    fn entry(&self) -> ErrorEntry;

    /// The sentence for the client, values filled in.
    fn message(&self, language: Language) -> String;

    /// The error's own values, for the log record's `context`.
    fn context(&self) -> Vec<(&'static str, Value)>;
}
