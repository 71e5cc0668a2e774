//! How busy the connections are.

/// How the connections to a database are used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PoolUse {
    /// Connections that are open.
    pub open: usize,
    /// Of these, those that somebody uses.
    pub in_use: usize,
    /// Callers that wait for one; nobody counts those of SQLite.
    pub waiting: usize,
}
