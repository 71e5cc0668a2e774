//! The database's disk is full.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use tempfile::TempDir;

use crate::support::{Base, Outcome, PATIENCE, SILENT, ServiceProcess, Trial, alone, assert_as_in_runbook, pause};

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

/// Payments come to be refused, the service says that it is not ready, and reading goes on.
async fn assert_only_reads(trial: &Trial) {
    assert_refuses(trial).await;
    trial.assert_unready().await;
    pause(1000).await;
    assert_eq!(trial.service.status("/api/v1/pagos?limit=1").await, 200);
}

async fn assert_refuses(trial: &Trial) {
    let begun = Instant::now();
    while !trial.books.attempts().iter().any(|attempt| attempt.outcome == Outcome::Unavailable) {
        assert!(begun.elapsed() < PATIENCE, "the disk never got full");
        pause(20).await;
    }
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
    // Why a probe was refused is the file or the time that it took, on a machine that is busy.
    assert_as_in_runbook(&trial.service.log(), "más tarde: error returned from database: (code: 13)");
    trial.end(&format!("full disk, well after {recovery:.0?}"), SILENT).await;
}

/// Only the pagos of PostgreSQL are on it: a server that cannot write its own log would stop.
#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_of_postgresql() {
    let Some(disk) = Disk::mount() else { return };
    let Some(server) = alone().await else { return };
    let base = server.database().await;
    let url = base.url();
    let mut trial = Trial::begin(base, &url).await;
    server.tablespace("escaso", disk.path()).await;
    trial.base.execute("alter table pagos set tablespace escaso").await;
    trial.load().await;
    disk.fill();
    assert_only_reads(&trial).await;
    disk.make_room();
    let recovery = trial.assert_recovery().await;
    assert_as_in_runbook(&trial.service.log(), "could not extend file");
    trial.end(&format!("full disk of PostgreSQL, well after {recovery:.0?}"), SILENT).await;
}

/// Where an orchestrator sends no payments, none can show that the disk has room again.
#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_of_postgresql_that_nobody_pays_with() {
    let Some(disk) = Disk::mount() else { return };
    let Some(server) = alone().await else { return };
    let base = server.database().await;
    let url = base.url();
    let trial = Trial::begin(base, &url).await;
    server.tablespace("escaso", disk.path()).await;
    trial.base.execute("alter table pagos set tablespace escaso").await;
    disk.fill();
    let mut client = trial.service.client();
    while trial.books.pay(&mut client, trial.clientes[0]).await.is_well() {}
    trial.assert_unready().await;
    for _ in 0..20 {
        assert_eq!(trial.service.status("/health/ready").await, 503);
    }
    disk.make_room();
    trial.service.ready().await;
    trial.end("full disk of PostgreSQL, idle", SILENT).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_may_not_grow() {
    // The service's log is a file as well, and grows slower.
    let mut trial = begin_with_limit("1000000").await;
    trial.load().await;
    assert_only_reads(&trial).await;
    limit_file_size(&trial.service, "unlimited");
    let recovery = trial.assert_recovery().await;
    trial.end(&format!("file size limit, well after {recovery:.0?}"), SILENT).await;
}

/// Where an orchestrator sends no payments, none can show that the disk has room again.
#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_nobody_pays_with_notices_that_it_can_write_again() {
    let trial = begin_with_limit("200000").await;
    let mut client = trial.service.client();
    while trial.books.pay(&mut client, trial.clientes[0]).await.is_well() {}
    trial.assert_unready().await;
    for _ in 0..20 {
        assert_eq!(trial.service.status("/health/ready").await, 503);
    }
    limit_file_size(&trial.service, "unlimited");
    // A disk that is busy as well may take longer than a probe waits.
    trial.service.ready().await;
    trial.end("file size limit, idle", SILENT).await;
}

/// A service whose files may grow, of which only SQLite's log comes to that size: a reader that has read keeps it from being
/// emptied when the writer's connection is closed after a failure.
async fn begin_with_limit(size: &str) -> Trial {
    let base = Base::sqlite();
    let service = ServiceProcess::start_by("trap '' XFSZ; exec \"$0\"", &base.url()).await;
    let trial = Trial::with(base, service).await;
    assert_eq!(trial.service.status("/api/v1/pagos?limit=1").await, 200);
    limit_file_size(&trial.service, size);
    trial
}

fn limit_file_size(service: &ServiceProcess, soft: &str) {
    let mut prlimit = Command::new("prlimit");
    let limited = prlimit.args(["--pid", &service.id().to_string(), &format!("--fsize={soft}:")]).status().unwrap();
    assert!(limited.success());
}
