//! `cargo +nightly fuzz run record` in `standards-core`.

#![no_main]

#[path = "../cases/record.rs"]
mod record;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    record::check(data);
});
