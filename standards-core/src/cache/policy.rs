//! What a cache may take, and for how long.

use std::time::Duration;

/// The bounds of one cache.
///
/// ```
/// use std::time::Duration;
/// use standards_core::cache::CachePolicy;
///
/// let policy = CachePolicy::default().with_max_entries(100_000).with_max_bytes(64 << 20).with_staleness(Duration::from_secs(2));
/// assert_eq!(policy.staleness(), Duration::from_secs(2));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CachePolicy {
    pub(super) max_entries: u64,
    pub(super) max_bytes: u64,
    pub(super) staleness: Duration,
    pub(super) negative_ttl: Duration,
    pub(super) patience: Duration,
}

/// 10,000 entries and 16 MiB in memory; five seconds of staleness, five for what is not there, five of patience with a load.
impl Default for CachePolicy {
    fn default() -> Self {
        let five = Duration::from_secs(5);
        Self { max_entries: 10_000, max_bytes: 16 << 20, staleness: five, negative_ttl: five, patience: five }
    }
}

impl CachePolicy {
    /// The most entries in memory; at least one.
    #[must_use]
    pub fn with_max_entries(self, max_entries: u64) -> Self {
        Self { max_entries: max_entries.max(1), ..self }
    }

    /// The most bytes in memory, as far as [`weighed_by`](super::CacheBuilder::weighed_by) tells.
    ///
    /// Each entry counts as its part of them at least: with 10,000 entries in 16 MiB that is 1,677 bytes.
    #[must_use]
    pub fn with_max_bytes(self, max_bytes: u64) -> Self {
        Self { max_bytes: max_bytes.max(1), ..self }
    }

    /// How stale what can change may be where there is a shared level.
    ///
    /// Instances tell each other what they annul. Who is cut off is not told, and who annuls may be cut off: so no value that can change is
    /// kept longer than this, counted from before it was loaded, in both levels together.
    #[must_use]
    pub fn with_staleness(self, staleness: Duration) -> Self {
        Self { staleness, ..self }
    }

    /// How long it is remembered that something is not there.
    #[must_use]
    pub fn with_negative_ttl(self, negative_ttl: Duration) -> Self {
        Self { negative_ttl, ..self }
    }

    /// How long a load may take before somebody else who waits for it may begin another one.
    #[must_use]
    pub fn with_patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// See [`with_staleness`](Self::with_staleness).
    #[must_use]
    pub const fn staleness(&self) -> Duration {
        self.staleness
    }

    /// What an entry weighs, so that both bounds are one.
    pub(super) fn weight(&self, bytes: usize) -> u32 {
        let share = self.max_bytes / self.max_entries.max(1);
        u32::try_from(share.max(bytes as u64).max(1)).unwrap_or(u32::MAX)
    }

    /// The bound on the sum of weights that both bounds come to.
    pub(super) fn capacity(&self) -> u64 {
        self.max_bytes.max(self.max_entries)
    }
}
