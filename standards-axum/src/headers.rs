//! The headers that the standard adds to requests and answers: one list for CORS and for the OpenAPI document (contract, sections 3 and 5).

use http::HeaderName;
use http::header::{ACCEPT, ACCEPT_LANGUAGE, AUTHORIZATION, CONTENT_TYPE};

use crate::extract::IDEMPOTENCY_KEY;
use crate::layers::X_CORRELATION_ID;

/// What a page of another origin may send: content and language, credentials, the correlation id, W3C's trace and its baggage, the key.
pub(crate) const SENT: [HeaderName; 9] = [
    ACCEPT,
    ACCEPT_LANGUAGE,
    AUTHORIZATION,
    CONTENT_TYPE,
    X_CORRELATION_ID,
    HeaderName::from_static("traceparent"),
    HeaderName::from_static("tracestate"),
    HeaderName::from_static("baggage"),
    IDEMPOTENCY_KEY,
];

/// A header of answers that tells a client something: a page of another origin may read it, and the document shows it with the statuses
/// that it always comes with.
#[cfg_attr(not(feature = "openapi"), expect(dead_code, reason = "the document alone tells more than the name"))]
pub(crate) struct Told {
    pub(crate) name: &'static str,
    pub(crate) meaning: &'static str,
    pub(crate) form: Form,
    pub(crate) comes_with: fn(status: u16) -> bool,
}

/// What a header's value is.
#[derive(Clone, Copy)]
#[cfg_attr(not(feature = "openapi"), expect(dead_code, reason = "the document alone tells more than the name"))]
pub(crate) enum Form {
    /// A text of this pattern.
    Text(&'static str),
    Number,
}

const ANY: Form = Form::Text(".*");

/// In the order of their names, as a document shows them. The last ones are those of a rate limit (draft-ietf-httpapi-ratelimit-headers).
pub(crate) const TOLD: [Told; 10] = [
    told("Idempotent-Replayed", "The answer of an earlier request with the same key", Form::Text("^true$"), |_| false),
    told("Link", "Where the other parts of a list are (RFC 8288)", ANY, |_| false),
    told("Retry-After", "Seconds to wait before the next attempt", Form::Number, |status| matches!(status, 409 | 429 | 503)),
    told("X-Correlation-ID", "The id of the request, in every log record of it", Form::Text("^[A-Za-z0-9._:-]{1,128}$"), |_| {
        true
    }),
    told("X-Total-Count", "How many a list has on all its pages", Form::Number, |_| false),
    told("RateLimit", "What is left of the limits", ANY, |_| false),
    told("RateLimit-Policy", "The limits", ANY, |_| false),
    told("RateLimit-Limit", "Requests that the limit allows", Form::Number, |status| status == 429),
    told("RateLimit-Remaining", "Requests that are left of it", Form::Number, |status| status == 429),
    told("RateLimit-Reset", "Seconds until they are as many as at first", Form::Number, |status| status == 429),
];

const fn told(name: &'static str, meaning: &'static str, form: Form, comes_with: fn(u16) -> bool) -> Told {
    Told { name, meaning, form, comes_with }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::IDEMPOTENT_REPLAYED;
    use crate::extract::X_TOTAL_COUNT;
    use crate::layers::{RATE_LIMIT_LIMIT, RATE_LIMIT_REMAINING, RATE_LIMIT_RESET};

    #[test]
    fn the_names_are_those_that_are_sent() {
        let of_a_rate = [RATE_LIMIT_LIMIT, RATE_LIMIT_REMAINING, RATE_LIMIT_RESET];
        let others = [IDEMPOTENT_REPLAYED, X_CORRELATION_ID, X_TOTAL_COUNT, http::header::LINK, http::header::RETRY_AFTER];
        for name in others.into_iter().chain(of_a_rate) {
            assert!(TOLD.iter().any(|told| told.name.eq_ignore_ascii_case(name.as_str())), "{name}");
        }
    }
}
