//! What a handler answers.

use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderName, HeaderValue};
use serde::Serialize;
use standards_core::idempotency::Keyed;
use standards_core::{ApiResponse, Failure};

use crate::error::ApiError;
use crate::headers::json_headers;

/// What a handler returns: data for the envelope, or a failure that becomes one.
pub type ApiResult<T> = Result<Reply<T>, ApiError>;

/// A success: status 200 and `data` in the envelope. A `()` is `"data": null`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply<T> {
    data: T,
    // Most answers have none: a pointer is what they pay.
    headers: Option<Box<HeaderMap>>,
}

/// Ends a handler well.
///
/// ```
/// use standards_axum::{ApiResult, ok};
///
/// async fn saludar() -> ApiResult<&'static str> {
///     ok("hola")
/// }
/// ```
///
/// # Errors
///
/// Never; the `Result` is what a handler returns.
pub const fn ok<T>(data: T) -> ApiResult<T> {
    Ok(Reply::new(data))
}

impl<T> Reply<T> {
    /// An answer with this data.
    pub const fn new(data: T) -> Self {
        Self { data, headers: None }
    }

    /// Adds a header to the answer.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.get_or_insert_default().insert(name, value);
        self
    }
}

impl<T: Serialize> IntoResponse for Reply<T> {
    fn into_response(self) -> Response {
        let mut response = match serde_json::to_vec(&ApiResponse::success(self.data)) {
            Ok(body) => json(body),
            Err(error) => return ApiError::from(Failure::internal(error)).into_response(),
        };
        if let Some(headers) = self.headers {
            response.headers_mut().extend(*headers);
        }
        response
    }
}

/// Marks an answer that repeats the one of an earlier request with the same key.
pub const IDEMPOTENT_REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// Ends a handler with what became of a request that may have been done before.
///
/// ```
/// use standards_axum::core::Language;
/// use standards_axum::core::idempotency::{IdempotencyError, Keyed};
/// use standards_axum::{ApiResult, IntoReply};
///
/// async fn saludar() -> ApiResult<&'static str> {
///     let before: Keyed<Result<_, IdempotencyError>> = Keyed::Replayed(Ok("Hola, Eva"), Language::Es);
///     before.into_reply()
/// }
/// ```
pub trait IntoReply<T> {
    /// The answer of a handler; that of a replay says so in [`IDEMPOTENT_REPLAYED`], and is told in the language of the first one.
    ///
    /// # Errors
    ///
    /// The failure, where it is one; 422 `IDEMPOTENCY_KEY_REUTILIZADA` where the key belongs to another request.
    fn into_reply(self) -> ApiResult<T>;
}

impl<T, E: Into<Failure>> IntoReply<T> for Keyed<Result<T, E>> {
    #[track_caller]
    fn into_reply(self) -> ApiResult<T> {
        let (language, result) = (self.language(), self.into_result());
        let Some(language) = language else { return Ok(Reply::new(result?)) };
        let replayed = HeaderValue::from_static("true");
        match result {
            Ok(data) => Ok(Reply::new(data).with_header(IDEMPOTENT_REPLAYED, replayed)),
            Err(failure) => Err(ApiError::from(failure).in_language(language).with_header(IDEMPOTENT_REPLAYED, replayed)),
        }
    }
}

/// As many headers as an answer has once all layers have seen it: the map need not grow.
const HEADERS: usize = 6;

/// An `application/json` answer with status 200.
fn json(body: Vec<u8>) -> Response {
    let mut response = Response::new(body.into());
    *response.headers_mut() = HeaderMap::with_capacity(HEADERS);
    response.headers_mut().extend(json_headers());
    response
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;
    use standards_core::Language;
    use standards_core::idempotency::IdempotencyError;

    use super::*;

    async fn answer(outcome: Keyed<Result<u8, IdempotencyError>>) -> (u16, bool, String) {
        let (head, body) = outcome.into_reply().into_response().into_parts();
        let body = body.collect().await.unwrap().to_bytes().to_vec();
        (head.status.as_u16(), head.headers.contains_key(IDEMPOTENT_REPLAYED), String::from_utf8(body).unwrap())
    }

    #[tokio::test]
    async fn a_replay_has_the_same_bytes_and_says_what_it_is() {
        let (status, replayed, body) = answer(Keyed::Fresh(Ok(7))).await;
        assert_eq!((status, replayed), (200, false));
        assert_eq!(answer(Keyed::Replayed(Ok(7), Language::Es)).await, (200, true, body));
    }

    #[tokio::test]
    async fn a_replayed_failure_keeps_its_language() {
        let refused = || Err(IdempotencyError::MissingKey);
        let (status, replayed, body) = answer(Keyed::Replayed(refused(), Language::En)).await;
        assert_eq!((status, replayed), (400, true));
        assert!(body.contains("is required"), "{body}");
        assert!(!answer(Keyed::Fresh(refused())).await.1);
        assert_eq!(answer(Keyed::Reused).await.0, 422);
    }
}
