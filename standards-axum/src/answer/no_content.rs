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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NoContent;

impl IntoResponse for NoContent {
    fn into_response(self) -> Response {
        (StatusCode::NO_CONTENT, [(CACHE_CONTROL, HeaderValue::from_static("no-store"))]).into_response()
    }
}
