//! Whether SQLite's file is still the one that was opened.

use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};

use super::RepositoryError;

/// The file of the database.
///
/// A connection goes on writing into a file that was removed or replaced, and all that it
/// acknowledges is lost. So every unit of work first looks whether the file is still in its place.
#[derive(Debug)]
pub(super) struct DataFile {
    path: PathBuf,
    identity: Identity,
}

impl DataFile {
    /// The file that stands at `path` now.
    pub(super) fn at(path: PathBuf) -> io::Result<Self> {
        let identity = identify(&fs::metadata(&path)?);
        Ok(Self { path, identity })
    }

    /// Where it stands.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// # Errors
    ///
    /// [`ErrorKind::Unavailable`](crate::database::ErrorKind::Unavailable) when the file was removed or another stands in its place.
    pub(super) fn check(&self) -> Result<(), RepositoryError> {
        let metadata = fs::metadata(&self.path).map_err(RepositoryError::unavailable)?;
        if identify(&metadata) == self.identity {
            Ok(())
        } else {
            Err(RepositoryError::unavailable("the SQLite file was replaced"))
        }
    }
}

#[cfg(unix)]
type Identity = (u64, u64);

#[cfg(unix)]
fn identify(metadata: &Metadata) -> Identity {
    use std::os::unix::fs::MetadataExt as _;
    (metadata.dev(), metadata.ino())
}

#[cfg(not(unix))]
type Identity = ();

#[cfg(not(unix))]
fn identify(_: &Metadata) -> Identity {}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::DataFile;

    #[test]
    fn a_removed_or_replaced_file_is_noticed() {
        let directory = tempfile::tempdir().unwrap();
        let (path, other) = (directory.path().join("a"), directory.path().join("b"));
        fs::write(&path, "1").unwrap();
        fs::write(&other, "1").unwrap();
        let file = DataFile::at(path.clone()).unwrap();
        assert!(file.check().is_ok());
        fs::rename(&other, &path).unwrap();
        assert_eq!(file.check().is_ok(), cfg!(not(unix)));
        fs::remove_file(&path).unwrap();
        assert!(file.check().is_err());
    }
}
