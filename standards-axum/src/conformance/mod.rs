//! `standards-check`: whether a service, in whatever language it is written, keeps the guideline.
//!
//! The rules are those of [`standards_core::rules`]. A service is asked over HTTP as any client would ask it, what it logs is read, and
//! each rule is judged by what was recorded: by plain functions that see nothing else. What cannot be seen is told, and passes nothing.
//!
//! 1. A command line is read (`cli`), with a profile of what the service does (`profile`); the service is found or started (`engine`, `spawn`).
//! 2. What will be sent is decided as data (`probes`) and sent (`session`, `client`), to the named target only, within bounds.
//! 3. What came back and what was logged (`recorded`) is judged (`judges`), excused (`waivers`, `baseline`), summed up (`verdict`) and written (`report`).
//!
//! Requests that others make are judged too, as far as they show something (`observer`, `har`, `watch`).
//! A team's own tests do the same to a router by [`check`].
//!
//! ```text
//! standards-check run --spawn target/debug/reference-pago-service --profile reference-pago-service/conformance/pagos.toml
//! ```

mod baseline;
mod check;
mod cli;
mod client;
mod document;
mod engine;
mod escaped;
mod evidence;
mod exchange;
mod feed;
mod files;
mod har;
mod judges;
mod lines;
mod model;
mod observer;
mod outage;
mod probes;
mod profile;
mod progress;
mod raw;
mod recorded;
mod report;
mod schema;
mod session;
mod spawn;
mod starter;
mod starts;
mod target;
mod text;
mod verdict;
mod waivers;
mod watch;

use std::ffi::OsString;
use std::process::ExitCode;

pub use check::{Conformance, Profile, check};

/// Runs `standards-check` with these arguments, the program's name first; what the process is to end with.
///
/// Status 0: the service keeps the guideline, or only waived rules are broken. 1: a rule is broken at or above `--fail-on`. 2: the command
/// line, the profile or the waivers are not valid, the target cannot be reached, nothing was tested, or a report could not be written; a
/// sentence on standard error tells which.
///
/// ```
/// use std::process::ExitCode;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let arguments = ["standards-check", "explain", "LOG-12"].map(Into::into);
/// assert_eq!(standards_axum::conformance::command_line(arguments).await, ExitCode::SUCCESS);
/// # }
/// ```
pub async fn command_line(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    cli::command_line(arguments).await
}
