//! CFG-02: the variables that a service says it reads, against the file that must name them.

use std::collections::BTreeSet;

use standards_core::rules::Bilingual;

use super::{Said, unreadable};
use crate::conformance::files::read_text;
use crate::conformance::text::both;

/// The largest list of variables.
const LIST_BYTES: usize = 1 << 20;

/// Compares both; nothing where neither is named.
///
/// # Errors
///
/// A sentence, where one of them is missing or names no variable.
pub(super) fn compared(pairs: &[(&str, &str)]) -> Result<Option<Said>, Bilingual> {
    let file = |wanted: &str| pairs.iter().find(|(kind, _)| *kind == wanted).map(|(_, file)| *file);
    match (file("variables"), file("env-example")) {
        (None, None) => Ok(None),
        (Some(read), Some(example)) => Ok(Some(judged(&named(read)?, &named(example)?))),
        _ => Err(both("variables y env-example van juntas", "variables and env-example go together")),
    }
}

fn judged(read: &BTreeSet<String>, example: &BTreeSet<String>) -> Said {
    let wrong: Vec<String> = read.difference(example).cloned().collect();
    let told = format!("{} de / of {}", read.len() - wrong.len(), read.len());
    Said::new("CFG-02", wrong, both(told.clone(), told))
}

fn named(file: &str) -> Result<BTreeSet<String>, Bilingual> {
    let names: BTreeSet<String> = read_text(file, LIST_BYTES)?.lines().filter_map(name).map(str::to_owned).collect();
    if names.is_empty() { Err(unreadable(&format!("{file}: 0 variables"))) } else { Ok(names) }
}

/// The variable that a line names: `NAME`, `NAME=..`, `# NAME=..`, `export NAME=..`, or a row of a table `| NAME | ..`.
pub(super) fn name(line: &str) -> Option<&str> {
    let line = line.trim();
    let rest = line.strip_prefix("# ").or_else(|| line.strip_prefix('#')).unwrap_or(line);
    let rest = rest.strip_prefix("export ").unwrap_or(rest);
    let cell = rest.strip_prefix('|').and_then(|row| row.split('|').next()).map(|cell| cell.trim().trim_matches('`'));
    let name = cell.or_else(|| rest.split_once('=').map(|(name, _)| name)).unwrap_or(line);
    let plain = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    let right = name.len() <= 128 && name.starts_with(|first: char| first.is_ascii_uppercase()) && name.chars().all(plain);
    right.then_some(name)
}
