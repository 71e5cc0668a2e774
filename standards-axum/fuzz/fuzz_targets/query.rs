//! `cargo +nightly fuzz run query` in `standards-axum`.

#![no_main]

#[path = "../cases/answer.rs"]
mod answer;
#[path = "../cases/query.rs"]
mod query;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    query::check(data);
});
