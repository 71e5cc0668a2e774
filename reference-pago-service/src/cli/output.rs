//! What a command says, and how it ends.

use std::fmt::Display;
use std::io::{self, Write};
use std::sync::OnceLock;

use standards_axum::Exit;
use standards_core::settings::Problems;

use super::failed::fail;
use crate::config::ServiceSettings;
use crate::database::Database;

/// Why standard output, of which a process has one, could not be written to.
static UNWRITTEN: OnceLock<io::Error> = OnceLock::new();

/// Prints `text` and a line end. Where that cannot be done, [`end`] tells it.
pub(super) fn say(text: impl Display) {
    if UNWRITTEN.get().is_none()
        && let Err(error) = writeln!(io::stdout().lock(), "{text}")
    {
        let _ = UNWRITTEN.set(error);
    }
}

/// How the command ends that would have ended with `exit`: with status 1 where its output did not arrive. A reader that has gone, as `head`
/// does, need not be told.
pub(super) fn end(exit: Exit) -> Exit {
    match UNWRITTEN.get() {
        Some(error) if exit == Exit::Stopped => unwritten(error),
        _ => exit,
    }
}

fn unwritten(error: &io::Error) -> Exit {
    if error.kind() == io::ErrorKind::BrokenPipe {
        return Exit::Failed;
    }
    fail(&io::Error::other(format!("standard output: {error}")))
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

/// Tells every problem of the settings and ends with status 2.
pub(super) fn misconfigured(problems: &Problems) -> Exit {
    for problem in &problems.0 {
        let _ = writeln!(io::stderr().lock(), "{problem}");
    }
    Exit::Misconfigured
}

/// Opens the configured database.
pub(super) async fn open_database() -> Result<Database, Exit> {
    let settings = ServiceSettings::load().map_err(|problems| misconfigured(&problems))?.database;
    Database::open(&settings.url, &settings.options()).await.map_err(|error| fail(&error))
}
