//! The error catalogue: each code once, with its status, level and sentences.
//!
//! The walk of an error:
//!
//! 1. [`error_catalogue!`](crate::error_catalogue) declares it; what breaks the grammar does not compile.
//! 2. The code returns it; a [`Failure`](crate::Failure) takes it with the private cause beside it.
//! 3. Its [`ErrorEntry`] says the answer's status and code and the record's level; [`DomainError::message`] fills in the
//!    sentence.
//! 4. What no catalogue explains gets one of the [`STANDARD_ENTRIES`] by [`http_error`].

mod codes;
pub(crate) mod declare;
pub(crate) mod entry;
pub(crate) mod field;
pub(crate) mod status;

pub use codes::Codes;
pub(crate) use entry::{DomainError, ErrorEntry};
pub(crate) use status::ErrorStatus;

use crate::language::Text;

/// The standard's own codes; every service has them (contract section 2).
///
/// ```
/// use standards_core::catalogue::STANDARD_ENTRIES;
///
/// let codes: Vec<_> = STANDARD_ENTRIES.iter().map(|entry| entry.code).collect();
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
/// use standards_core::ErrorStatus;
/// use standards_core::catalogue::{http_error};
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
