//! Outcomes and values in PostgreSQL and SQLite.
//!
//! PostgreSQL is the one of `TEST_DATABASE_URL`, else a local one; without either its half is skipped with a notice, or, where `CI=true`,
//! fails.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "tests say what they expect by failing"
)]
#![expect(clippy::disallowed_methods, reason = "tasks of a test belong to no request")]

mod bank;
mod contract;
mod ends;
mod failures;
mod keys;
mod races;
mod upkeep;
mod values;
