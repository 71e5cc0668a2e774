//! `disco`: the room that a SQLite file has to grow, and whether it may be written to.

use std::path::Path;

use super::Finding;
use super::checks::DISK;

const MIB: u64 = 1 << 20;
/// A day of payments, and the write-ahead log beside them.
const LITTLE: u64 = 1024 * MIB;
/// Where the next checkpoint may fail.
const TOO_LITTLE: u64 = 64 * MIB;

pub(super) fn examine(directory: &Path) -> Finding {
    judge(free_bytes(directory))
}

fn judge(free: Option<u64>) -> Finding {
    let Some(free) = free else { return Finding::skipped(DISK, "no se puede saber en este sistema") };
    let told = format!("{} MiB libres donde está el archivo", free / MIB);
    match free {
        ..TOO_LITTLE => Finding::failed(DISK, told, "haga lugar antes de iniciar: un disco lleno rechaza los pagos"),
        TOO_LITTLE..LITTLE => Finding::warning(DISK, told, "haga lugar, o mueva el archivo a otro disco"),
        LITTLE.. => Finding::ok(DISK, told),
    }
}

/// For who is no administrator.
#[cfg(unix)]
fn free_bytes(directory: &Path) -> Option<u64> {
    let filesystem = rustix::fs::statvfs(directory).ok()?;
    filesystem.f_bavail.checked_mul(filesystem.f_frsize)
}

#[cfg(not(unix))]
fn free_bytes(_: &Path) -> Option<u64> {
    None
}

/// Whether this user may; nothing is written to find out.
#[cfg(unix)]
pub(super) fn may_write(path: &Path) -> bool {
    rustix::fs::access(path, rustix::fs::Access::WRITE_OK).is_ok()
}

#[cfg(not(unix))]
pub(super) fn may_write(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|metadata| !metadata.permissions().readonly())
}

#[cfg(test)]
mod tests {
    use super::super::finding::Status;
    use super::*;

    #[test]
    fn a_disk_that_is_nearly_full_fails_before_it_is() {
        assert_eq!(judge(Some(TOO_LITTLE - 1)).status(), Status::Failed);
        assert_eq!(judge(Some(TOO_LITTLE)).status(), Status::Warning);
        assert_eq!(judge(Some(LITTLE)).to_string(), "✔ disco: 1024 MiB libres donde está el archivo");
        assert_eq!(judge(None).status(), Status::Skipped);
    }

    #[test]
    fn what_is_there_can_be_asked() {
        let directory = tempfile::tempdir().unwrap();
        assert!(may_write(directory.path()) && !may_write(&directory.path().join("nada")));
        assert_eq!(free_bytes(directory.path()).is_some(), cfg!(unix));
    }
}
