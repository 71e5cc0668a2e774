//! Where each client stands, in bounded memory.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use governor::clock::Clock;
use governor::nanos::Nanos;
use governor::state::StateStore;
use tokio::time::Instant;

/// The time since there is a limit. It is Tokio's, so that a test can stop it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ticks(Instant);

impl Ticks {
    pub(super) fn start() -> Self {
        Self(Instant::now())
    }
}

impl Clock for Ticks {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        u64::try_from(self.0.elapsed().as_nanos()).unwrap_or(u64::MAX).into()
    }
}

/// For each key, which is a hash, when it has its whole burst again. Copies share all of it.
///
/// A key has a cell of its own as long as there is room: those that have their whole burst again make room, once a second at most. Where
/// there is none, newcomers share cells, many of them. So whoever comes with a million addresses has no more requests for it than there are
/// cells, who was there before is not touched, and who comes then shares with a few others and not with all.
#[derive(Clone, Debug)]
pub(super) struct Cells {
    shards: Arc<[Mutex<Shard>; SHARDS]>,
    ticks: Ticks,
}

/// A power of two, so that the first bits of a key name its shard.
const SHARDS: usize = 16;

/// The cells of a shard: a table of 8,192 places takes no more of them, and has 17 bytes for each. Together that is 2.2 MB.
const CELLS: usize = 7_168;

/// Of these, those that newcomers share: 4,096 in all.
const SHARED: u64 = 256;

const OWN: usize = CELLS - 256;

/// How often cells are looked through.
const SWEEP: Duration = Duration::from_secs(1);

#[derive(Debug, Default)]
struct Shard {
    due: HashMap<u64, Nanos>,
    next_sweep: Nanos,
}

impl Cells {
    pub(super) fn new(ticks: Ticks) -> Self {
        Self { shards: Arc::default(), ticks }
    }

    /// Takes back what a request cost `key`, of which one is replenished in every `interval`.
    #[cfg(feature = "auth")]
    pub(super) fn give_back(&self, key: u64, interval: Duration) {
        let mut shard = self.shard(key);
        let cell = if shard.due.contains_key(&key) { key } else { key % SHARED };
        if let Some(due) = shard.due.get_mut(&cell) {
            *due = due.saturating_sub(interval.into());
        }
    }

    #[expect(clippy::indexing_slicing, reason = "four bits are less than sixteen")]
    fn shard(&self, key: u64) -> MutexGuard<'_, Shard> {
        self.shards[usize::from(key.to_be_bytes()[0] >> 4)].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl StateStore for Cells {
    type Key = u64;

    fn measure_and_replace<T, F, E>(&self, key: &u64, decide: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let mut shard = self.shard(*key);
        let cell = shard.cell_of(*key, self.ticks);
        let (allowed, due) = decide(shard.due.get(&cell).copied())?;
        shard.due.insert(cell, due);
        Ok(allowed)
    }
}

impl Shard {
    /// The cell of `key`: its own, or one that it shares.
    fn cell_of(&mut self, key: u64, ticks: Ticks) -> u64 {
        if self.due.contains_key(&key) {
            return key;
        }
        let now = ticks.now();
        if now >= self.next_sweep {
            self.sweep(now);
        }
        if self.due.len() < OWN { key } else { key % SHARED }
    }

    /// A cell that is due is as good as none. What a flood has taken is given back.
    fn sweep(&mut self, now: Nanos) {
        self.due.retain(|_, due| *due > now);
        self.due.shrink_to(self.due.len() * 2);
        self.next_sweep = now + SWEEP;
    }
}
