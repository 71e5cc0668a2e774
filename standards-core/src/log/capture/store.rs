//! The lines of a test process, by correlation id, each one checked.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::validate::problems_of;
use crate::log::sink::{Line, LineSink};

pub(super) struct Store(Mutex<Written>);

struct Written {
    lines: BTreeMap<Box<str>, Vec<String>>,
    invalid: Vec<String>,
}

impl Store {
    pub(super) const fn new() -> Self {
        Self(Mutex::new(Written { lines: BTreeMap::new(), invalid: Vec::new() }))
    }

    pub(super) fn lines(&self, id: &str) -> Vec<String> {
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
        written.lines.entry(line.correlation_id.into()).or_default().push(text);
    }
}
