//! The one connection, while there is one.

use std::sync::{Mutex, MutexGuard, PoisonError};

use redis::aio::MultiplexedConnection;
use tokio::sync::Notify;

/// A connection that is there or not: nobody waits for it.
#[derive(Default)]
pub(super) struct Link {
    state: Mutex<State>,
    /// Told when there is none any more.
    lost: Notify,
}

#[derive(Default)]
struct State {
    connection: Option<MultiplexedConnection>,
    number: u64,
    /// Why there is none; nothing before the first attempt has ended.
    reason: Option<String>,
}

impl Link {
    /// The connection and its number.
    pub(super) fn connection(&self) -> Option<(u64, MultiplexedConnection)> {
        let state = self.state();
        state.connection.clone().map(|connection| (state.number, connection))
    }

    /// The number that the next connection will have.
    pub(super) fn next_number(&self) -> u64 {
        self.state().number + 1
    }

    pub(super) fn set(&self, number: u64, connection: MultiplexedConnection) {
        let mut state = self.state();
        state.number = number;
        state.connection = Some(connection);
        state.reason = None;
    }

    /// Ends the connection of that number, unless there is another already.
    pub(super) fn lose(&self, number: u64, reason: String) {
        let mut state = self.state();
        let is_this = state.number == number;
        let lost = state.connection.take_if(|_| is_this);
        if lost.is_some() {
            state.reason = Some(reason);
            self.lost.notify_one();
        }
        drop(state);
        // Its task ends with the last of its handles, and not under the lock.
        drop(lost);
    }

    /// There was none, and still is none.
    pub(super) fn failed(&self, reason: String) {
        self.state().reason = Some(reason);
    }

    pub(super) fn is_up(&self) -> bool {
        self.state().connection.is_some()
    }

    /// Why there is no connection; `None` where there is one, or none was tried yet.
    pub(super) fn reason(&self) -> Option<String> {
        self.state().reason.clone()
    }

    pub(super) async fn lost(&self) {
        self.lost.notified().await;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
