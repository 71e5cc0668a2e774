//! An earlier service brought up to date: all is decided before anything is written.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;

use standards_core::rules::Bilingual;

use super::base::{Base, FILE};
use super::folder::{remove, replace};
use super::merge::{Outcome, is_marked, merge};
use crate::conformance::text::{both, clean};

/// What will become of each file.
#[derive(Debug)]
pub(in crate::conformance) struct Upgrade {
    pub(in crate::conformance) files: Vec<(String, Outcome, Option<String>)>,
    base: Base,
}

/// Decides on each file of a service that was made of `base`, by the new template.
pub(in crate::conformance) fn plan(folder: &Path, base: &Base, mut new: Base) -> Result<Upgrade, Bilingual> {
    let paths: BTreeSet<_> = base.files.keys().chain(new.files.keys()).cloned().collect();
    let text = |texts: &super::template::Texts, path: &String| texts.get(path).cloned();
    let mut files = Vec::new();
    for path in paths {
        let (old, ours, theirs) = (text(&base.files, &path), read(folder, &path)?, text(&new.files, &path));
        let (outcome, text) = merge(old.as_deref(), ours.as_deref(), theirs.as_deref());
        if outcome == Outcome::Own {
            // It is the team's: the next template does not meddle with it either.
            new.files.remove(&path);
        }
        files.push((path, outcome, text));
    }
    Ok(Upgrade { files, base: new })
}

impl Upgrade {
    /// Whether somebody has to decide between both sides of a file.
    pub(in crate::conformance) fn has_conflicts(&self) -> bool {
        self.files.iter().any(|(_, outcome, _)| *outcome == Outcome::Conflict)
    }

    /// Writes it. What it was made from comes last: one that was interrupted is done again.
    pub(in crate::conformance) fn write(&self, folder: &Path) -> Result<(), Bilingual> {
        for (path, outcome, text) in &self.files {
            match text {
                Some(text) => replace(folder, path, text)?,
                None if *outcome == Outcome::Removed => remove(folder, path)?,
                None => {}
            }
        }
        replace(folder, FILE, &self.base.to_text())
    }
}

/// The team's text; nothing where there is no such file.
fn read(folder: &Path, path: &str) -> Result<Option<String>, Bilingual> {
    let shown = clean(path);
    match fs::read_to_string(folder.join(path)) {
        Ok(text) if is_marked(&text) => Err(both(
            format!("{shown} tiene un conflicto de antes (<<<<<<<): resuélvalo primero"),
            format!("{shown} has a conflict of before (<<<<<<<): resolve it first"),
        )),
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => {
            let why = clean(&error.to_string());
            Err(both(format!("No se pudo leer {shown}: {why}"), format!("{shown} cannot be read: {why}")))
        }
    }
}
