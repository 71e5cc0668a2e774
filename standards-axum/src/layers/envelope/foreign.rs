//! What stays of somebody else's failure: everything that does not describe the body that is dropped.

use bytes::Bytes;
use http::header::{
    ACCEPT_RANGES, AGE, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_LENGTH, CONTENT_LOCATION,
    CONTENT_RANGE, CONTENT_TYPE, ETAG, EXPIRES, LAST_MODIFIED, PRAGMA, TRAILER, TRANSFER_ENCODING,
};
use http::response::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use hyper::ext::ReasonPhrase;

use crate::answer::ApiError;

/// Headers that speak of the body, of its wire form, or of how long it may be kept (RFC 9110, section 8; 9111; 9213; 9530).
const OF_THE_BODY: [HeaderName; 24] = [
    ACCEPT_RANGES,
    AGE,
    CACHE_CONTROL,
    CONTENT_DISPOSITION,
    CONTENT_ENCODING,
    CONTENT_LANGUAGE,
    CONTENT_LENGTH,
    CONTENT_LOCATION,
    CONTENT_RANGE,
    CONTENT_TYPE,
    ETAG,
    EXPIRES,
    LAST_MODIFIED,
    PRAGMA,
    TRAILER,
    TRANSFER_ENCODING,
    HeaderName::from_static("cdn-cache-control"),
    HeaderName::from_static("content-digest"),
    HeaderName::from_static("content-md5"),
    HeaderName::from_static("digest"),
    HeaderName::from_static("repr-digest"),
    HeaderName::from_static("signature"),
    HeaderName::from_static("signature-input"),
    HeaderName::from_static("surrogate-control"),
];

/// The answer that stands in the place of the one with this head.
pub(super) fn replaced(mut head: Parts, error: ApiError) -> Response<Bytes> {
    strip(head.status, &mut head.headers);
    // Somebody else's words for the status.
    head.extensions.remove::<ReasonPhrase>();
    let mut answer = error.into_answer_over(head.headers);
    let own = std::mem::replace(answer.extensions_mut(), head.extensions);
    answer.extensions_mut().extend(own);
    uncached(answer)
}

/// The answer itself, whose body is an envelope; `error` is what the log tells of it.
pub(super) fn passed_on(mut head: Parts, error: ApiError, body: Bytes) -> Response<Bytes> {
    // The server tells anew how long it is.
    for name in [CONTENT_LENGTH, TRANSFER_ENCODING] {
        head.headers.remove(name);
    }
    head.extensions.insert(error.into_mark());
    uncached(Response::from_parts(head, body))
}

fn strip(status: StatusCode, headers: &mut HeaderMap) {
    // How long that is of which a part was asked for (RFC 9110, section 15.5.17).
    let length = headers.remove(CONTENT_RANGE).filter(|_| status == StatusCode::RANGE_NOT_SATISFIABLE);
    for name in OF_THE_BODY {
        headers.remove(name);
    }
    if let Some(length) = length {
        headers.insert(CONTENT_RANGE, length);
    }
}

/// A failure speaks of this moment only, whatever a layer inside says of all answers.
pub(super) fn uncached<B>(mut answer: Response<B>) -> Response<B> {
    answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}
