//! What a handler answers.

use axum::response::{IntoResponse, Response};
use serde::Serialize;
use standards_core::{ApiResponse, Failure};

use crate::error::ApiError;
use crate::headers::json_headers;

/// What a handler returns: data for the envelope, or a failure that becomes one.
pub type ApiResult<T> = Result<Reply<T>, ApiError>;

/// A success: status 200 and `data` in the envelope. A `()` is `"data": null`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply<T>(pub T);

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
    Ok(Reply(data))
}

impl<T: Serialize> IntoResponse for Reply<T> {
    fn into_response(self) -> Response {
        match serde_json::to_vec(&ApiResponse::success(self.0)) {
            Ok(body) => json(body),
            Err(error) => ApiError::from(Failure::internal(error)).into_response(),
        }
    }
}

/// An `application/json` answer with status 200.
fn json(body: Vec<u8>) -> Response {
    let mut response = Response::new(body.into());
    response.headers_mut().extend(json_headers());
    response
}
