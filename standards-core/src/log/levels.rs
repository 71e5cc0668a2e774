//! The level filters in force, as every record asks for them.

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{PoisonError, RwLock};

use tracing::level_filters::LevelFilter;

use super::filter::LevelFilters;

/// Filters that can be replaced while records are written.
#[derive(Debug)]
pub(super) struct Levels {
    /// What every module writes, and what no module writes; only in between must the table be asked.
    least: AtomicU8,
    most: AtomicU8,
    filters: RwLock<LevelFilters>,
}

impl Levels {
    pub(super) fn new(filters: LevelFilters) -> Self {
        let (least, most) = (rank(filters.least()), rank(filters.most()));
        Self { least: AtomicU8::new(least), most: AtomicU8::new(most), filters: RwLock::new(filters) }
    }

    /// Whether a record of `level` from `target` is written.
    pub(super) fn enable(&self, target: &str, level: LevelFilter) -> bool {
        let rank = rank(level);
        if rank <= self.least.load(Ordering::Relaxed) {
            return true;
        }
        if rank > self.most.load(Ordering::Relaxed) {
            return false;
        }
        self.filters.read().unwrap_or_else(PoisonError::into_inner).level_of(target) >= level
    }

    /// The most verbose level of any module.
    pub(super) fn most(&self) -> LevelFilter {
        self.filters.read().unwrap_or_else(PoisonError::into_inner).most()
    }
}

fn rank(level: LevelFilter) -> u8 {
    level.into_level().map_or(0, |level| match level {
        tracing::Level::ERROR => 1,
        tracing::Level::WARN => 2,
        tracing::Level::INFO => 3,
        tracing::Level::DEBUG => 4,
        tracing::Level::TRACE => 5,
    })
}
