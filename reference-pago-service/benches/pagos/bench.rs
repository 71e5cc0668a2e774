//! What every measurement shares.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::options::Options;
use crate::outcome::Outcome;
use crate::server::ServerAddress;

/// Where and how to measure.
pub(crate) struct Bench {
    /// The PostgreSQL server.
    pub(crate) server: ServerAddress,
    /// What was asked for.
    pub(crate) options: Options,
    /// The service under test.
    pub(crate) binary: PathBuf,
    /// SQLite's files, scripts and the children's output; on the disk of the target directory, for a `/tmp` in memory would make
    /// `synchronous=FULL` free.
    pub(crate) directory: TempDir,
}

impl Bench {
    /// The service of this build.
    pub(crate) fn new(server: ServerAddress, options: Options) -> Outcome<Self> {
        Self::of(Path::new(env!("CARGO_BIN_EXE_reference-pago-service")), server, options)
    }

    /// The service that `build` is.
    pub(crate) fn of(build: &Path, server: ServerAddress, options: Options) -> Outcome<Self> {
        let directory = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
        // A copy: a build during the run must not change what is measured.
        let binary = directory.path().join("reference-pago-service");
        std::fs::copy(build, &binary)?;
        Ok(Self { server, options, binary, directory })
    }

    /// A file of the bench's own.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }
}
