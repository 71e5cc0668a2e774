//! What the service does while its database, its network, its disk or its own process fails: the real binary against real servers.
//!
//! Whatever the fault: only 200, 400 and 503 come out, and in time; `/health/live` says 200; when the fault is over the service
//! recovers without a restart; each payment whose outcome is unknown is then settled by asking for it again under its key; the
//! database holds the acknowledged payments and no others; every balance is explained by its movements.
//!
//! PostgreSQL is an instance of the tests' own, made by `initdb`. Where there is none its tests are skipped with a notice, and fail
//! when `CI` is `true`. `FAULTS_LONG=1` kills the service 20 times per engine instead of 3, stops it 50
//! times, has it followed by another 20 times, and lets its Redis come and go for 60 seconds instead of 12.
#![expect(clippy::disallowed_methods, reason = "tasks of a test belong to no request")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "clippy.toml excepts tests, but not the helpers beside them"
)]

mod access;
mod boot;
mod checked;
mod crash;
mod descriptors;
mod disk;
mod doctor;
mod kept;
mod locks;
mod network;
mod pooler;
mod process;
mod rights;
mod server;
mod stops;
mod support;
mod upgrades;
