//! How many records were dropped.

use std::ops::AddAssign;

use crate::level::LogLevel;

/// Counts of records that were dropped, by level.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dropped {
    /// Dropped at DEBUG.
    pub debug: u64,
    /// Dropped at INFO.
    pub info: u64,
    /// Dropped at WARNING.
    pub warning: u64,
    /// Dropped at ERROR, which happens only when nothing less urgent is left to drop.
    pub error: u64,
}

impl Dropped {
    /// The sum of all levels.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.debug + self.info + self.warning + self.error
    }

    pub(in crate::log) const fn is_zero(&self) -> bool {
        self.total() == 0
    }

    pub(in crate::log) const fn count(&mut self, level: LogLevel, records: u64) {
        match level {
            LogLevel::Debug => self.debug += records,
            LogLevel::Info => self.info += records,
            LogLevel::Warning => self.warning += records,
            LogLevel::Error => self.error += records,
        }
    }
}

impl AddAssign for Dropped {
    fn add_assign(&mut self, other: Self) {
        self.debug += other.debug;
        self.info += other.info;
        self.warning += other.warning;
        self.error += other.error;
    }
}
