//! `cargo +nightly fuzz run values` in `reference-pago-service`.

#![no_main]

#[path = "../cases/values.rs"]
mod values;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    values::check(data);
});
