//! The files of a new service: those of `template/`, whose own name stands for the new one's.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use standards_core::rules::{Bilingual, RuleLevel, catalogue};

use super::name::Name;
use crate::conformance::text::{both, clean};

/// Texts by the path at which they stand.
pub(super) type Texts = BTreeMap<String, String>;

macro_rules! files {
    ($($path:literal)*) => {
        &[("Cargo.toml", include_str!("../../../template/Cargo.toml.template")), $(($path, include_str!(concat!("../../../template/", $path)))),*]
    };
}

/// The manifest has another name in the template: cargo would take the folder for a package, and leave it out of the crate.
const FILES: &[(&str, &str)] = files! {
    ".ci/coverage" ".ci/instrumented" ".ci/judge" ".ci/run" ".dockerignore" ".env.example" ".github/workflows/ci.yml" ".gitignore" "AGENTS.md" "Dockerfile"
    "README.md" "clippy.toml" "conformance/perfil.toml" "migrations/1_productos.sql" "rust-toolchain.toml" "rustfmt.toml"
    "src/api.rs" "src/errors.rs" "src/lib.rs" "src/main.rs" "src/repositories.rs" "src/schemas.rs" "src/services.rs"
    "tests/servicio/main.rs" "tests/servicio/productos.rs" "tests/servicio/service.rs"
};

/// What stands in the template for what a service has of its own.
const NAME: &str = "ms-plantilla";
const IDENTIFIER: &str = "ms_plantilla";
const STANDARDS: &str = "/RUTA/DEL/ESTANDAR";
const RULES: &str = "<!-- rules -->\n";

/// Every file of a service of this name that finds the standard there.
pub(in crate::conformance) fn render(name: &Name, standards: &str) -> Texts {
    let filled = |text: &str| {
        let text = text.replace(NAME, name.as_str()).replace(IDENTIFIER, &name.identifier());
        text.replace(STANDARDS, standards).replace(RULES, &rules())
    };
    FILES.iter().map(|(path, text)| ((*path).to_owned(), filled(text))).collect()
}

/// The obligatory rules, one a line.
fn rules() -> String {
    let mut list = String::new();
    for rule in catalogue().rules.iter().filter(|rule| rule.level == RuleLevel::Must) {
        let _ = writeln!(list, "- {}: {}.", rule.id, rule.title.en);
    }
    list
}

/// Whether the file is run.
pub(super) fn is_program(path: &str) -> bool {
    path.starts_with(".ci/")
}

/// The folder that holds `standards-axum`, whole: that one, or the one that this program was built from.
pub(in crate::conformance) fn home(named: Option<&Path>) -> Result<PathBuf, Bilingual> {
    let built_from = || Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_owned).unwrap_or_default();
    let folder = named.map_or_else(built_from, Path::to_owned);
    let whole = folder.canonicalize().ok().filter(|folder| folder.join("standards-axum/Cargo.toml").is_file());
    let plain = |path: &PathBuf| path.to_str().is_some_and(|path| !path.contains(['"', '\\', '\n', '\r']));
    whole.filter(plain).ok_or_else(|| {
        let folder = clean(&folder.to_string_lossy());
        both(
            format!("No hay un repositorio del estándar en {folder}: diga dónde con --standards"),
            format!("There is no repository of the standard at {folder}: say where by --standards"),
        )
    })
}
