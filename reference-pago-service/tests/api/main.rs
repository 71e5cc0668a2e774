//! The behaviour of the service, one binary: what holds on SQLite holds on PostgreSQL.
//!
//! PostgreSQL is the one of `TEST_DATABASE_URL`, else a local one; without either its half is
//! skipped with a notice, and fails when `CI` is `true`.
#![expect(clippy::disallowed_methods, reason = "tasks of a test belong to no request")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "clippy.toml excepts tests, but not the helpers beside them"
)]

mod adoption;
mod architecture;
mod auth;
#[cfg(test)]
mod compliance;
#[cfg(test)]
mod conformance;
mod engine;
mod http;
mod ledger;
mod repositories;
mod support;
#[cfg(test)]
mod values;
