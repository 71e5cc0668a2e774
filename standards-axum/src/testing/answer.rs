//! The whole answer to a request, and what its log says.

use axum::body::Bytes;
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use http::response::Parts;
use serde::de::DeserializeOwned;
use serde_json::{Value as Json, json};
use standards_core::log::capture::{Capture, Extent, differences};
use standards_core::{CorrelationId, ErrorItem};

use super::asked::Asked;
use crate::answer::IDEMPOTENT_REPLAYED;

/// What came of a request.
///
/// What begins with `assert_` says in a failing test what differs, and returns the answer, so that more can be asserted of it.
#[derive(Debug)]
pub struct TestAnswer {
    pub(super) asked: Asked,
    pub(super) head: Parts,
    pub(super) body: Bytes,
    pub(super) log: Capture,
}

impl TestAnswer {
    /// The status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.head.status.as_u16()
    }

    /// The headers.
    #[must_use]
    pub const fn headers(&self) -> &HeaderMap {
        &self.head.headers
    }

    /// The value of a header, of several the first; nothing where there is none, or it is no text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.headers.get(name)?.to_str().ok()
    }

    /// The body as it came.
    #[must_use]
    pub const fn bytes(&self) -> &Bytes {
        &self.body
    }

    /// The body as text.
    ///
    /// # Panics
    ///
    /// When it is none.
    #[must_use]
    #[track_caller]
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap_or_else(|error| panic!("{} was answered by no text: {error}", self.asked))
    }

    /// The body as JSON.
    ///
    /// # Panics
    ///
    /// When it is none.
    #[must_use]
    #[track_caller]
    pub fn json(&self) -> Json {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| self.fail(&[format!("body: {error}")]))
    }

    /// The body as the envelope (contract section 1): JSON with exactly its three keys, of which each is as the status demands.
    ///
    /// # Panics
    ///
    /// When it is none.
    #[must_use]
    #[track_caller]
    pub fn envelope(&self) -> Json {
        let broken = self.broken_envelope();
        if broken.is_empty() { self.json() } else { self.fail(&broken) }
    }

    /// What makes it no envelope.
    #[track_caller]
    fn broken_envelope(&self) -> Vec<String> {
        let Json::Object(envelope) = self.json() else { return vec!["body: no JSON object".to_owned()] };
        let is_success = self.status() < 400;
        let is = |name: &str, value: &Json| envelope.get(name) == Some(value);
        let mut broken = Vec::new();
        let mut demand = |holds: bool, what: &str| {
            if !holds {
                broken.push(format!("envelope: {what}"));
            }
        };
        demand(self.header(CONTENT_TYPE.as_str()) == Some("application/json"), "content-type is not application/json");
        let has_keys = envelope.len() == 3 && ["success", "data", "errors"].iter().all(|key| envelope.contains_key(*key));
        demand(has_keys, "its keys are not success, data, errors");
        demand(is("success", &json!(is_success)), "success is not what the status says");
        demand(is("errors", &json!([])) == is_success, "it has errors if and only if it failed, which it does not keep");
        demand(is_success || is("data", &Json::Null), "it has data though it failed");
        broken
    }

    /// The data of a success in the envelope.
    ///
    /// # Panics
    ///
    /// When the answer is none.
    #[must_use]
    #[track_caller]
    pub fn data(&self) -> Json {
        if self.status() >= 400 {
            self.fail(&[format!("status: expected a success, found {}", self.status())]);
        }
        self.envelope()["data"].take()
    }

    /// The same, read into a type.
    ///
    /// # Panics
    ///
    /// When the answer is no success, or its data is of another form.
    #[must_use]
    #[track_caller]
    pub fn data_as<T: DeserializeOwned>(&self) -> T {
        serde_json::from_value(self.data()).unwrap_or_else(|error| self.fail(&[format!("data: {error}")]))
    }

    /// The items of a failure in the envelope.
    ///
    /// # Panics
    ///
    /// When the answer is none.
    #[must_use]
    #[track_caller]
    pub fn errors(&self) -> Vec<ErrorItem> {
        if self.status() < 400 {
            self.fail(&[format!("status: expected a failure, found {}", self.status())]);
        }
        serde_json::from_value(self.envelope()["errors"].take()).unwrap_or_else(|error| self.fail(&[format!("errors: {error}")]))
    }

    /// Whether it says that it repeats the answer of an earlier request under its key.
    #[must_use]
    pub fn is_replay(&self) -> bool {
        self.header(IDEMPOTENT_REPLAYED.as_str()) == Some("true")
    }

    /// The status is this one.
    ///
    /// # Panics
    ///
    /// When it is another.
    #[track_caller]
    pub fn assert_status(&self, status: u16) -> &Self {
        if self.status() != status {
            self.fail(&[format!("status: expected {status}, found {}", self.status())]);
        }
        self
    }

    /// It is a success in the envelope with exactly this data.
    ///
    /// # Panics
    ///
    /// When it is not.
    ///
    /// A value that differs from run to run is taken from the answer: `json!({"id": 1, "created_at": answer.data()["created_at"]})`.
    #[track_caller]
    pub fn assert_data(&self, expected: &Json) -> &Self {
        self.assert_same("data", expected, &self.data(), Extent::Exactly)
    }

    /// It is a success in the envelope with at least this data: objects may hold more.
    ///
    /// # Panics
    ///
    /// When it is not.
    #[track_caller]
    pub fn assert_data_holds(&self, expected: &Json) -> &Self {
        self.assert_same("data", expected, &self.data(), Extent::AtLeast)
    }

    /// It is this one failure in the envelope.
    ///
    /// # Panics
    ///
    /// When it is not.
    #[track_caller]
    pub fn assert_failure(&self, status: u16, code: &str, message: &str) -> &Self {
        self.assert_failures(status, &[(code, message)])
    }

    /// It is a failure in the envelope with exactly these items, each a code and a message.
    ///
    /// # Panics
    ///
    /// When it is not.
    #[track_caller]
    pub fn assert_failures(&self, status: u16, items: &[(&str, &str)]) -> &Self {
        let items: Vec<_> = items.iter().map(|(code, message)| json!({"code": code, "message": message})).collect();
        let expected = json!({"status": status, "errors": items});
        let mut found = json!({"status": self.status(), "errors": null});
        found["errors"] = if self.status() < 400 { Json::Null } else { self.envelope()["errors"].take() };
        self.assert_same("", &expected, &found, Extent::Exactly)
    }

    /// It is 422 with exactly these sentences, one per bad field: `monto: debe ser mayor que cero`.
    ///
    /// # Panics
    ///
    /// When it is not.
    #[track_caller]
    pub fn assert_invalid(&self, sentences: &[&str]) -> &Self {
        let items: Vec<_> = sentences.iter().map(|sentence| ("VALIDATION_ERROR", *sentence)).collect();
        self.assert_failures(422, &items)
    }

    #[track_caller]
    fn assert_same(&self, name: &str, expected: &Json, found: &Json, extent: Extent) -> &Self {
        let different = differences(name, expected, found, extent);
        if different.is_empty() { self } else { self.fail(&different) }
    }
}

/// The request's log.
impl TestAnswer {
    /// The records of the request, those that are written after its answer included.
    #[must_use]
    pub const fn log(&self) -> &Capture {
        &self.log
    }

    /// The correlation id under which the request was answered.
    #[must_use]
    pub const fn correlation_id(&self) -> &CorrelationId {
        self.log.id()
    }

    /// The records above `DEBUG`, in the order in which they were written.
    ///
    /// # Panics
    ///
    /// When a record of this process breaks the schema.
    #[must_use]
    #[track_caller]
    pub fn records(&self) -> Vec<Json> {
        let mut records = self.log.records();
        records.retain(|record| record["level"] != "DEBUG");
        records
    }

    /// The sentences of the records above `DEBUG` are these.
    ///
    /// # Panics
    ///
    /// When they are not.
    #[track_caller]
    pub fn assert_messages(&self, expected: &[&str]) -> &Self {
        let messages: Vec<_> = self.records().iter_mut().map(|record| record["message"].take()).collect();
        self.assert_same("messages", &json!(expected), &json!(messages), Extent::Exactly)
    }

    /// A record of the request holds at least what `expected` says.
    ///
    /// # Panics
    ///
    /// As [`Capture::assert_logged`] does, with the nearest record.
    #[track_caller]
    pub fn assert_logged(&self, expected: &Json) -> &Self {
        self.log.assert_logged(expected);
        self
    }

    /// The record that tells how the request ended, without its duration.
    ///
    /// # Panics
    ///
    /// When there is not exactly one.
    #[must_use]
    #[track_caller]
    pub fn access_record(&self) -> Json {
        let mut access = self.log.records();
        access.retain(|record| record["context"]["status"].is_u64());
        let (Some(mut record), 0) = (access.pop(), access.len()) else {
            self.fail(&[format!("access record: expected one, found {} more", access.len())]);
        };
        if let Some(context) = record["context"].as_object_mut() {
            context.remove("duration_ms");
        }
        record
    }

    /// Fails the test, with all that is known of the request.
    #[track_caller]
    fn fail(&self, different: &[String]) -> ! {
        let text = String::from_utf8_lossy(&self.body);
        let records: Vec<_> = self.log.records().iter().map(sentence_of).collect();
        panic!(
            "{} was answered otherwise than expected:\n  {}\nanswer: {}\n{}\nrecords:\n  {}",
            self.asked,
            different.join("\n  "),
            self.status(),
            text.chars().take(SHOWN).collect::<String>(),
            records.join("\n  ")
        )
    }
}

/// How many characters of a body a failing test shows.
const SHOWN: usize = 4_000;

/// A record in a line.
fn sentence_of(record: &Json) -> String {
    let text = |value: &Json| value.as_str().unwrap_or_default().to_owned();
    let cause = record["error"]["message"].as_str().map(|cause| format!(" ({cause})")).unwrap_or_default();
    format!("{} {}{cause}", text(&record["level"]), text(&record["message"]))
}
