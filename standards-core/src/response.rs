//! The answer envelope: exactly `success`, `data` and `errors`, in that order.

use serde::{Deserialize, Serialize};

/// The body of every answer (guideline section 5, "Formato Estándar de Respuestas API REST").
///
/// The fields are private so that only three shapes can exist: a success with or without data and no errors, and a failure with
/// no data and at least one error. Text that contradicts itself does not deserialise.
///
/// ```
/// use standards_core::{ApiResponse, ErrorItem};
///
/// let answer = ApiResponse::success("hola");
/// assert_eq!(serde_json::to_string(&answer)?, r#"{"success":true,"data":"hola","errors":[]}"#);
///
/// let refusal = ApiResponse::single_error("SALDO_INSUFICIENTE", "Saldo insuficiente");
/// assert_eq!(
///     serde_json::to_string(&refusal)?,
///     r#"{"success":false,"data":null,"errors":[{"code":"SALDO_INSUFICIENTE","message":"Saldo insuficiente"}]}"#
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// # Example: the way back, in a client
///
/// ```
/// use standards_core::ApiResponse;
///
/// let body = r#"{"success":true,"data":7,"errors":[]}"#;
/// assert_eq!(serde_json::from_str::<ApiResponse<u8>>(body)?.into_result(), Ok(Some(7)));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Wire<T>")]
pub struct ApiResponse<T> {
    success: bool,
    data: Option<T>,
    errors: Vec<ErrorItem>,
}

/// One entry of `errors`.
///
/// ```
/// let item = standards_core::ErrorItem::new("PAGO_NO_ENCONTRADO", "Pago con ID 7 no encontrado");
/// assert_eq!(serde_json::to_value(&item)?["code"], "PAGO_NO_ENCONTRADO");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorItem {
    /// A catalogue code, `UPPER_SNAKE_CASE`.
    pub code: String,
    /// A sentence for the client.
    pub message: String,
}

impl ErrorItem {
    /// Pairs a catalogue code with its sentence.
    pub fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { code: code.into(), message: message.into() }
    }
}

impl<T> ApiResponse<T> {
    /// A success that carries `data`.
    pub const fn success(data: T) -> Self {
        Self { success: true, data: Some(data), errors: Vec::new() }
    }

    /// A success with nothing to say: `data` is null.
    ///
    /// ```
    /// use standards_core::ApiResponse;
    ///
    /// let deleted = ApiResponse::<()>::success_without_data();
    /// assert_eq!(serde_json::to_string(&deleted)?, r#"{"success":true,"data":null,"errors":[]}"#);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub const fn success_without_data() -> Self {
        Self { success: true, data: None, errors: Vec::new() }
    }

    /// Whether the operation succeeded.
    #[must_use]
    pub const fn is_success(&self) -> bool {
        self.success
    }

    /// The data of a success; always `None` in a failure.
    #[must_use]
    pub const fn data(&self) -> Option<&T> {
        self.data.as_ref()
    }

    /// The errors of a failure; always empty in a success.
    ///
    /// ```
    /// use standards_core::ApiResponse;
    ///
    /// let refusal = ApiResponse::single_error("SALDO_INSUFICIENTE", "Saldo insuficiente");
    /// assert!(!refusal.is_success() && refusal.data().is_none());
    /// assert_eq!(refusal.errors()[0].code, "SALDO_INSUFICIENTE");
    /// ```
    #[must_use]
    pub fn errors(&self) -> &[ErrorItem] {
        &self.errors
    }

    /// Turns the envelope into a `Result`, as a client wants it.
    ///
    /// # Errors
    ///
    /// The errors of an answer whose `success` is false.
    ///
    /// ```
    /// use standards_core::{ApiResponse, ErrorItem};
    ///
    /// assert_eq!(ApiResponse::success(7).into_result(), Ok(Some(7)));
    /// let refused = ApiResponse::single_error("SIN_PUBLICO", "No hay nadie").into_result();
    /// assert_eq!(refused, Err(vec![ErrorItem::new("SIN_PUBLICO", "No hay nadie")]));
    /// ```
    pub fn into_result(self) -> Result<Option<T>, Vec<ErrorItem>> {
        if self.success { Ok(self.data) } else { Err(self.errors) }
    }
}

impl ApiResponse<()> {
    /// A failure for several reasons. Without any, it still says that something went wrong: `INTERNAL_ERROR`.
    ///
    /// ```
    /// use standards_core::{ApiResponse, ErrorItem};
    ///
    /// let answer = ApiResponse::errors_from(vec![ErrorItem::new("A", "uno"), ErrorItem::new("B", "dos")]);
    /// assert_eq!((answer.is_success(), answer.errors().len()), (false, 2));
    /// ```
    #[must_use]
    pub fn errors_from(errors: Vec<ErrorItem>) -> Self {
        if errors.is_empty() {
            let unexpected = crate::catalogue::INTERNAL_ERROR;
            return Self::single_error(unexpected.code, unexpected.message.es);
        }
        Self { success: false, data: None, errors }
    }

    /// A failure for one reason.
    pub fn single_error(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { success: false, data: None, errors: vec![ErrorItem::new(code, message)] }
    }
}

/// The envelope as it was sent, before anyone has seen that it does not contradict itself.
#[derive(Deserialize)]
struct Wire<T> {
    success: bool,
    data: Option<T>,
    errors: Vec<ErrorItem>,
}

impl<T> TryFrom<Wire<T>> for ApiResponse<T> {
    type Error = &'static str;

    fn try_from(wire: Wire<T>) -> Result<Self, Self::Error> {
        match (wire.success, wire.data.is_some(), wire.errors.is_empty()) {
            (true, _, false) => Err("a success with errors is not an envelope"),
            (false, _, true) => Err("a failure without errors is not an envelope"),
            (false, true, _) => Err("a failure with data is not an envelope"),
            _ => Ok(Self { success: wire.success, data: wire.data, errors: wire.errors }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Result<ApiResponse<u8>, serde_json::Error> {
        serde_json::from_str(body)
    }

    #[test]
    fn a_failure_comes_back_as_its_errors() {
        let body = r#"{"success":false,"data":null,"errors":[{"code":"X","message":"m"}]}"#;
        assert_eq!(read(body).unwrap().into_result(), Err(vec![ErrorItem::new("X", "m")]));
    }

    #[test]
    fn contradictions_do_not_deserialise() {
        for body in [
            r#"{"success":true,"data":1,"errors":[{"code":"X","message":"m"}]}"#,
            r#"{"success":false,"data":null,"errors":[]}"#,
            r#"{"success":false,"data":1,"errors":[{"code":"X","message":"m"}]}"#,
            r#"{"success":true,"data":1}"#,
            r#"{"success":"true","data":1,"errors":[]}"#,
        ] {
            assert!(read(body).is_err(), "{body}");
        }
    }

    #[test]
    fn a_failure_never_lacks_a_reason() {
        let empty = ApiResponse::errors_from(Vec::new());
        assert_eq!(empty.errors(), [ErrorItem::new("INTERNAL_ERROR", "Error interno del servidor")]);
    }
}
