//! The headers of an envelope.

use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderName, HeaderValue};

/// What every envelope says of itself: it is JSON, and it speaks of this moment only.
pub(crate) const fn json_headers() -> [(HeaderName, HeaderValue); 2] {
    [(CONTENT_TYPE, HeaderValue::from_static("application/json")), (CACHE_CONTROL, HeaderValue::from_static("no-store"))]
}
