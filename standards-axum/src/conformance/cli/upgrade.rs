//! `upgrade`: a service that `new` made, brought up to date.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;
use standards_core::Language;
use standards_core::rules::Bilingual;

use super::Ended;
use super::output::say;
use crate::conformance::starter::{Base, Outcome, plan};
use crate::conformance::text::both;

#[derive(Debug, Args)]
pub(super) struct Upgrade {
    /// The service's folder.
    #[arg(long, value_name = "DIR", default_value = ".")]
    path: PathBuf,
    /// Say what would become of each file, and write nothing.
    #[arg(long)]
    dry_run: bool,
}

impl Upgrade {
    /// Merges the new template into it; status 1 where somebody has to decide.
    pub(super) fn run(self, language: Language) -> Ended {
        let base = Base::read(&self.path)?;
        let upgrade = plan(&self.path, &base, base.renewed()?)?;
        if !self.dry_run {
            upgrade.write(&self.path)?;
        }
        let mut told = String::new();
        for (path, outcome, _) in upgrade.files.iter().filter(|(_, outcome, _)| *outcome != Outcome::Same) {
            let _ = writeln!(told, "{:<14} {path}", outcome.told().of(language));
        }
        told.push_str(ending(self.dry_run, upgrade.has_conflicts()).of(language));
        say(&told)?;
        Ok(u8::from(upgrade.has_conflicts()))
    }
}

fn ending(dry_run: bool, conflicts: bool) -> Bilingual {
    match (dry_run, conflicts) {
        (true, _) => both("No se escribió nada.\n", "Nothing was written.\n"),
        (false, true) => both(
            "Hay conflictos: busque <<<<<<< y decida; después, git diff.\n",
            "There are conflicts: look for <<<<<<< and decide; then, git diff.\n",
        ),
        (false, false) => both("Al día. Revíselo con git diff.\n", "Up to date. Look at it by git diff.\n"),
    }
}
