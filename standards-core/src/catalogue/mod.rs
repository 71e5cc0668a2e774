//! The error catalogue: each code once, with its status, level and sentences.
//!
//! The walk of an error:
//!
//! 1. [`error_catalogue!`](crate::error_catalogue) declares it; what breaks the grammar does not compile.
//! 2. The code returns it; a [`Failure`](crate::Failure) takes it with the private cause beside it.
//! 3. Its [`ErrorEntry`] says the answer's status and code and the record's level; [`DomainError::message`] fills in the
//!    sentence.
//! 4. What no catalogue explains gets one of the [`STANDARD_ENTRIES`] by [`http_error`].

mod declare;
mod status;

pub use declare::{codes_are_unique, is_upper_snake_case};
pub use status::ErrorStatus;

use crate::language::{Language, Text};
use crate::level::LogLevel;
use crate::value::Value;

/// One row of the catalogue.
///
/// ```
/// use standards_core::log::LogLevel;
/// use standards_core::{ErrorEntry, ErrorStatus, Text};
///
/// const LIMITE: ErrorEntry =
///     ErrorEntry::new("LIMITE_DIARIO", ErrorStatus::new(429), Text::new("Límite diario", "Daily limit"), "Too much today.");
/// assert_eq!(LIMITE.level, LogLevel::Warning);
/// assert_eq!(LIMITE.with_level(LogLevel::Info).level, LogLevel::Info);
/// ```
///
/// # Example: a code that does not compile
///
/// ```compile_fail
/// use standards_core::{ErrorEntry, ErrorStatus, Text};
///
/// const LIMITE: ErrorEntry = ErrorEntry::new("limite", ErrorStatus::new(429), Text::new("", ""), "");
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
/// ```
/// use standards_core::{DomainError, Language, error_catalogue};
///
/// error_catalogue! {
///     /// What can go wrong with a pago.
///     pub enum PagoError {
///         /// There is no such pago.
///         NoEncontrado { pago_id: i64 } => 404, "PAGO_NO_ENCONTRADO", "Pago {pago_id} no encontrado",
///             en "Pago {pago_id} not found";
///     }
/// }
///
/// let error = PagoError::NoEncontrado { pago_id: 7 };
/// assert_eq!(error.message(Language::En), "Pago 7 not found");
/// assert_eq!(error.context(), [("pago_id", 7.into())]);
/// ```
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

/// The standard's own codes; every service has them (contract section 2).
///
/// ```
/// use standards_core::catalogue::STANDARD_ENTRIES;
///
/// let codes = STANDARD_ENTRIES.iter().map(|entry| entry.code).collect::<Vec<_>>();
/// assert_eq!(codes, ["VALIDATION_ERROR", "HTTP_ERROR", "SERVICE_UNAVAILABLE", "INTERNAL_ERROR"]);
/// ```
pub const STANDARD_ENTRIES: &[ErrorEntry] = &[VALIDATION_ERROR, HTTP_ERROR, SERVICE_UNAVAILABLE, INTERNAL_ERROR];

/// A field of the body, the path or the query is not what it must be; one error item per field.
pub const VALIDATION_ERROR: ErrorEntry = ErrorEntry::new(
    "VALIDATION_ERROR",
    ErrorStatus::UNPROCESSABLE_ENTITY,
    Text::new("Solicitud no válida", "Invalid request"),
    "A field of the body, the path or the query is invalid, or the body is not JSON.",
);

/// The protocol itself refused the request; [`http_error`] gives it the status at hand.
pub const HTTP_ERROR: ErrorEntry = ErrorEntry::new(
    "HTTP_ERROR",
    ErrorStatus::BAD_REQUEST,
    Text::new("Solicitud no válida", "Invalid request"),
    "Unknown route, wrong verb, missing credentials, body too large or of another type; the status tells which.",
);

/// The service cannot answer now; the same request may succeed later.
pub const SERVICE_UNAVAILABLE: ErrorEntry = ErrorEntry::new(
    "SERVICE_UNAVAILABLE",
    ErrorStatus::SERVICE_UNAVAILABLE,
    Text::new("Servicio no disponible, intente más tarde", "Service unavailable, try again later"),
    "Overload, a dependency that does not answer, or a deadline that passed.",
);

/// Something that nobody foresaw.
pub const INTERNAL_ERROR: ErrorEntry = ErrorEntry::new(
    "INTERNAL_ERROR",
    ErrorStatus::INTERNAL_SERVER_ERROR,
    Text::new("Error interno del servidor", "Internal server error"),
    "An unexpected failure; its cause stands in the log under the answer's correlation id.",
);

/// The row for a status that no catalogue error explains: the answers of the router, the protocol or other people's middleware.
///
/// 4xx become `HTTP_ERROR`, but for 422, which is `VALIDATION_ERROR`; 502, 503 and 504 `SERVICE_UNAVAILABLE`; any other 5xx
/// `INTERNAL_ERROR`. The status stays.
///
/// ```
/// use standards_core::catalogue::{ErrorStatus, http_error};
///
/// assert_eq!(http_error(ErrorStatus::NOT_FOUND).code, "HTTP_ERROR");
/// assert_eq!(http_error(ErrorStatus::NOT_FOUND).message.es, "Recurso no encontrado");
/// ```
#[must_use]
pub const fn http_error(status: ErrorStatus) -> ErrorEntry {
    let entry = match status.as_u16() {
        422 => VALIDATION_ERROR,
        502..=504 => SERVICE_UNAVAILABLE,
        500.. => INTERNAL_ERROR,
        _ => HTTP_ERROR,
    };
    ErrorEntry { status, message: http_message(status.as_u16(), entry.message), ..entry }
}

const fn http_message(status: u16, otherwise: Text) -> Text {
    match status {
        401 => Text::new("No autenticado", "Not authenticated"),
        403 => Text::new("Sin permiso para esta operación", "Not allowed to do this"),
        404 => Text::new("Recurso no encontrado", "Resource not found"),
        405 => Text::new("Método no permitido", "Method not allowed"),
        408 => Text::new("La solicitud no llegó a tiempo", "The request did not arrive in time"),
        413 => Text::new("Cuerpo demasiado grande", "Body too large"),
        415 => Text::new("Tipo de contenido no soportado", "Unsupported content type"),
        429 => Text::new("Demasiadas solicitudes", "Too many requests"),
        _ => otherwise,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_foreign_status_keeps_its_number_and_gets_the_code_of_its_kind() {
        let rows = [
            (404, "HTTP_ERROR"),
            (418, "HTTP_ERROR"),
            (422, "VALIDATION_ERROR"),
            (501, "INTERNAL_ERROR"),
            (504, "SERVICE_UNAVAILABLE"),
        ];
        for (status, code) in rows {
            let entry = http_error(ErrorStatus::try_from(status).unwrap());
            assert_eq!((entry.status.as_u16(), entry.code), (status, code));
        }
    }
}
