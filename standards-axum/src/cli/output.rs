//! What a command says, and how it ends.
//!
//! `println!` panics where nobody reads, as behind `| head`, and a command whose output went to a full disk must not end with 0. So the
//! first error of standard output is kept, what would follow it is not written, and `end` makes a status of it.

use std::fmt::Display;
use std::io::{self, Write};
use std::sync::OnceLock;

use standards_core::Fatal;
use standards_core::settings::Problems;

use crate::Exit;

/// Why standard output, of which a process has one, could not be written to.
static UNWRITTEN: OnceLock<io::Error> = OnceLock::new();

/// Prints `text` and a line end, for a command. Where that cannot be done the command ends with status 1, whatever it returns.
///
/// ```
/// use standards_axum::cli::say;
///
/// say(format_args!("{} clientes registrados", 7));
/// ```
///
/// It is for what the command was asked for. What went wrong is the command's error, and goes to standard error.
pub fn say(text: impl Display) {
    if UNWRITTEN.get().is_none()
        && let Err(error) = writeln!(io::stdout().lock(), "{text}")
    {
        let _ = UNWRITTEN.set(error);
    }
}

/// Prints a row of a Markdown table.
pub(super) fn row<const N: usize>(cells: [String; N]) {
    say(format!("| {} |", cells.map(|cell| cell.replace('|', "\\|").replace('\n', " ")).join(" | ")));
}

/// How a command ends: what went wrong on standard error, status 1 where its output did not arrive. A reader that has gone, as `head` does,
/// need not be told.
pub(super) fn end(outcome: Result<Exit, Fatal>) -> Exit {
    match (outcome, UNWRITTEN.get()) {
        (Ok(Exit::Stopped), Some(error)) => unwritten(error),
        (Ok(exit), _) => exit,
        (Err(fatal), _) => fail(&fatal),
    }
}

fn fail(fatal: &Fatal) -> Exit {
    if let Some(Problems(problems)) = fatal.downcast_ref() {
        problems.iter().for_each(tell);
        return Exit::Misconfigured;
    }
    if let Some(error) = fatal.downcast_ref() {
        return usage(error);
    }
    tell(format!("error: {fatal}"));
    Exit::Failed
}

fn unwritten(error: &io::Error) -> Exit {
    if error.kind() != io::ErrorKind::BrokenPipe {
        tell(format!("error: standard output: {error}"));
    }
    Exit::Failed
}

/// Prints what the command line has to say of itself: help and version on standard output, wrong use on standard error with status 2.
pub(super) fn usage(text: &clap::Error) -> Exit {
    let printed = text.print().and_then(|()| io::stdout().flush());
    match printed {
        _ if text.use_stderr() => Exit::Misconfigured,
        Ok(()) => Exit::Stopped,
        Err(error) => unwritten(&error),
    }
}

/// On standard error; nobody is left to tell when that cannot be written.
fn tell(text: impl Display) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}
