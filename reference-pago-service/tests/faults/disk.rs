//! SQLite's disk is full.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use tempfile::TempDir;

use crate::support::{Base, Outcome, PATIENCE, SILENT, Servicio, Trial, pause};

/// A small file system of its own, for whoever may mount one.
struct Disk(TempDir);

impl Disk {
    fn mount() -> Option<Self> {
        let directory = tempfile::tempdir().unwrap();
        let mut mount = Command::new("mount");
        let mounted = mount.args(["-t", "tmpfs", "-o", "size=8m", "tmpfs"]).arg(directory.path()).output();
        if mounted.is_ok_and(|output| output.status.success()) {
            return Some(Self(directory));
        }
        eprintln!("SKIPPED: only root can mount a disk to fill; the file size limit is tested instead");
        None
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn fill(&self) {
        let mut filler = File::create(self.path().join("filler")).unwrap();
        for size in [64 * 1024, 512, 1] {
            while filler.write_all(&vec![0; size]).is_ok() {}
        }
    }

    fn make_room(&self) {
        fs::remove_file(self.path().join("filler")).unwrap();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _not_mounted = Command::new("umount").arg("-l").arg(self.path()).status();
    }
}

/// Payments come to be refused and reading goes on.
async fn assert_only_reads(trial: &Trial) {
    let begun = Instant::now();
    while !trial.books.attempts().iter().any(|attempt| attempt.outcome == Outcome::Unavailable) {
        assert!(begun.elapsed() < PATIENCE, "the disk never got full");
        pause(20).await;
    }
    pause(1000).await;
    assert_eq!(trial.servicio.status("/api/v1/pagos?limit=1").await, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk() {
    let Some(disk) = Disk::mount() else { return };
    let base = Base::sqlite_in(disk.path());
    let url = base.url();
    let mut trial = Trial::begin(base, &url).await;
    trial.load().await;
    disk.fill();
    assert_only_reads(&trial).await;
    disk.make_room();
    let recovery = trial.assert_recovery().await;
    trial.end(&format!("full disk, well after {recovery:.0?}"), SILENT).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_may_not_grow() {
    let base = Base::sqlite();
    // The log is a file as well, and grows slower.
    let servicio = Servicio::start_by("trap '' XFSZ; exec \"$0\"", &base.url()).await;
    let mut trial = Trial::with(base, servicio).await;
    limit_file_size(&trial.servicio, "1000000");
    trial.load().await;
    assert_only_reads(&trial).await;
    limit_file_size(&trial.servicio, "unlimited");
    let recovery = trial.assert_recovery().await;
    trial.end(&format!("file size limit, well after {recovery:.0?}"), SILENT).await;
}

fn limit_file_size(servicio: &Servicio, soft: &str) {
    let mut prlimit = Command::new("prlimit");
    let limited = prlimit.args(["--pid", &servicio.id().to_string(), &format!("--fsize={soft}:")]).status().unwrap();
    assert!(limited.success());
}
