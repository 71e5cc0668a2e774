//! `new`: a whole service, to begin with.

use std::path::PathBuf;

use clap::Args;
use standards_core::Language;

use super::Ended;
use super::output::say;
use crate::conformance::starter::{Base, Name, create, home};
use crate::conformance::text::{both, clean};

#[derive(Debug, Args)]
pub(super) struct New {
    /// What it is called, ms-inventario say.
    name: String,
    /// Its folder [default: one of its name here].
    #[arg(long, value_name = "DIR")]
    path: Option<PathBuf>,
    /// The repository of the standard [default: the one that this program was built from].
    #[arg(long, value_name = "DIR")]
    standards: Option<PathBuf>,
}

impl New {
    /// Makes it.
    pub(super) fn run(self, language: Language) -> Ended {
        let name = Name::parse(&self.name)?;
        let folder = self.path.unwrap_or_else(|| name.as_str().into());
        let home = home(self.standards.as_deref())?;
        create(&folder, &Base::new(&name, &home.to_string_lossy()))?;
        let (name, folder) = (name.as_str(), clean(&folder.to_string_lossy()));
        let told = both(
            format!(
                "{name} está en {folder}. Para arrancarlo:\n\n    cd {folder} && DATABASE_URL=sqlite://productos.db cargo run\n"
            ),
            format!("{name} is in {folder}. To start it:\n\n    cd {folder} && DATABASE_URL=sqlite://productos.db cargo run\n"),
        );
        say(told.of(language))
    }
}
