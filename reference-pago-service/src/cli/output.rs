//! What a command says, and how it ends.

use std::error::Error;
use std::fmt::Display;
use std::io::{self, Write};
use std::iter::successors;
use std::sync::OnceLock;

use standards_axum::Exit;
use standards_core::settings::Problems;

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

/// Tells what went wrong and ends with status 1. A cause whose text stands at the end already is not told again.
pub(super) fn fail(error: &dyn Error) -> Exit {
    let _ = writeln!(io::stderr().lock(), "error: {}", told(error));
    Exit::Failed
}

fn told(error: &dyn Error) -> String {
    successors(error.source(), |cause| cause.source())
        .map(ToString::to_string)
        .fold(error.to_string(), |text, cause| if text.ends_with(&cause) { text } else { format!("{text}: {cause}") })
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

#[cfg(test)]
mod tests {
    use std::fmt;

    use super::*;

    #[derive(Debug)]
    struct Layer(&'static str, Option<Box<Layer>>);

    impl Display for Layer {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.0)
        }
    }

    impl Error for Layer {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            self.1.as_deref().map(|cause| cause as &dyn Error)
        }
    }

    #[test]
    fn a_cause_is_told_once() {
        let error = Layer("no database: refused", Some(Box::new(Layer("refused", Some(Box::new(Layer("os error 111", None)))))));
        assert_eq!(told(&error), "no database: refused: os error 111");
        assert_eq!(told(&Layer("alone", None)), "alone");
    }
}
