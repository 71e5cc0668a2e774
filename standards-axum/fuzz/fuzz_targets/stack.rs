//! `cargo +nightly fuzz run stack` in `standards-axum`.

#![no_main]

#[path = "../cases/service.rs"]
mod service;
#[path = "../cases/stack/mod.rs"]
mod stack;

use libfuzzer_sys::fuzz_target;
use tokio::runtime::Runtime;

thread_local! {
    static SERVICE: (Runtime, stack::Stack) = (service::runtime(), service::stack());
}

fuzz_target!(|data: &[u8]| {
    SERVICE.with(|(runtime, stack)| runtime.block_on(stack.check(data)));
});
