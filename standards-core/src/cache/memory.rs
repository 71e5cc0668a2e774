//! The entries in this process.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use moka::sync::Cache;
use tokio::time::Instant;

use super::CachePolicy;

/// A value, or that there is none, and until when.
pub(super) struct Entry<T> {
    pub(super) value: Option<Arc<T>>,
    pub(super) expires: Instant,
    refresh_from: Instant,
    weight: u32,
    era: u64,
    refreshing: AtomicBool,
}

impl<T> Entry<T> {
    /// Kept for `kept` from `begun` on. The refresh begins at 80 to 90 % of it.
    pub(super) fn new(value: Option<Arc<T>>, weight: u32, era: u64, life: Life) -> Self {
        let refresh_from = life.begun + life.kept.mul_f64(0.8 + 0.1 * chance());
        Self { value, expires: life.end(), refresh_from, weight, era, refreshing: AtomicBool::new(false) }
    }

    /// Whether it is time for a refresh and nobody has seen to it. One is tried per entry.
    pub(super) fn takes_refresh(&self, now: Instant) -> bool {
        now >= self.refresh_from && !self.refreshing.swap(true, Ordering::Relaxed)
    }
}

/// Whether it is an answer that there is no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// No: who asks has no use for that.
    Value,
    /// Yes.
    Any,
}

/// From when a value counts, before it was loaded, and how long from then on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Life {
    pub(super) begun: Instant,
    pub(super) kept: Duration,
}

impl Life {
    pub(super) fn end(self) -> Instant {
        self.begun + self.kept
    }
}

/// A number from 0 to 1 that nobody foresees.
pub(super) fn chance() -> f64 {
    const SCALE: f64 = u32::MAX as f64;
    let bits = RandomState::new().hash_one(0_u8) >> 32;
    f64::from(u32::try_from(bits).unwrap_or_default()) / SCALE
}

/// Bounded. moka knows what is worth its place; how long an entry lives is decided here, by Tokio's clock.
pub(super) struct Memory<T> {
    entries: Cache<Arc<str>, Arc<Entry<T>>>,
    /// Of entries from before [`clear`](Self::clear) nothing is believed, whenever they come in.
    era: AtomicU64,
}

impl<T: Send + Sync + 'static> Memory<T> {
    pub(super) fn new(policy: &CachePolicy) -> Self {
        let entries = Cache::builder().max_capacity(policy.capacity()).weigher(|_, entry: &Arc<Entry<T>>| entry.weight);
        Self { entries: entries.build(), era: AtomicU64::new(0) }
    }

    pub(super) fn era(&self) -> u64 {
        self.era.load(Ordering::Acquire)
    }

    /// What has not expired, if it is what is wanted.
    pub(super) fn fresh(&self, key: &str, now: Instant, wanted: Wanted) -> Option<Arc<Entry<T>>> {
        let is_wanted = |entry: &Arc<Entry<T>>| entry.value.is_some() || wanted == Wanted::Any;
        self.entries.get(key).filter(|entry| now < entry.expires && entry.era == self.era() && is_wanted(entry))
    }

    pub(super) fn insert(&self, key: Arc<str>, entry: Entry<T>) {
        self.entries.insert(key, Arc::new(entry));
    }

    pub(super) fn remove(&self, key: &str) {
        self.entries.invalidate(key);
    }

    pub(super) fn clear(&self) {
        self.era.fetch_add(1, Ordering::AcqRel);
        self.entries.invalidate_all();
    }

    /// How many there are, about.
    pub(super) fn len(&self) -> u64 {
        self.entries.run_pending_tasks();
        self.entries.entry_count()
    }
}
