//! `cargo +nightly fuzz run json` in `standards-axum`.

#![no_main]

#[path = "../cases/answer.rs"]
mod answer;
#[path = "../cases/json.rs"]
mod json;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    json::check(data);
});
