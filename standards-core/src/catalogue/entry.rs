//! A row of the catalogue, and the errors that stand in one.

use super::declare::is_upper_snake_case;
use super::status::ErrorStatus;
use crate::language::{Language, Text};
use crate::level::LogLevel;
use crate::value::Value;

/// One row of the catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ErrorEntry {
    /// What a client compares: `UPPER_SNAKE_CASE`.
    pub code: &'static str,
    /// The HTTP status of the answer.
    pub status: ErrorStatus,
    /// The sentence, with `{field}` where the error's own values stand.
    pub message: Text,
    /// The level at which the failure is logged.
    pub level: LogLevel,
    /// What it means, for the documentation.
    pub description: &'static str,
}

impl ErrorEntry {
    /// A row with the level that its status implies: `ERROR` from 500 on, `WARNING` below.
    ///
    /// # Panics
    ///
    /// At compile time, when `code` is not `UPPER_SNAKE_CASE`.
    #[must_use]
    #[expect(clippy::panic, reason = "a constant that breaks the grammar must not compile")]
    pub const fn new(code: &'static str, status: ErrorStatus, message: Text, description: &'static str) -> Self {
        if !is_upper_snake_case(code) {
            panic!("an error code is UPPER_SNAKE_CASE: it starts with A-Z and goes on with A-Z, 0-9 and single underscores");
        }
        Self { code, status, message, level: LogLevel::of_status(status.as_u16()), description }
    }

    /// The same row, logged at another level.
    #[must_use]
    pub const fn with_level(mut self, level: LogLevel) -> Self {
        self.level = level;
        self
    }
}

/// An error that stands in a catalogue. Declared with [`error_catalogue!`](crate::error_catalogue), seldom by hand.
///
/// Its `Display` is the Spanish sentence for the client; what only the log may know is its
/// [`source`](std::error::Error::source).
pub trait DomainError: std::error::Error + Send + Sync + 'static {
    /// The rows of the whole catalogue, in the order of declaration.
    const ENTRIES: &'static [ErrorEntry];

    /// This error's row.
    fn entry(&self) -> ErrorEntry;

    /// The sentence for the client, values filled in.
    fn message(&self, language: Language) -> String;

    /// The error's own values, for the log record's `context`.
    fn context(&self) -> Vec<(&'static str, Value)>;
}
