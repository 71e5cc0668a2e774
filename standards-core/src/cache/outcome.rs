//! What became of what a cache was asked.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::Namespace;

/// What happened in a cache, for metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CacheOutcome {
    /// A value was found in memory.
    HitMemory,
    /// It was found in memory that there is none.
    HitNegative,
    /// It was found in the shared level.
    HitShared,
    /// Neither level had it.
    Miss,
    /// A load ended well, of a value or of its absence.
    Loaded,
    /// A load failed, or panicked.
    LoadFailed,
    /// A value began to be loaded anew before its end.
    Refreshed,
    /// A load was not kept, since the key was annulled after it had begun.
    StaleRefused,
    /// A load was begun beside one that takes too long.
    Overtaken,
    /// A key was too long to be kept.
    Unkeyed,
    /// A key was annulled here.
    Invalidated,
    /// A key was annulled by another instance.
    InvalidationReceived,
    /// The shared level gave no answer.
    SharedFailed,
    /// What the shared level had could not be read.
    Corrupt,
    /// A value was too large for the shared level.
    TooLarge,
}

impl CacheOutcome {
    /// All of them.
    pub const ALL: [Self; 15] = [
        Self::HitMemory,
        Self::HitNegative,
        Self::HitShared,
        Self::Miss,
        Self::Loaded,
        Self::LoadFailed,
        Self::Refreshed,
        Self::StaleRefused,
        Self::Overtaken,
        Self::Unkeyed,
        Self::Invalidated,
        Self::InvalidationReceived,
        Self::SharedFailed,
        Self::Corrupt,
        Self::TooLarge,
    ];

    /// As a label of a metric has it.
    ///
    /// ```
    /// use standards_core::cache::CacheOutcome;
    ///
    /// assert_eq!(CacheOutcome::HitMemory.as_str(), "hit_memory");
    /// ```
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::HitMemory => "hit_memory",
            Self::HitNegative => "hit_negative",
            Self::HitShared => "hit_shared",
            Self::Miss => "miss",
            Self::Loaded => "loaded",
            Self::LoadFailed => "load_failed",
            Self::Refreshed => "refreshed",
            Self::StaleRefused => "stale_refused",
            Self::Overtaken => "overtaken",
            Self::Unkeyed => "unkeyed",
            Self::Invalidated => "invalidated",
            Self::InvalidationReceived => "invalidation_received",
            Self::SharedFailed => "shared_failed",
            Self::Corrupt => "corrupt",
            Self::TooLarge => "too_large",
        }
    }
}

/// Is told of everything that happens in a cache, at once and on the thread that it happens on: counts it, and does nothing more.
pub trait CacheObserver: Send + Sync {
    /// It happened once.
    fn observe(&self, namespace: Namespace, outcome: CacheOutcome);
}

/// Counts for itself and tells the observer.
pub(super) struct Tally {
    namespace: Namespace,
    counts: [AtomicU64; CacheOutcome::ALL.len()],
    observer: Option<Arc<dyn CacheObserver>>,
}

impl Tally {
    pub(super) fn new(namespace: Namespace, observer: Option<Arc<dyn CacheObserver>>) -> Self {
        Self { namespace, counts: Default::default(), observer }
    }

    pub(super) fn tell(&self, outcome: CacheOutcome) {
        if let Some(count) = self.counts.get(outcome as usize) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        if let Some(observer) = &self.observer {
            observer.observe(self.namespace, outcome);
        }
    }

    pub(super) fn count(&self, outcome: CacheOutcome) -> u64 {
        self.counts.get(outcome as usize).map_or(0, |count| count.load(Ordering::Relaxed))
    }
}

impl fmt::Debug for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let told = CacheOutcome::ALL.iter().filter(|outcome| self.count(**outcome) > 0);
        f.debug_map().entries(told.map(|outcome| (outcome.as_str(), self.count(*outcome)))).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_outcomes_stand_in_their_order() {
        for (index, outcome) in CacheOutcome::ALL.iter().enumerate() {
            assert_eq!(*outcome as usize, index);
        }
    }
}
