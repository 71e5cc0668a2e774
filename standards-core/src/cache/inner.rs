//! What the handles of one cache share.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::flights::{Entered, Flights, Ticket};
use super::key::KeyText;
use super::memory::{Entry, Life, Memory, Wanted, chance};
use super::outcome::{CacheOutcome, Tally};
use super::side::Side;
use super::ttl::Ttl;
use super::{CachePolicy, Namespace};

pub(super) struct Inner<T> {
    pub(super) namespace: Namespace,
    pub(super) policy: CachePolicy,
    pub(super) weigh: fn(&T) -> usize,
    pub(super) memory: Memory<T>,
    pub(super) flights: Arc<Flights<T>>,
    pub(super) tally: Tally,
    pub(super) shared: Option<Arc<Side<T>>>,
}

/// How much later another entry has to end to be a newer one: the times of the shared level come with its own delay.
const WORTH_IT: Duration = Duration::from_millis(50);

/// What memory says of a key.
pub(super) enum AtHand<T> {
    /// The answer.
    Fresh(Option<Arc<T>>),
    /// The answer, and whoever got this has to see to one that ends later.
    Aging(Option<Arc<T>>, Arc<str>, Instant),
    /// Nothing.
    Absent(Arc<str>),
    /// The key is too long.
    Unkeyed,
}

impl<T: Send + Sync + 'static> Inner<T> {
    /// Looks into memory, and no further.
    pub(super) fn at_hand(&self, key: Option<KeyText>, wanted: Wanted) -> AtHand<T> {
        let Some(key) = key else {
            self.tally.tell(CacheOutcome::Unkeyed);
            return AtHand::Unkeyed;
        };
        let now = Instant::now();
        let Some(entry) = self.memory.fresh(key.as_str(), now, wanted) else { return AtHand::Absent(key.as_str().into()) };
        let value = self.hit(&entry);
        if entry.takes_refresh(now) {
            return AtHand::Aging(value, key.as_str().into(), entry.expires + WORTH_IT);
        }
        AtHand::Fresh(value)
    }

    /// The value of an entry, counted.
    pub(super) fn hit(&self, entry: &Entry<T>) -> Option<Arc<T>> {
        self.tally.tell(if entry.value.is_some() { CacheOutcome::HitMemory } else { CacheOutcome::HitNegative });
        entry.value.clone()
    }

    pub(super) fn enter(&self, key: &Arc<str>, wanted: Wanted) -> Entered<T> {
        self.flights.enter(&self.memory, key, wanted)
    }

    /// Forgets the key in memory.
    pub(super) fn annul(&self, key: &Arc<str>) {
        self.flights.annul(&self.memory, key);
    }

    pub(super) fn entry(&self, key: &str, value: Option<Arc<T>>, life: Life, era: u64) -> Entry<T> {
        let bytes = value.as_deref().map_or(0, self.weigh) + key.len();
        Entry::new(value, self.policy.weight(bytes), era, life)
    }

    /// How long a value is kept that counts from `begun`.
    pub(super) fn life(&self, ttl: Ttl, begun: Instant) -> Life {
        let bound = self.shared.as_ref().map(|_| self.policy.staleness);
        Life { begun, kept: ttl.kept(bound, chance()) }
    }

    /// Puts what was brought into memory, unless it was annulled meanwhile or has had its time; says whether it did.
    pub(super) fn keep(&self, ticket: &Ticket<T>, value: Option<Arc<T>>, life: Life) -> bool {
        if life.end() <= Instant::now() {
            return false;
        }
        let kept = ticket.keep(&self.memory, self.entry(&ticket.key, value, life, ticket.era));
        if !kept {
            self.tally.tell(CacheOutcome::StaleRefused);
        }
        kept
    }
}
