//! Which bodies can be told apart from what follows them.

use http::header::{CONNECTION, TRANSFER_ENCODING};
use http::request::Parts;
use http::{HeaderMap, HeaderValue};
use standards_core::{ErrorStatus, Failure};

use crate::answer::ApiError;

/// Refuses a body in a transfer coding that nobody here decodes; for a [`GuardLayer`](super::GuardLayer).
///
/// A proxy in front may read such a message otherwise than this server, and what follows the body would be taken for a request
/// that nobody sent.
///
/// ```
/// use http::Request;
/// use standards_axum::layers::framing;
///
/// let head = |coding: &str| Request::post("/").header("transfer-encoding", coding).body(()).unwrap().into_parts().0;
/// assert!(framing(&head("chunked")).is_ok());
/// assert_eq!(framing(&head("gzip, chunked")).unwrap_err().failure().status().as_u16(), 400);
/// ```
///
/// # Errors
///
/// 400, which closes the connection, where `Transfer-Encoding` is anything but `chunked` (RFC 9112, section 6.1).
pub fn framing(head: &Parts) -> Result<(), ApiError> {
    if is_understood(&head.headers) {
        return Ok(());
    }
    let error = ApiError::from(Failure::http(ErrorStatus::BAD_REQUEST));
    Err(error.with_header(CONNECTION, HeaderValue::from_static("close")))
}

fn is_understood(headers: &HeaderMap) -> bool {
    let mut codings = headers.get_all(TRANSFER_ENCODING).iter();
    let chunked = |coding: &HeaderValue| coding.as_bytes().eq_ignore_ascii_case(b"chunked");
    codings.next().is_none_or(chunked) && codings.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn understood(codings: &[&'static str]) -> bool {
        is_understood(&codings.iter().map(|coding| (TRANSFER_ENCODING, HeaderValue::from_static(coding))).collect())
    }

    #[test]
    fn chunked_is_the_only_coding() {
        assert!(understood(&[]) && understood(&["chunked"]) && understood(&["Chunked"]));
        for codings in [&["gzip, chunked"][..], &["gzip"], &["identity"], &["chunked, chunked"], &["chunked", "chunked"]] {
            assert!(!understood(codings), "{codings:?}");
        }
    }
}
