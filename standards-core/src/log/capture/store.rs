//! The lines of a test process, by correlation id.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::log::sink::{Line, LineSink};

pub(super) struct Store(Mutex<BTreeMap<Box<str>, Vec<String>>>);

impl Store {
    pub(super) const fn new() -> Self {
        Self(Mutex::new(BTreeMap::new()))
    }

    pub(super) fn lines(&self, id: &str) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(id).cloned().unwrap_or_default()
    }
}

impl LineSink for &'static Store {
    fn write(&self, line: Line<'_>) {
        let text = String::from_utf8_lossy(line.bytes).into_owned();
        self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(line.correlation_id.into()).or_default().push(text);
    }
}
