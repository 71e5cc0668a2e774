//! Know which requests are in flight, for whoever asks what hangs.
//!
//! Each request notes itself when it comes and is forgotten when its answer's body has gone. That is done in a shard of the thread's own, so that
//! threads seldom meet; only who asks looks at all of them.

use std::cell::Cell;
use std::fmt;
use std::mem;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use standards_core::RequestContext;
use tokio::time::Instant;

/// More than a machine's threads would gain nothing, fewer would have them meet.
const SHARDS: usize = 16;

/// The requests of one service.
#[derive(Default)]
pub(crate) struct InFlight {
    shards: [Mutex<Shard>; SHARDS],
}

/// As many entries as there ever were requests at once.
#[derive(Default)]
struct Shard {
    entries: Vec<Option<RequestContext>>,
    free: Vec<usize>,
}

/// A request that is in flight until this is dropped.
pub(crate) struct Ticket {
    all: Arc<InFlight>,
    /// The shard, and the entry in it.
    place: usize,
}

impl InFlight {
    /// Notes `request`.
    pub(crate) fn enter(self: &Arc<Self>, request: &RequestContext) -> Ticket {
        let shard = own_shard();
        let index = self.shard(shard).put(request.clone());
        Ticket { all: Arc::clone(self), place: index * SHARDS + shard }
    }

    /// The oldest `most` of them and their ages, the oldest first.
    pub(crate) fn oldest(&self, most: usize) -> Vec<(RequestContext, Duration)> {
        let mut all: Vec<_> = (0..SHARDS).flat_map(|shard| self.shard(shard).all()).collect();
        all.sort_unstable_by_key(RequestContext::began);
        all.truncate(most);
        all.into_iter().map(|request| (request.clone(), Instant::from_std(request.began()).elapsed())).collect()
    }

    #[expect(clippy::indexing_slicing, reason = "the remainder of a division by their number")]
    fn shard(&self, shard: usize) -> MutexGuard<'_, Shard> {
        self.shards[shard % SHARDS].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shard {
    fn put(&mut self, request: RequestContext) -> usize {
        let free = self.free.pop();
        if let Some((index, place)) = free.and_then(|index| Some((index, self.entries.get_mut(index)?))) {
            *place = Some(request);
            return index;
        }
        self.entries.push(Some(request));
        self.entries.len() - 1
    }

    fn take(&mut self, index: usize) -> Option<RequestContext> {
        self.free.push(index);
        self.entries.get_mut(index).and_then(mem::take)
    }

    fn all(&self) -> Vec<RequestContext> {
        self.entries.iter().flatten().cloned().collect()
    }
}

/// Threads take the shards in turn.
fn own_shard() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    thread_local! {
        static OWN: Cell<Option<usize>> = const { Cell::new(None) };
    }
    OWN.get().unwrap_or_else(|| {
        let own = NEXT.fetch_add(1, Ordering::Relaxed) % SHARDS;
        OWN.set(Some(own));
        own
    })
}

impl Drop for Ticket {
    fn drop(&mut self) {
        // What the request has left behind is dropped once the shard is free.
        let entry = self.all.shard(self.place % SHARDS).take(self.place / SHARDS);
        drop(entry);
    }
}

impl fmt::Debug for InFlight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InFlight").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use standards_core::CorrelationId;

    use super::*;

    fn request(id: &str) -> RequestContext {
        RequestContext::new(CorrelationId::parse(id).unwrap(), "/pagos", "POST")
    }

    fn ids(all: &InFlight, most: usize) -> Vec<String> {
        all.oldest(most).iter().map(|(request, _)| request.correlation_id().to_string()).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn the_oldest_are_told_first_with_their_ages() {
        let all = Arc::new(InFlight::default());
        let mut tickets = Vec::new();
        for id in ["a", "b", "c"] {
            tickets.push(all.enter(&request(id)));
            tokio::time::advance(Duration::from_millis(10)).await;
        }
        assert_eq!(ids(&all, 2), ["a", "b"]);
        assert_eq!(all.oldest(1)[0].1, Duration::from_millis(30));
        drop(tickets.remove(0));
        assert_eq!(ids(&all, 9), ["b", "c"]);
    }

    #[test]
    fn places_are_used_again_and_threads_do_not_disturb_each_other() {
        let all = Arc::new(InFlight::default());
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| (0..1000).for_each(|_| drop((all.enter(&request("a")), all.enter(&request("b"))))));
            }
        });
        assert!(all.oldest(9).is_empty());
        assert!((0..SHARDS).all(|shard| all.shard(shard).entries.len() <= 2 * 8));
    }
}
