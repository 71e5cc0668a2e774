//! How a measurement that cannot go on ends, and how the bench speaks.

use std::error::Error;
use std::fmt::Arguments;
use std::io::Write as _;

/// Any failure ends the run; nobody handles one kind differently from another.
pub(crate) type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// Prints a line. A reader that has gone is no failure.
pub(crate) fn say(line: Arguments<'_>) {
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}
