//! The guideline's four levels.

use std::fmt;

/// A record's level, least urgent first.
///
/// The record writes them as the guideline does; `tracing`'s TRACE is DEBUG.
///
/// ```
/// use standards_core::log::LogLevel;
///
/// assert!(LogLevel::Debug < LogLevel::Info && LogLevel::Warning < LogLevel::Error);
/// assert_eq!(LogLevel::Warning.to_string(), "WARNING");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LogLevel {
    /// For developers.
    Debug,
    /// A business event.
    Info,
    /// An expected failure: domain, validation, 4xx, a dependency that is retried.
    Warning,
    /// What someone must act on.
    Error,
}

impl LogLevel {
    /// All levels, least urgent first.
    pub(crate) const ALL: [Self; 4] = [Self::Debug, Self::Info, Self::Warning, Self::Error];

    /// The level of an answer with `status`: `ERROR` from 500 on, `WARNING` from 400, `INFO` below.
    ///
    /// ```
    /// use standards_core::log::LogLevel;
    ///
    /// assert_eq!([200, 404, 503].map(LogLevel::of_status), [LogLevel::Info, LogLevel::Warning, LogLevel::Error]);
    /// ```
    #[must_use]
    pub const fn of_status(status: u16) -> Self {
        match status {
            500.. => Self::Error,
            400.. => Self::Warning,
            _ => Self::Info,
        }
    }

    /// As the record writes it.
    ///
    /// ```
    /// use standards_core::log::LogLevel;
    ///
    /// assert_eq!(LogLevel::Error.as_str(), "ERROR");
    /// ```
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Debug => "DEBUG",
            Self::Info => "INFO",
            Self::Warning => "WARNING",
            Self::Error => "ERROR",
        }
    }
}

impl fmt::Display for LogLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
