//! What a request says in confidence, blotted out where the other service repeats it.

use bytes::Bytes;
use http::header::{ACCEPT, ACCEPT_ENCODING, ACCEPT_LANGUAGE, CONTENT_TYPE};
use http::{HeaderName, Request};
use percent_encoding::percent_decode_str;

use crate::layers::{TRACEPARENT, X_CORRELATION_ID};

/// What stands in the place of a confidence.
const BLOT: &str = "••••";

/// The shortest text that is one, in bytes: of a shorter one every number would be full.
const SHORTEST: usize = 4;

/// Headers that hold none.
const OPEN: [HeaderName; 6] = [ACCEPT, ACCEPT_ENCODING, ACCEPT_LANGUAGE, CONTENT_TYPE, TRACEPARENT, X_CORRELATION_ID];

/// `text` without the values of the request's headers and of its query.
pub(super) fn blotted(text: &str, request: &Request<Bytes>) -> String {
    let mut confidences: Vec<String> =
        of_headers(request).chain(of_query(request)).filter(|text| text.len() >= SHORTEST).collect();
    // What holds another one goes first.
    confidences.sort_by_key(|text| std::cmp::Reverse(text.len()));
    confidences.iter().fold(text.to_owned(), |text, confidence| text.replace(confidence, BLOT))
}

/// Each value, and its part after the scheme (`Bearer ..`).
fn of_headers(request: &Request<Bytes>) -> impl Iterator<Item = String> {
    let told = request.headers().iter().filter(|(name, _)| !OPEN.contains(name));
    told.filter_map(|(_, value)| value.to_str().ok()).flat_map(|value| {
        let after_scheme = value.split_once(' ').map(|(_, rest)| rest.trim().to_owned());
        [Some(value.to_owned()), after_scheme].into_iter().flatten()
    })
}

/// Each value, as it was sent and as it is read.
fn of_query(request: &Request<Bytes>) -> impl Iterator<Item = String> {
    let query = request.uri().query().unwrap_or_default();
    query.split('&').flat_map(|pair| {
        let value = pair.split_once('=').map_or(pair, |(_, value)| value);
        let read = percent_decode_str(value).decode_utf8_lossy().into_owned();
        [value.to_owned(), read.replace('+', " "), read]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_said_in_confidence_is_not_repeated() {
        let request = Request::get("http://a/x?clave=hunter2&correo=ana%40example.com&n=7&solo")
            .header("authorization", "Bearer abc.def")
            .header("x-api-key", "k-123456")
            .header("content-type", "application/json")
            .body(Bytes::new())
            .unwrap();
        let said = "7: hunter2 ana@example.com ana%40example.com Bearer abc.def abc.def k-123456 solo application/json";
        let left = "7: •••• •••• •••• •••• •••• •••• •••• application/json";
        assert_eq!(blotted(said, &request), left);
    }
}
