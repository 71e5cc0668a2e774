//! The profile of a check.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use standards_core::rules::Bilingual;

use crate::conformance::profile::{PROFILE_BYTES, Profile as Described};
use crate::conformance::text::{both, clean};

/// What a service does, for [`check`](super::check): the TOML of a profile, or the file that holds it.
///
/// Text is text, a [`Path`] is a file; the default is none, by which only what the OpenAPI document tells is tried.
///
/// ```
/// use std::path::Path;
///
/// use standards_axum::conformance::Profile;
///
/// let written = Profile::from("schema = 1");
/// let filed = Profile::from(Path::new("conformance/pagos.toml")).with_variable("STANDARDS_CHECK_TOKEN", "...");
/// # drop((written, filed));
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Profile {
    source: Source,
    variables: BTreeMap<String, String>,
}

#[derive(Clone, Debug, Default)]
enum Source {
    #[default]
    None,
    Text(String),
    File(PathBuf),
}

impl Profile {
    /// Has `${name}` in the profile be `value`, whatever the environment says.
    pub fn with_variable(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.variables.insert(name.into(), value.into());
        self
    }

    /// The profile, its variables filled in.
    pub(super) fn read(self) -> Result<Option<Described>, Bilingual> {
        let text = match self.source {
            Source::None => return Ok(None),
            Source::Text(text) => text,
            Source::File(path) => std::fs::read_to_string(&path).map_err(|error| unreadable(&path, &error.to_string()))?,
        };
        if text.len() > PROFILE_BYTES {
            return Err(both(
                format!("El perfil supera {PROFILE_BYTES} bytes"),
                format!("The profile is larger than {PROFILE_BYTES} bytes"),
            ));
        }
        Described::parse(&text, |name| self.variables.get(name).cloned().or_else(|| std::env::var(name).ok())).map(Some)
    }
}

impl From<&str> for Profile {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl From<String> for Profile {
    fn from(text: String) -> Self {
        Self { source: Source::Text(text), ..Self::default() }
    }
}

impl From<&Path> for Profile {
    fn from(file: &Path) -> Self {
        file.to_owned().into()
    }
}

impl From<PathBuf> for Profile {
    fn from(file: PathBuf) -> Self {
        Self { source: Source::File(file), ..Self::default() }
    }
}

fn unreadable(path: &Path, why: &str) -> Bilingual {
    let (file, why) = (clean(&path.to_string_lossy()), clean(why));
    both(format!("No se pudo leer el perfil {file}: {why}"), format!("The profile {file} cannot be read: {why}"))
}
