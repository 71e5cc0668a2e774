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

/// The most bytes that are shown of a text.
const MOST: usize = 2048;

/// What a request says in confidence: the values of its headers and of its query.
pub(super) struct Confidences(Vec<String>);

impl Confidences {
    pub(super) fn of(request: &Request<Bytes>) -> Self {
        let mut all: Vec<String> = of_headers(request).chain(of_query(request)).filter(|text| text.len() >= SHORTEST).collect();
        // What holds another one goes first.
        all.sort_by(|one, other| other.len().cmp(&one.len()).then_with(|| one.cmp(other)));
        all.dedup();
        Self(all)
    }

    /// The beginning of `text`, without them. It is walked through once, whatever is in it: what stands in a confidence's place is not looked at
    /// again, and none is torn where the text is cut.
    pub(super) fn blot(&self, text: &str) -> String {
        let (mut shown, mut rest) = (String::new(), text);
        while let Some(next) = rest.chars().next().filter(|_| shown.len() < MOST) {
            let confided = self.0.iter().find_map(|confidence| rest.strip_prefix(confidence.as_str()));
            let (told, left) = rest.split_at(next.len_utf8());
            shown.push_str(if confided.is_some() { BLOT } else { told });
            rest = confided.unwrap_or(left);
        }
        shown
    }
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
        assert_eq!(Confidences::of(&request).blot(said), left);
    }

    #[test]
    fn what_is_blotted_is_not_read_again() {
        let query: Vec<_> = (0..12).map(|n| format!("p{n}=%E2%80%A2%E2%80%A2")).collect();
        let request = Request::get(format!("http://a/x?{}", query.join("&"))).body(Bytes::new()).unwrap();
        assert_eq!(Confidences::of(&request).blot("a ••••• b"), format!("a {BLOT}{BLOT}• b"));
    }

    #[test]
    fn a_long_text_is_cut_and_no_confidence_torn() {
        let request = Request::get("http://a/x?clave=hunter2").body(Bytes::new()).unwrap();
        let said = format!("{}hunter2hunter2{}", "x".repeat(MOST - 3), "y".repeat(1_000_000));
        assert_eq!(Confidences::of(&request).blot(&said), format!("{}{BLOT}", "x".repeat(MOST - 3)));
    }
}
