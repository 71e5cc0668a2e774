//! The lines of a test process, by correlation id, each one checked.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::Value as Json;

use super::origin::Origin;
use super::validate::problems_of;
use crate::log::sink::{Line, LineSink};

pub(super) struct Store(Mutex<Written>);

struct Written {
    lines: BTreeMap<Box<str>, Vec<Stored>>,
    invalid: Vec<String>,
}

/// A line, and where it came from.
#[derive(Clone, Debug)]
pub(super) struct Stored {
    pub(super) line: String,
    origin: Origin,
}

impl Stored {
    /// The line, read back.
    #[track_caller]
    #[expect(clippy::panic, reason = "an assertion of the test kit")]
    pub(super) fn record(&self) -> Json {
        serde_json::from_str(&self.line).unwrap_or_else(|error| panic!("{error} in {}", self.line))
    }
}

/// The record, and beneath it where it came from.
impl fmt::Display for Stored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#}{}", self.record(), self.origin)
    }
}

impl Store {
    pub(super) const fn new() -> Self {
        Self(Mutex::new(Written { lines: BTreeMap::new(), invalid: Vec::new() }))
    }

    pub(super) fn lines(&self, id: &str) -> Vec<Stored> {
        self.written().lines.get(id).cloned().unwrap_or_default()
    }

    #[track_caller]
    pub(super) fn assert_valid(&self) {
        let invalid = std::mem::take(&mut self.written().invalid);
        assert!(invalid.is_empty(), "lines that break the record's schema:\n{}", invalid.join("\n"));
    }

    fn written(&self) -> MutexGuard<'_, Written> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl LineSink for &'static Store {
    fn write(&self, line: Line<'_>) {
        let problems = problems_of(line.bytes);
        let text = String::from_utf8_lossy(line.bytes).into_owned();
        let mut written = self.written();
        if !problems.is_empty() {
            written.invalid.push(format!("{} in {text}", problems.join(", ")));
        }
        written.lines.entry(line.correlation_id.into()).or_default().push(Stored { line: text, origin: Origin::take() });
    }
}
