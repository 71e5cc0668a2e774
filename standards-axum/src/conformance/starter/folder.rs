//! Files on disk: a whole new folder or none, a whole new text or the old one.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use standards_core::rules::Bilingual;
use uuid::Uuid;

use super::base::{Base, FILE};
use super::template::is_program;
use crate::conformance::text::{both, clean};

/// Makes the folder of a new service, whole or not at all. With it goes the lock file of the standard's repository, if there is one: the
/// versions that it is tested with.
pub(in crate::conformance) fn create(folder: &Path, base: &Base) -> Result<(), Bilingual> {
    if !is_free(folder) {
        let folder = clean(&folder.to_string_lossy());
        return Err(both(format!("{folder} ya existe y no está vacía"), format!("{folder} exists and is not empty")));
    }
    let made = Draft::beside(folder).and_then(|draft| {
        base.files.iter().try_for_each(|(path, text)| put(&draft.0, path, text))?;
        put(&draft.0, FILE, &base.to_text())?;
        let lock = Path::new(&base.standards).join("Cargo.lock");
        if lock.is_file() {
            fs::copy(lock, draft.0.join("Cargo.lock"))?;
        }
        fs::rename(&draft.0, folder)
    });
    made.map_err(|error| unwritten(folder, &error))
}

/// Writes a file of the service: its old text stands until the new one is there.
pub(super) fn replace(folder: &Path, path: &str, text: &str) -> Result<(), Bilingual> {
    put(folder, path, text).map_err(|error| unwritten(&folder.join(path), &error))
}

/// Takes a file away.
pub(super) fn remove(folder: &Path, path: &str) -> Result<(), Bilingual> {
    let file = folder.join(path);
    fs::remove_file(&file).map_err(|error| unwritten(&file, &error))
}

fn put(folder: &Path, path: &str, text: &str) -> io::Result<()> {
    let file = folder.join(path);
    let parent = file.parent().unwrap_or(folder);
    fs::create_dir_all(parent)?;
    let draft = parent.join(format!(".{}", Uuid::new_v4()));
    let written = fs::write(&draft, text).and_then(|()| {
        fs::set_permissions(&draft, permissions(&file, path))?;
        fs::rename(&draft, &file)
    });
    written.inspect_err(|_| drop(fs::remove_file(&draft)))
}

/// Those that the file has, or those that it should have.
fn permissions(file: &Path, path: &str) -> fs::Permissions {
    let new = fs::Permissions::from_mode(if is_program(path) { 0o755 } else { 0o644 });
    fs::metadata(file).map_or(new, |known| known.permissions())
}

/// Whether nothing is there, or a folder without anything in it.
fn is_free(folder: &Path) -> bool {
    match fs::symlink_metadata(folder) {
        Err(error) => error.kind() == io::ErrorKind::NotFound,
        Ok(known) => known.is_dir() && fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_none()),
    }
}

/// A folder that is gone again unless it has taken another name.
struct Draft(PathBuf);

impl Draft {
    fn beside(folder: &Path) -> io::Result<Self> {
        let parent = folder.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
        let draft = parent.join(format!(".nuevo-{}", Uuid::new_v4()));
        fs::create_dir(&draft)?;
        Ok(Self(draft))
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // It is not there any more where all went well.
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn unwritten(path: &Path, error: &io::Error) -> Bilingual {
    let (path, why) = (clean(&path.to_string_lossy()), clean(&error.to_string()));
    both(format!("No se pudo escribir {path}: {why}"), format!("{path} cannot be written: {why}"))
}
