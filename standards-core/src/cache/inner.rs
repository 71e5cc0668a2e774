//! What the handles of one cache share.

use std::fmt::Display;
use std::sync::Arc;

use tokio::time::Instant;

use super::flights::{Entered, Flights};
use super::key::KeyText;
use super::memory::{Entry, Life, Memory, Wanted, chance};
use super::outcome::{CacheOutcome, Tally};
use super::ttl::Ttl;
use super::{CachePolicy, Namespace};

pub(super) struct Inner<T> {
    pub(super) namespace: Namespace,
    pub(super) policy: CachePolicy,
    pub(super) weigh: fn(&T) -> usize,
    pub(super) memory: Memory<T>,
    pub(super) flights: Arc<Flights<T>>,
    pub(super) tally: Tally,
}

/// What memory says of a key.
pub(super) enum AtHand<T> {
    /// The answer.
    Fresh(Option<Arc<T>>),
    /// The answer, and whoever got this has to see to a newer one.
    Aging(Option<Arc<T>>, Arc<str>),
    /// Nothing.
    Absent(Arc<str>),
    /// The key is too long.
    Unkeyed,
}

impl<T: Send + Sync + 'static> Inner<T> {
    /// Looks into memory, and no further.
    pub(super) fn at_hand(&self, key: &(impl Display + ?Sized), wanted: Wanted) -> AtHand<T> {
        let Some(key) = KeyText::of(key) else {
            self.tally.tell(CacheOutcome::Unkeyed);
            return AtHand::Unkeyed;
        };
        let now = Instant::now();
        let Some(entry) = self.memory.fresh(key.as_str(), now, wanted) else { return AtHand::Absent(key.as_str().into()) };
        let value = self.hit(&entry);
        if entry.takes_refresh(now) { AtHand::Aging(value, key.as_str().into()) } else { AtHand::Fresh(value) }
    }

    /// The value of an entry, counted.
    pub(super) fn hit(&self, entry: &Entry<T>) -> Option<Arc<T>> {
        self.tally.tell(if entry.value.is_some() { CacheOutcome::HitMemory } else { CacheOutcome::HitNegative });
        entry.value.clone()
    }

    pub(super) fn enter(&self, key: &Arc<str>, wanted: Wanted) -> Entered<T> {
        self.flights.enter(&self.memory, key, wanted)
    }

    /// Forgets the key in memory, or has a newer value there.
    pub(super) fn annul(&self, key: &Arc<str>, instead: Option<Entry<T>>) {
        self.flights.annul(&self.memory, key, instead);
    }

    pub(super) fn entry(&self, key: &str, value: Option<Arc<T>>, life: Life, era: u64) -> Entry<T> {
        let bytes = value.as_deref().map_or(0, self.weigh) + key.len();
        Entry::new(value, self.policy.weight(bytes), era, life)
    }

    /// How long a value is kept that counts from `begun`.
    pub(super) fn life(&self, ttl: Ttl, begun: Instant) -> Life {
        Life { begun, kept: ttl.kept(None, chance()) }
    }

    pub(super) fn set(&self, key: &(impl Display + ?Sized), value: T, ttl: Ttl) {
        let Some(key) = self.key(key) else { return };
        let life = self.life(ttl, Instant::now());
        let entry = self.entry(&key, Some(Arc::new(value)), life, self.memory.era());
        self.annul(&key, Some(entry));
    }

    pub(super) fn delete(&self, key: &(impl Display + ?Sized)) {
        let Some(key) = self.key(key) else { return };
        self.annul(&key, None);
        self.tally.tell(CacheOutcome::Invalidated);
    }

    pub(super) fn clear(&self) {
        self.memory.clear();
        self.tally.tell(CacheOutcome::Invalidated);
    }

    fn key(&self, key: &(impl Display + ?Sized)) -> Option<Arc<str>> {
        KeyText::of(key).map(|key| key.as_str().into())
    }
}
