//! A cache before a real Redis, and what breaks between them.
//!
//! Each test starts a `redis-server` of its own, which has to be in `PATH`; without one it is skipped with a notice, or, where `CI=true`, fails.
#![expect(clippy::unwrap_used, clippy::print_stderr, clippy::indexing_slicing, reason = "tests say what they expect by failing")]
#![expect(clippy::disallowed_methods, reason = "tasks of a test belong to no request")]

mod basics;
mod network;
mod proxy;
mod server;
mod states;
#[cfg(feature = "redis-tls")]
mod tls;
mod trial;

use trial::pause;
