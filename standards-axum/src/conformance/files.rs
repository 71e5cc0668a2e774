//! Files that a command line names.

use std::io::Read as _;
use std::path::Path;

use standards_core::rules::Bilingual;

use super::text::{both, clean};

/// Reads a text file that is not larger than it should be.
pub(super) fn read_text(file: &str, most: usize) -> Result<String, Bilingual> {
    let opened = std::fs::File::open(Path::new(file)).map_err(|error| unreadable(file, &error.to_string()))?;
    let mut bytes = Vec::new();
    let limit = u64::try_from(most).unwrap_or(u64::MAX);
    opened.take(limit.saturating_add(1)).read_to_end(&mut bytes).map_err(|error| unreadable(file, &error.to_string()))?;
    if bytes.len() > most {
        return Err(unreadable(file, &format!("> {most} bytes")));
    }
    String::from_utf8(bytes).map_err(|_| unreadable(file, "UTF-8"))
}

/// What could not be read, and why.
pub(super) fn unreadable(file: &str, why: &str) -> Bilingual {
    let (file, why) = (clean(file), clean(why));
    both(format!("No se pudo leer {file}: {why}"), format!("{file} cannot be read: {why}"))
}
