//! How long a client may take, and how many there may be.
//!
//! A slow client must not cost more than a fast one: each thing that a client may keep the server waiting for has a limit here, and every
//! one of them ends the connection, without an answer. Whoever has not sent a whole head has asked for nothing.
//!
//! Only the number of connections is a setting (`MAX_CONNECTIONS`); the times are those that clients and proxies in common use keep.

use std::time::Duration;

/// The limits of a server. What a request may take once its head is there is not among them: that is the layers' deadline.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// For a request's head. It runs from the first request's connection on, and from the first byte of each later one.
    pub(crate) head: Duration,
    /// Between two requests.
    pub(crate) idle: Duration,
    /// Without taking so much of what is written to it that the kernel takes in more.
    pub(crate) stall: Duration,
    /// In which a connection that is idle when the server stops may still have its next request on the way.
    pub(crate) farewell: Duration,
    /// Connections at once; the kernel holds those beyond.
    pub(crate) connections: usize,
    /// Among so many connections each keeps hyper's buffers, 16 KiB, while it waits for its next request. In a larger crowd it makes them
    /// anew for each, which costs a request about a microsecond (`cargo bench --bench crowd`).
    pub(crate) at_ease: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(5),
            idle: Duration::from_secs(75),
            stall: Duration::from_secs(30),
            farewell: Duration::from_millis(250),
            connections: 10_000,
            at_ease: 512,
        }
    }
}
