//! The payment engine on both databases: batches, keys, annulments, and callers that leave.
//!
//! The long versions read their size from a variable: `PAGOS_TEST_KEYS=1000` (keys that 64 requests use at once),
//! `PAGOS_TEST_OPERATIONS=400` (operations of each client of the bank) and `PAGOS_TEST_GUESSES=10000` (guesses of others' keys).

mod annulments;
mod bank;
mod batches;
mod deadlines;
mod expiry;
mod foreign_keys;
mod golden;
mod instances;
mod keys;
mod leaving;
mod longer_ways;
mod plans;
mod simultaneous;
mod store;

/// The size of a long test, or of its short version.
fn size_of(variable: &str, short: usize) -> usize {
    std::env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(short)
}
