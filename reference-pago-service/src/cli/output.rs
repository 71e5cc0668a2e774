//! What a command says, and how it ends.

use std::error::Error;
use std::fmt::Display;
use std::io::{self, Write};

use standards_axum::Exit;
use standards_core::settings::Problems;

use crate::config::ServiceSettings;
use crate::database::Database;

/// Prints `text` and a line end. A reader that has gone, as `head` does, is no failure.
pub(super) fn say(text: impl Display) {
    let _ = writeln!(io::stdout().lock(), "{text}");
}

/// Tells what went wrong, causes included, and ends with status 1.
pub(super) fn fail(error: &dyn Error) -> Exit {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    let _ = writeln!(io::stderr().lock(), "error: {text}");
    Exit::Failed
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
