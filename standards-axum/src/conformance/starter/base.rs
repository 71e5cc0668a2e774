//! What a service was made from: the version of the template and its texts, kept with it in `.standards/base.json`.

use std::path::{Component, Path};

use serde::{Deserialize, Serialize};
use standards_core::rules::Bilingual;

use super::name::Name;
use super::template::{Texts, render};
use crate::conformance::text::{both, clean};

/// Where it stands in the service's folder.
pub(super) const FILE: &str = ".standards/base.json";
/// The largest that is read.
const LARGEST: u64 = 4 << 20;
/// The template's version.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What a service was made from.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub(in crate::conformance) struct Base {
    /// The template's version.
    pub(super) version: String,
    /// The service's name, as it was made.
    pub(super) name: String,
    /// Where the standard was.
    pub(super) standards: String,
    /// The template's files, filled in.
    pub(super) files: Texts,
}

impl Base {
    /// A service of this name, made now.
    pub(in crate::conformance) fn new(name: &Name, standards: &str) -> Self {
        let (version, files) = (VERSION.to_owned(), render(name, standards));
        Self { version, name: name.as_str().to_owned(), standards: standards.to_owned(), files }
    }

    /// That of the service in a folder.
    pub(in crate::conformance) fn read(folder: &Path) -> Result<Self, Bilingual> {
        let file = folder.join(FILE);
        let known = std::fs::metadata(&file).map_err(|_| none(folder))?;
        let text = (known.len() <= LARGEST).then(|| std::fs::read_to_string(&file).ok()).flatten();
        let base: Option<Self> = text.and_then(|text| serde_json::from_str(&text).ok());
        base.filter(|base| base.files.keys().all(|path| stays_inside(path)))
            .ok_or_else(|| unreadable(&file))
            .and_then(Self::not_newer)
    }

    /// The same service as this template makes it.
    pub(in crate::conformance) fn renewed(&self) -> Result<Self, Bilingual> {
        Ok(Self::new(&Name::parse(&self.name)?, &self.standards))
    }

    /// As a file.
    pub(super) fn to_text(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    fn not_newer(self) -> Result<Self, Bilingual> {
        let version = clean(&self.version);
        match numbers(&self.version) {
            Some(made) if Some(made) <= numbers(VERSION) => Ok(self),
            _ => Err(both(
                format!("El servicio se hizo con la versión {version} y este programa es la {VERSION}: use uno más nuevo"),
                format!("The service was made by version {version} and this program is {VERSION}: use a newer one"),
            )),
        }
    }
}

fn numbers(version: &str) -> Option<[u64; 3]> {
    let numbers: Result<Vec<u64>, _> = version.split('.').map(str::parse).collect();
    numbers.ok()?.try_into().ok()
}

/// Whether a path of a file leads nowhere else.
fn stays_inside(path: &str) -> bool {
    !path.is_empty() && Path::new(path).components().all(|part| matches!(part, Component::Normal(_)))
}

fn none(folder: &Path) -> Bilingual {
    let folder = clean(&folder.to_string_lossy());
    both(
        format!("{folder} no es un servicio hecho con standards-check new: no tiene {FILE}"),
        format!("{folder} is no service made by standards-check new: it has no {FILE}"),
    )
}

fn unreadable(file: &Path) -> Bilingual {
    let file = clean(&file.to_string_lossy());
    both(
        format!("{file} no se entiende: restáurelo del control de versiones"),
        format!("{file} cannot be read: restore it from version control"),
    )
}
