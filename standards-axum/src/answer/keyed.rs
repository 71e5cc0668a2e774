//! Answering a request that may have been done before.

use http::{HeaderName, HeaderValue};
use standards_core::Failure;
use standards_core::idempotency::Keyed;

use super::{ApiError, ApiResult, Reply};

/// Marks an answer that repeats the one of an earlier request with the same key: `Idempotent-Replayed: true`.
pub const IDEMPOTENT_REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// Ends a handler with what became of a request that may have been done before.
///
/// ```
/// use axum::response::IntoResponse;
/// use standards_axum::core::Language;
/// use standards_axum::core::idempotency::{IdempotencyError, Keyed};
/// use standards_axum::{ApiResult, IDEMPOTENT_REPLAYED, IntoReply};
///
/// fn saludar() -> ApiResult<&'static str> {
///     let before: Keyed<Result<_, IdempotencyError>> = Keyed::Replayed(Ok("Hola, Eva"), Language::Es);
///     before.into_reply()
/// }
///
/// assert_eq!(saludar().into_response().headers()[IDEMPOTENT_REPLAYED], "true");
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
