//! Saying often what happens often would be a fault of its own.

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
