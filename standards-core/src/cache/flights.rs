//! The loads that are under way: one per key, and none that outlives its annulment.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use super::memory::{Entry, Memory, Wanted};
use crate::Failure;

/// What a load comes to: a value, its absence, or why there is neither.
pub(super) type Landed<T> = Result<Option<Arc<T>>, Failure>;

/// A load that others wait for.
pub(super) struct Flight<T> {
    id: u64,
    era: u64,
    pub(super) begun: Instant,
    pub(super) landed: watch::Receiver<Option<Landed<T>>>,
}

impl<T> Clone for Flight<T> {
    fn clone(&self) -> Self {
        Self { landed: self.landed.clone(), ..*self }
    }
}

/// A key with loads under way. There are no more of these than loads.
struct Slot<T> {
    running: usize,
    /// Loads with a smaller number began before the key was annulled.
    valid_from: u64,
    current: Option<Flight<T>>,
}

type Shard<T> = HashMap<Arc<str>, Slot<T>>;

const SHARDS: usize = 16;

/// All keys that are being loaded.
pub(super) struct Flights<T> {
    shards: [Mutex<Shard<T>>; SHARDS],
    hasher: RandomState,
    next: AtomicU64,
    /// How long a load may take before others begin one beside it.
    pub(super) patience: Duration,
}

/// What who asks for a key does next.
pub(super) enum Entered<T> {
    /// Somebody else had just brought it.
    Fresh(Arc<Entry<T>>),
    /// Wait for this one.
    Joined(Flight<T>),
    /// Load it; others wait.
    Begun(Ticket<T>, Flight<T>),
}

/// A load's right to keep what it brings, as long as nobody annuls the key. Dropped, it makes room for another load.
pub(super) struct Ticket<T> {
    pub(super) key: Arc<str>,
    pub(super) begun: Instant,
    pub(super) era: u64,
    id: u64,
    landing: watch::Sender<Option<Landed<T>>>,
    flights: Arc<Flights<T>>,
}

impl<T: Send + Sync + 'static> Flights<T> {
    pub(super) fn new(patience: Duration) -> Self {
        let shards = std::array::from_fn(|_| Mutex::new(HashMap::new()));
        Self { shards, hasher: RandomState::new(), next: AtomicU64::new(1), patience }
    }

    /// Joins the load of a key, or begins one: where there is none, or where it has taken longer than the patience.
    pub(super) fn enter(self: &Arc<Self>, memory: &Memory<T>, key: &Arc<str>, wanted: Wanted) -> Entered<T> {
        let (now, era) = (Instant::now(), memory.era());
        let mut shard = self.shard(key);
        if let Some(entry) = memory.fresh(key, now, wanted) {
            return Entered::Fresh(entry);
        }
        let current = shard.get(key).and_then(|slot| slot.current.as_ref()).filter(|flight| flight.era == era);
        if let Some(flight) = current.filter(|flight| now < flight.begun + self.patience) {
            return Entered::Joined(flight.clone());
        }
        let (ticket, flight) = self.begin(&mut shard, key, era);
        Entered::Begun(ticket, flight)
    }

    /// A load of what memory may well have, for others to join; `None` where one is under way.
    pub(super) fn begin_anew(self: &Arc<Self>, memory: &Memory<T>, key: &Arc<str>) -> Option<Ticket<T>> {
        let mut shard = self.shard(key);
        let is_loading = shard.get(key).is_some_and(|slot| slot.current.is_some());
        (!is_loading).then(|| self.begin(&mut shard, key, memory.era()).0)
    }

    /// The right to keep what is brought by other means than a load; nobody joins it.
    pub(super) fn enter_alone(self: &Arc<Self>, memory: &Memory<T>, key: &Arc<str>) -> Ticket<T> {
        let mut shard = self.shard(key);
        let current = shard.get(key).and_then(|slot| slot.current.clone());
        let (ticket, _) = self.begin(&mut shard, key, memory.era());
        if let Some(slot) = shard.get_mut(key) {
            slot.current = current;
        }
        ticket
    }

    fn begin(self: &Arc<Self>, shard: &mut Shard<T>, key: &Arc<str>, era: u64) -> (Ticket<T>, Flight<T>) {
        let (id, begun) = (self.next.fetch_add(1, Ordering::Relaxed), Instant::now());
        let (landing, landed) = watch::channel(None);
        let flight = Flight { id, era, begun, landed };
        let slot = shard.entry(Arc::clone(key)).or_insert_with(Slot::new);
        slot.running += 1;
        slot.current = Some(flight.clone());
        (Ticket { key: Arc::clone(key), begun, era, id, landing, flights: Arc::clone(self) }, flight)
    }

    /// Puts `entry` there, in place of what is there and of whatever is being loaded; the ticket is valid until the next annulment.
    pub(super) fn replace(self: &Arc<Self>, memory: &Memory<T>, key: &Arc<str>, entry: Entry<T>) -> Ticket<T> {
        let mut shard = self.shard(key);
        Self::void(&mut shard, key, self.next.fetch_add(1, Ordering::Relaxed));
        memory.insert(Arc::clone(key), entry);
        let (ticket, _) = self.begin(&mut shard, key, memory.era());
        if let Some(slot) = shard.get_mut(key) {
            slot.current = None;
        }
        ticket
    }

    /// Forgets the key, and whatever is being loaded for it.
    pub(super) fn annul(&self, memory: &Memory<T>, key: &Arc<str>) {
        let mut shard = self.shard(key);
        Self::void(&mut shard, key, self.next.fetch_add(1, Ordering::Relaxed));
        memory.remove(key);
    }

    /// Loads with a smaller number keep nothing.
    fn void(shard: &mut Shard<T>, key: &str, number: u64) {
        if let Some(slot) = shard.get_mut(key) {
            slot.valid_from = number;
            slot.current = None;
        }
    }

    /// How many keys are being loaded.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.lock().unwrap_or_else(PoisonError::into_inner).len()).sum()
    }
}

impl<T> Flights<T> {
    fn shard(&self, key: &str) -> MutexGuard<'_, Shard<T>> {
        let index = usize::try_from(self.hasher.hash_one(key) % SHARDS as u64).unwrap_or_default();
        let [first, ..] = &self.shards;
        self.shards.get(index).unwrap_or(first).lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Slot<T> {
    fn new() -> Self {
        Self { running: 0, valid_from: 0, current: None }
    }
}

impl<T: Send + Sync + 'static> Ticket<T> {
    /// Puts the entry into memory, unless the key was annulled meanwhile; says whether it did.
    pub(super) fn keep(&self, memory: &Memory<T>, entry: Entry<T>) -> bool {
        let shard = self.flights.shard(&self.key);
        let valid = self.is_valid_in(&shard, memory);
        if valid {
            memory.insert(Arc::clone(&self.key), entry);
        }
        valid
    }

    /// Whether the key was not annulled meanwhile.
    pub(super) fn is_valid(&self, memory: &Memory<T>) -> bool {
        self.is_valid_in(&self.flights.shard(&self.key), memory)
    }

    fn is_valid_in(&self, shard: &Shard<T>, memory: &Memory<T>) -> bool {
        self.era == memory.era() && shard.get(&self.key).is_some_and(|slot| slot.valid_from <= self.id)
    }

    /// Tells those who wait.
    pub(super) fn land(&self, landed: Landed<T>) {
        self.landing.send_replace(Some(landed));
        self.leave(false);
    }
}

impl<T> Ticket<T> {
    /// Nobody joins any more; `gone` says that nothing will be kept either.
    fn leave(&self, gone: bool) {
        let mut shard = self.flights.shard(&self.key);
        let Some(slot) = shard.get_mut(&self.key) else { return };
        slot.current.take_if(|flight| flight.id == self.id);
        slot.running -= usize::from(gone);
        if slot.running == 0 {
            shard.remove(&self.key);
        }
    }
}

impl<T> Drop for Ticket<T> {
    fn drop(&mut self) {
        self.leave(true);
    }
}
