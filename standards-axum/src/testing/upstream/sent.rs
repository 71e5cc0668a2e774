//! What was sent to an upstream.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::{HeaderMap, Method, Uri};
use serde_json::Value as Json;
use standards_core::log::capture::{Extent, differences};

/// The most requests that are kept: what goes on without an end must not take the memory of the machine.
const KEPT: usize = 10_000;

/// A request as it came.
#[derive(Clone, Debug)]
pub struct SentRequest {
    /// Its verb.
    pub method: Method,
    /// Its path and query.
    pub uri: Uri,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its whole body.
    pub body: Bytes,
}

impl SentRequest {
    /// The value of a header, of several the first; nothing where there is none, or it is no text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The body as JSON.
    ///
    /// # Panics
    ///
    /// When it is none.
    #[must_use]
    #[track_caller]
    pub fn json(&self) -> Json {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{self} was sent no JSON: {error}"))
    }

    /// The body is exactly this JSON.
    ///
    /// # Panics
    ///
    /// When it is not, with each difference by its path.
    #[track_caller]
    pub fn assert_json(&self, expected: &Json) {
        let different = differences("", expected, &self.json(), Extent::Exactly);
        assert!(different.is_empty(), "{self} was sent another body than expected:\n  {}", different.join("\n  "));
    }
}

impl fmt::Display for SentRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} of {} bytes", self.method, self.uri, self.body.len())
    }
}

/// All that was sent to one upstream.
#[derive(Clone, Debug, Default)]
pub(super) struct Sent(Arc<Mutex<Vec<SentRequest>>>);

impl Sent {
    pub(super) fn note(&self, request: SentRequest) {
        let mut sent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if sent.len() < KEPT {
            sent.push(request);
        }
    }

    pub(super) fn all(&self) -> Vec<SentRequest> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
