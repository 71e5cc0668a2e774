//! What a handler answers.

use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderName, HeaderValue};
use serde::Serialize;
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

/// As many headers as an answer has once all layers have seen it: the map need not grow.
const HEADERS: usize = 6;

/// An `application/json` answer with status 200.
fn json(body: Vec<u8>) -> Response {
    let mut response = Response::new(body.into());
    *response.headers_mut() = HeaderMap::with_capacity(HEADERS);
    response.headers_mut().extend(json_headers());
    response
}
