//! `standards-check`: see [`standards_axum::conformance`].

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    standards_axum::conformance::command_line(std::env::args_os()).await
}
