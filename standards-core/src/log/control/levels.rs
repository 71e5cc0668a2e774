//! The level filters in force: those of the start, and what was set since, for a while or until further notice.

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Instant;

use tracing::level_filters::LevelFilter;

use super::filter::LevelFilters;
use crate::level::LogLevel;
use crate::timestamp::Timestamp;

/// Filters that can be changed while records are written.
#[derive(Debug)]
pub(super) struct Levels {
    /// What every module writes, and what no module writes; only in between must the table be asked.
    least: AtomicU8,
    most: AtomicU8,
    effective: RwLock<LevelFilters>,
    settings: Mutex<Settings>,
}

#[derive(Debug)]
struct Settings {
    start: LevelFilters,
    /// In the place of those of the start, for a while.
    lent: Option<Lent>,
    overrides: Vec<Override>,
}

#[derive(Debug)]
struct Lent {
    filters: LevelFilters,
    until: Instant,
    /// The same by the clock on the wall.
    returns_at: Timestamp,
}

#[derive(Clone, Debug)]
struct Override {
    target: String,
    level: LevelFilter,
    until: Option<Instant>,
}

impl Levels {
    pub(super) fn new(filters: LevelFilters) -> Self {
        let levels = Self {
            least: AtomicU8::new(0),
            most: AtomicU8::new(0),
            effective: RwLock::new(filters.clone()),
            settings: Mutex::new(Settings { start: filters, lent: None, overrides: Vec::new() }),
        };
        levels.apply(&levels.settings());
        levels
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
        self.effective.read().unwrap_or_else(PoisonError::into_inner).level_of(target) >= level
    }

    /// The filters in force.
    pub(super) fn filters(&self) -> LevelFilters {
        self.effective.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Sets the level of `target`, `until` then or for good.
    pub(super) fn set(&self, target: &str, level: LevelFilter, until: Option<Instant>) {
        let mut settings = self.settings();
        settings.overrides.retain(|earlier| earlier.target != target);
        settings.overrides.push(Override { target: target.to_owned(), level, until });
        self.apply(&settings);
    }

    /// Returns `target` to the level of the start.
    pub(super) fn reset(&self, target: &str) {
        let mut settings = self.settings();
        settings.overrides.retain(|earlier| earlier.target != target);
        self.apply(&settings);
    }

    /// Puts `filters` in the place of those of the start, and of any that were lent before, `until` then.
    pub(super) fn lend(&self, filters: LevelFilters, until: Instant, returns_at: Timestamp) {
        let mut settings = self.settings();
        settings.lent = Some(Lent { filters, until, returns_at });
        self.apply(&settings);
    }

    /// When the filters of the start return, where others stand in their place.
    pub(super) fn returns_at(&self) -> Option<Timestamp> {
        self.settings().lent.as_ref().map(|lent| lent.returns_at)
    }

    /// Returns to the filters of the start where the time of others is over at `now`; whether it was.
    pub(super) fn take_back(&self, now: Instant) -> bool {
        let mut settings = self.settings();
        let is_over = settings.lent.take_if(|lent| lent.until <= now).is_some();
        self.apply(&settings);
        is_over
    }

    /// Ends what was set until `now`, and tells for which targets.
    pub(super) fn expire(&self, now: Instant) -> Vec<String> {
        let mut settings = self.settings();
        let is_over = |over: &Override| over.until.is_some_and(|until| until <= now);
        let ended: Vec<Override> = settings.overrides.extract_if(.., |over| is_over(over)).collect();
        self.apply(&settings);
        ended.into_iter().map(|over| over.target).collect()
    }

    /// When the next setting ends.
    pub(super) fn next_end(&self) -> Option<Instant> {
        let settings = self.settings();
        let lent = settings.lent.as_ref().map(|lent| lent.until);
        settings.overrides.iter().filter_map(|over| over.until).chain(lent).min()
    }

    fn apply(&self, settings: &Settings) {
        let mut filters = settings.lent.as_ref().map_or(&settings.start, |lent| &lent.filters).clone();
        for over in &settings.overrides {
            filters.set(&over.target, over.level);
        }
        self.least.store(rank(filters.least()), Ordering::Relaxed);
        self.most.store(rank(filters.most()), Ordering::Relaxed);
        *self.effective.write().unwrap_or_else(PoisonError::into_inner) = filters;
    }

    fn settings(&self) -> MutexGuard<'_, Settings> {
        self.settings.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl From<LogLevel> for LevelFilter {
    /// The filter that lets this level pass, and what is more urgent.
    fn from(level: LogLevel) -> Self {
        match level {
            LogLevel::Debug => Self::DEBUG,
            LogLevel::Info => Self::INFO,
            LogLevel::Warning => Self::WARN,
            LogLevel::Error => Self::ERROR,
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_setting_ends_and_leaves_the_others() {
        let levels = Levels::new("info,a=warn".parse().unwrap());
        let now = Instant::now();
        levels.set("a", LevelFilter::TRACE, Some(now + Duration::from_secs(5)));
        levels.set("b", LevelFilter::OFF, None);
        levels.set("", LevelFilter::DEBUG, Some(now + Duration::from_secs(9)));
        assert_eq!(levels.filters().to_string(), "debug,a=trace,b=off");
        assert_eq!(levels.next_end(), Some(now + Duration::from_secs(5)));
        assert_eq!(levels.expire(now + Duration::from_secs(6)), ["a"]);
        assert_eq!(levels.filters().to_string(), "debug,a=warn,b=off");
        levels.reset("b");
        assert_eq!(levels.expire(now + Duration::from_secs(9)), [""]);
        assert_eq!((levels.filters().to_string().as_str(), levels.next_end()), ("info,a=warn", None));
    }

    #[test]
    fn the_last_filters_that_were_lent_stand_and_those_of_the_start_return() {
        let (levels, now) = (Levels::new("info,a=warn".parse().unwrap()), Instant::now());
        let lend = |filters: &str, seconds| {
            levels.lend(filters.parse().unwrap(), now + Duration::from_secs(seconds), Timestamp::now());
        };
        levels.set("c", LevelFilter::OFF, None);
        lend("a=trace", 9);
        lend("warn,b=debug", 5);
        assert_eq!((levels.filters().to_string().as_str(), levels.returns_at().is_some()), ("warn,b=debug,c=off", true));
        assert_eq!(levels.next_end(), Some(now + Duration::from_secs(5)));
        assert!(!levels.take_back(now + Duration::from_secs(4)) && levels.take_back(now + Duration::from_secs(5)));
        assert_eq!((levels.filters().to_string().as_str(), levels.returns_at()), ("info,a=warn,c=off", None));
        assert_eq!(levels.next_end(), None);
    }

    #[test]
    fn the_table_is_asked_between_the_least_and_the_most() {
        let levels = Levels::new("warn,a=debug,b=off".parse().unwrap());
        assert!(levels.enable("a", LevelFilter::DEBUG) && !levels.enable("c", LevelFilter::INFO));
        assert!(!levels.enable("b", LevelFilter::ERROR) && !levels.enable("a", LevelFilter::TRACE));
    }
}
