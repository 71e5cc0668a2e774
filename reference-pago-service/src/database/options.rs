//! How many connections, and how long to wait.

use std::time::Duration;

/// The limits of the connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DatabaseOptions {
    /// Connections at most (`DATABASE_POOL_SIZE`); of SQLite's, the readers, beside one writer.
    pub pool_size: u32,
    /// How long a request waits for a free connection (`DATABASE_ACQUIRE_TIMEOUT_MS`).
    pub acquire_timeout: Duration,
    /// How long PostgreSQL works on one statement (`DATABASE_STATEMENT_TIMEOUT_MS`).
    pub statement_timeout: Duration,
    /// Whether what not every server has is used where it is there: `skip locked` within a write (PostgreSQL). `false` takes the ways
    /// without it.
    pub shorter_ways: bool,
}

impl Default for DatabaseOptions {
    /// Ten connections, one second, two seconds, the shorter ways.
    fn default() -> Self {
        Self {
            pool_size: 10,
            acquire_timeout: Duration::from_secs(1),
            statement_timeout: Duration::from_secs(2),
            shorter_ways: true,
        }
    }
}
