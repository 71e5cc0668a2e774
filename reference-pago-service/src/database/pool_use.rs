//! How busy the connections are, and who waits for one.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How the connections to a database are used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PoolUse {
    /// Connections that are open.
    pub open: usize,
    /// Of these, those that somebody uses.
    pub in_use: usize,
    /// Requests that wait for one, each for itself where several wait together; nobody counts those of SQLite.
    pub waiting: usize,
}

/// Requests that wait for the same connection, as many as there are at the time. Clones are one.
#[derive(Clone, Debug)]
pub(crate) struct Crowd(Arc<AtomicUsize>);

/// The crowds for which a connection is waited for now.
#[derive(Clone, Debug, Default)]
pub(super) struct Waiting(Arc<Mutex<Vec<Crowd>>>);

/// Counts a crowd among those that wait, until it is dropped.
pub(super) struct Waiter<'w> {
    waiting: &'w Waiting,
    crowd: Crowd,
}

impl Crowd {
    /// So many.
    pub(crate) fn of(requests: usize) -> Self {
        Self(Arc::new(requests.into()))
    }

    /// So many from now on.
    pub(crate) fn set(&self, requests: usize) {
        self.0.store(requests, Ordering::Relaxed);
    }

    fn size(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

impl Waiting {
    pub(super) fn enter(&self, crowd: &Crowd) -> Waiter<'_> {
        self.crowds().push(crowd.clone());
        Waiter { waiting: self, crowd: crowd.clone() }
    }

    /// How many requests wait. A crowd for which several connections are waited for is counted once.
    pub(super) fn requests(&self) -> usize {
        let mut crowds = self.crowds().clone();
        crowds.sort_by_key(|crowd| Arc::as_ptr(&crowd.0));
        crowds.dedup_by(|one, other| Arc::ptr_eq(&one.0, &other.0));
        crowds.iter().map(Crowd::size).sum()
    }

    fn crowds(&self) -> MutexGuard<'_, Vec<Crowd>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Waiter<'_> {
    fn drop(&mut self) {
        let mut crowds = self.waiting.crowds();
        if let Some(place) = crowds.iter().position(|crowd| Arc::ptr_eq(&crowd.0, &self.crowd.0)) {
            crowds.swap_remove(place);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_is_counted_and_nobody_twice() {
        let (waiting, readers, alone) = (Waiting::default(), Crowd::of(7), Crowd::of(1));
        let one = waiting.enter(&readers);
        let another = waiting.enter(&readers);
        let _alone = waiting.enter(&alone);
        assert_eq!(waiting.requests(), 8);
        readers.set(9);
        drop(one);
        assert_eq!(waiting.requests(), 10, "another connection is still waited for");
        drop(another);
        assert_eq!(waiting.requests(), 1);
    }
}
