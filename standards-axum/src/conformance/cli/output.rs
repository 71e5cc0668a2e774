//! Standard output, standard error, and files.

use std::io::Write;
use std::path::Path;

use standards_core::rules::Bilingual;

use super::Ended;
use crate::conformance::files::read_text;
use crate::conformance::profile::{PROFILE_BYTES, Profile};
use crate::conformance::text::{both, clean};

/// Writes to standard output; status 0, or 2 where nobody could be told.
pub(super) fn say(text: &str) -> Ended {
    let mut output = std::io::stdout().lock();
    match output.write_all(text.as_bytes()).and_then(|()| output.flush()) {
        Ok(()) => Ok(0),
        Err(error) => Err(both(format!("No se pudo escribir: {error}"), format!("Cannot write: {error}"))),
    }
}

/// Writes a sentence to standard error.
pub(super) fn complain(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "standards-check: {text}");
}

/// Reads a profile, its variables from the environment.
pub(super) fn read_profile(file: &str) -> Result<Profile, Bilingual> {
    Profile::parse(&read_text(file, PROFILE_BYTES)?, |name| std::env::var(name).ok())
}

/// Writes a file.
pub(super) fn write_file(file: &str, text: &str) -> Result<(), Bilingual> {
    std::fs::write(Path::new(file), text).map_err(|error| unwritten(file, &error.to_string()))
}

/// Whether a file could be written there, as far as can be seen beforehand.
pub(super) fn writable(file: &str) -> Result<(), Bilingual> {
    let path = Path::new(file);
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    if folder.is_dir() && !path.is_dir() && !file.is_empty() {
        Ok(())
    } else {
        Err(unwritten(file, "no hay tal carpeta / no such folder"))
    }
}

fn unwritten(file: &str, why: &str) -> Bilingual {
    let (file, why) = (clean(file), clean(why));
    both(format!("No se pudo escribir {file}: {why}"), format!("{file} cannot be written: {why}"))
}
