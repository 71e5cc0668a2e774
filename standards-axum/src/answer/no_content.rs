//! An answer that says all by its status.

use axum::response::{IntoResponse, Response};
use http::header::CACHE_CONTROL;
use http::{HeaderValue, StatusCode};

/// A success without a body: 204. HTTP allows none there, so it is the one success without an envelope.
///
/// ```
/// use axum::response::IntoResponse;
/// use standards_axum::{ApiError, NoContent};
///
/// async fn eliminar() -> Result<NoContent, ApiError> {
///     Ok(NoContent)
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let answer = eliminar().await.into_response();
/// assert_eq!((answer.status().as_u16(), answer.headers().get("content-type")), (204, None));
/// # }
/// ```
///
/// `Cache-Control: no-store` is sent as with an envelope (RFC 9110, section 15.3.5: a 204 may be kept otherwise). The document shows status
/// 204 and no body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NoContent;

impl IntoResponse for NoContent {
    fn into_response(self) -> Response {
        (StatusCode::NO_CONTENT, [(CACHE_CONTROL, HeaderValue::from_static("no-store"))]).into_response()
    }
}
