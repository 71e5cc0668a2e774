//! The one place where a failure becomes an answer.

use axum::response::IntoResponse;
use bytes::Bytes;
use http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use standards_core::idempotency::IdempotencyError;
use standards_core::{DomainError, Failure, Language, RequestContext, context};

use crate::headers::json_headers;

/// A failure on its way out of a handler, an extractor or a layer.
///
/// `?` makes one of any catalogue error and of every error type that converts into a [`Failure`].
///
/// ```
/// use standards_axum::{ApiResult, ok};
/// use standards_core::error_catalogue;
///
/// error_catalogue! {
///     pub enum SaludoError {
///         SinNombre => 400, "SIN_NOMBRE", "Falta el nombre";
///     }
/// }
///
/// async fn saludar(nombre: Option<String>) -> ApiResult<String> {
///     let nombre = nombre.ok_or(SaludoError::SinNombre)?;
///     ok(format!("Hola, {nombre}"))
/// }
/// ```
#[derive(Debug)]
pub struct ApiError {
    failure: Failure,
    headers: HeaderMap,
    language: Option<Language>,
}

/// Marks an answer as made here, and tells the access record why it failed.
#[derive(Clone, Debug)]
pub(crate) struct FailureMark(pub(crate) Failure);

impl ApiError {
    /// Adds a header to the answer, such as `Retry-After` or `Allow`.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// Tells the failure in this language, whatever the request asks for.
    #[must_use]
    pub fn in_language(mut self, language: Language) -> Self {
        self.language = Some(language);
        self
    }

    /// The failure itself.
    #[must_use]
    pub const fn failure(&self) -> &Failure {
        &self.failure
    }
}

impl<E: Into<Failure>> From<E> for ApiError {
    #[track_caller]
    fn from(error: E) -> Self {
        Self { failure: error.into().located(), headers: HeaderMap::new(), language: None }
    }
}

impl ApiError {
    /// The answer: its head, and the envelope in the language of the request at hand unless another was chosen.
    pub(crate) fn into_answer(self) -> Response<Bytes> {
        let language = self.language.unwrap_or_else(language_of_the_request);
        // An envelope of strings always serialises.
        let body = serde_json::to_vec(&self.failure.body(language)).unwrap_or_default();
        let mut response = Response::new(Bytes::from(body));
        let status = status_code(&self.failure);
        *response.status_mut() = status;
        response.headers_mut().extend(json_headers());
        response.headers_mut().extend(standard_headers(&self.failure));
        response.headers_mut().extend(self.headers);
        response.extensions_mut().insert(FailureMark(self.failure));
        response
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> axum::response::Response {
        self.into_answer().map(Into::into)
    }
}

fn status_code(failure: &Failure) -> StatusCode {
    StatusCode::from_u16(failure.status().as_u16()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

fn language_of_the_request() -> Language {
    context::with_current(|request| request.map_or(Language::Es, RequestContext::language))
}

/// The headers without which the status says less than it must (RFC 9110, sections 11.6.1 and 15.6.4).
fn standard_headers(failure: &Failure) -> Option<(HeaderName, HeaderValue)> {
    match failure.status().as_u16() {
        503 => Some((RETRY_AFTER, HeaderValue::from_static("1"))),
        // Any other conflict stays one, however long the client waits.
        409 if failure.entry() == IdempotencyError::InProgress.entry() => Some((RETRY_AFTER, HeaderValue::from_static("1"))),
        401 => Some((WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use standards_core::ErrorStatus;

    #[test]
    fn an_unavailable_service_says_when_to_come_back() {
        let response = ApiError::from(Failure::unavailable("no")).into_response();
        assert_eq!((response.status().as_u16(), response.headers()[RETRY_AFTER].as_bytes()), (503, &b"1"[..]));
    }

    #[test]
    fn a_key_in_process_may_be_tried_again() {
        let response = ApiError::from(IdempotencyError::InProgress).into_response();
        assert_eq!((response.status().as_u16(), response.headers()[RETRY_AFTER].as_bytes()), (409, &b"1"[..]));
    }

    #[test]
    fn a_header_of_its_own_replaces_the_standard_one() {
        let error = ApiError::from(Failure::unavailable("no")).with_header(RETRY_AFTER, HeaderValue::from_static("7"));
        assert_eq!(error.into_response().headers().get_all(RETRY_AFTER).iter().count(), 1);
    }

    #[test]
    fn an_answer_carries_its_failure() {
        let response = ApiError::from(Failure::http(ErrorStatus::NOT_FOUND)).into_response();
        let mark = response.extensions().get::<FailureMark>().unwrap();
        assert_eq!(mark.0.entry().code, "HTTP_ERROR");
    }
}
