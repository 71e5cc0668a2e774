//! How a failure is told in the log: at which level, from which place, and whether at all.

use std::panic::Location;

use super::Failure;
use super::place::converting;
use crate::level::LogLevel;

impl Failure {
    /// Logs this failure at another level than its row says.
    ///
    /// ```
    /// use standards_core::Failure;
    /// use standards_core::log::LogLevel;
    ///
    /// // The nightly report is tried again: nobody has to act.
    /// let failure = Failure::unavailable("the report is not ready").with_level(LogLevel::Warning);
    /// assert_eq!((failure.level(), Failure::unavailable("x").level()), (LogLevel::Warning, LogLevel::Error));
    /// ```
    #[must_use]
    pub fn with_level(self, level: LogLevel) -> Self {
        self.with(|details| details.level = level)
    }

    /// Says that whoever made the failure has logged it: the access record tells at `INFO` how the request ended, and not why.
    ///
    /// ```
    /// use standards_core::Failure;
    /// use standards_core::log::LogLevel;
    ///
    /// let failure = Failure::internal("ledger lost").already_logged();
    /// assert!(failure.is_logged());
    /// ```
    #[must_use]
    pub fn already_logged(self) -> Self {
        self.with(|details| details.is_logged = true)
    }

    /// Names the failure's place in words, where no line of this process's code is to blame: somebody else made it.
    ///
    /// ```
    /// let failure = standards_core::Failure::unavailable("no answer").with_place("<upstream ms-clientes>");
    /// assert_eq!(failure.traceback(), "<upstream ms-clientes>");
    /// ```
    #[must_use]
    pub fn with_place(self, place: impl Into<String>) -> Self {
        self.with_traceback(place.into())
    }

    /// Converts an error as `into` does; the place of a failure that is made on the way is this line, even where the conversion is not
    /// `#[track_caller]`.
    ///
    /// For whoever has a conversion of its own around a failure, such as an answer type.
    ///
    /// ```
    /// use standards_core::Failure;
    ///
    /// struct DbError;
    ///
    /// impl From<DbError> for Failure {
    ///     fn from(_: DbError) -> Self {
    ///         Self::unavailable("no route") // Not this line,
    ///     }
    /// }
    ///
    /// let (failure, line) = (Failure::convert(DbError), line!()); // but this one.
    /// assert!(failure.traceback().contains(&format!(":{line}:")));
    /// ```
    #[track_caller]
    #[must_use]
    pub fn convert(error: impl Into<Self>) -> Self {
        converting(Location::caller(), || error.into()).located()
    }

    /// The level at which it is logged.
    #[must_use]
    pub fn level(&self) -> LogLevel {
        self.0.level
    }

    /// Whether it stands in the log [already](Self::already_logged).
    #[must_use]
    pub fn is_logged(&self) -> bool {
        self.0.is_logged
    }
}
