//! Saying often what happens often would be a fault of its own.
//!
//! A server that is full, or out of descriptors, meets that with every connection that comes: a record each would fill the log just when it
//! is needed. The first is written at once, and the next one says how many were left out (`unsaid`).

use std::time::Duration;

use standards_core::log::{LogLevel, Record};
use tokio::time::Instant;

const PAUSE: Duration = Duration::from_secs(1);

/// Warns of something, at most once a second.
#[derive(Debug)]
pub(super) struct Seldom {
    message: &'static str,
    said: Option<Instant>,
    /// How often it has happened since.
    unsaid: u64,
}

impl Seldom {
    /// A warning of this sentence, which has not been given yet.
    pub(super) const fn new(message: &'static str) -> Self {
        Self { message, said: None, unsaid: 0 }
    }

    /// Says it, and how often it was not said since the last time, or counts it.
    pub(super) fn warn(&mut self, cause: &str) {
        if self.said.is_some_and(|said| said.elapsed() < PAUSE) {
            self.unsaid += 1;
            return;
        }
        let record = Record::new(LogLevel::Warning, self.message).field("cause", cause.to_owned());
        record.field("unsaid", self.unsaid).emit();
        (self.said, self.unsaid) = (Some(Instant::now()), 0);
    }
}
