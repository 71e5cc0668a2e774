//! `standards-check` judges a good service, and the same service broken in one way after the other.
//!
//! This binary is all of them: with `SABOTAGE` it serves, broken in that way; without it, it runs the checker on itself, once for each way,
//! and compares which rules it finds broken. `cargo test -p standards-axum --all-features --test conformance -- LOG` runs those of a name.
#![expect(clippy::disallowed_methods, reason = "tasks of a test belong to no request")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "clippy.toml excepts tests, but not the helpers beside them"
)]

mod answers;
mod checker;
mod dependent;
mod hostile;
mod lines;
mod other;
mod service;
mod switches;
mod watching;

use std::process::ExitCode;

fn main() -> ExitCode {
    match std::env::var("SABOTAGE") {
        Ok(switch) => serve(&switch),
        Err(_) => checker::run_all(),
    }
}

/// Serves, broken by a switch. Those of the log stand between the service and standard output.
fn serve(switch: &str) -> ExitCode {
    let in_front = std::env::var_os("SABOTAGE_INNER").is_none();
    if in_front && lines::concerns(switch) {
        return lines::stand_between(switch);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    match switch {
        _ if dependent::concerns(switch) => runtime.block_on(dependent::serve(switch)),
        _ if switch.starts_with("other-style") => runtime.block_on(other::serve(switch)),
        _ => runtime.block_on(service::serve(switch)),
    }
}
