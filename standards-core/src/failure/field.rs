//! One bad field of a request.

use crate::language::Language;

/// Why one field of a request is refused.
///
/// ```
/// use standards_core::{FieldError, Language};
///
/// let error = FieldError::new("lineas[2].cantidad", "debe ser positiva", "must be positive");
/// assert_eq!(error.sentence(Language::Es), "lineas[2].cantidad: debe ser positiva");
/// assert_eq!(FieldError::new("", "JSON mal formado", "malformed JSON").sentence(Language::En), "malformed JSON");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// The field's path as the client wrote it: `monto`, `lineas[2].cantidad`.
    pub field: String,
    /// The reason in Spanish and in English; what the client may read.
    pub reason: [String; 2],
}

impl FieldError {
    /// A field and why it is refused.
    pub fn new(field: impl Into<String>, es: impl Into<String>, en: impl Into<String>) -> Self {
        Self { field: field.into(), reason: [es.into(), en.into()] }
    }

    /// `field: reason`, as the client reads it; the reason alone where no field is to blame.
    #[must_use]
    pub fn sentence(&self, language: Language) -> String {
        let reason = match language {
            Language::Es => &self.reason[0],
            Language::En => &self.reason[1],
        };
        if self.field.is_empty() { reason.clone() } else { format!("{}: {reason}", self.field) }
    }
}
