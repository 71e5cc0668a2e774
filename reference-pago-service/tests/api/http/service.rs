//! The real binary as a child process.

use std::fs::{self, File};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use reference_pago_service::database::Database;
use serde_json::Value;
use standards_core::log::capture::problems_of;
use tempfile::TempDir;

use super::socket::{Socket, get};
use crate::support::Fixture;
use crate::support::child::{self, PATIENCE};

/// A server that runs until it is dropped.
pub(crate) struct ServiceProcess {
    child: Child,
    directory: TempDir,
    pub(crate) address: SocketAddr,
}

/// How a process ended and what it said.
#[derive(Debug)]
pub(crate) struct Exit {
    pub(crate) status: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// The binary in an empty directory, with these variables and no others.
fn start(directory: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Child {
    let output = |name: &str| File::options().create(true).append(true).open(directory.join(name)).unwrap();
    let mut command = Command::new(child::binary());
    command.args(arguments).current_dir(directory).stdout(output("stdout")).stderr(output("stderr")).env_clear();
    // Coverage is measured in children too.
    command.envs(std::env::vars().filter(|(name, _)| name.starts_with("LLVM_PROFILE")));
    command.envs(variables.iter().copied()).spawn().unwrap()
}

fn wait(child: &mut Child, limit: Duration) -> Option<i32> {
    let begun = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status.code();
        }
        if begun.elapsed() > limit {
            child.kill().unwrap();
            child.wait().unwrap();
            panic!("the process did not end within {limit:?}");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn exit(child: &mut Child, directory: &Path) -> Exit {
    let status = wait(child, PATIENCE);
    Exit { status, stdout: said_in(directory, "stdout"), stderr: said_in(directory, "stderr") }
}

fn said_in(directory: &Path, name: &str) -> String {
    fs::read_to_string(directory.join(name)).unwrap()
}

/// Runs a command to its end in `directory`; what ran there before is not told again.
pub(super) fn run_in(directory: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Exit {
    for name in ["stdout", "stderr"] {
        let _not_there = fs::remove_file(directory.join(name));
    }
    exit(&mut start(directory, arguments, variables), directory)
}

/// Runs a command to its end in a directory of its own.
pub(crate) fn run(arguments: &[&str], variables: &[(&str, &str)]) -> Exit {
    run_in(tempfile::tempdir().unwrap().path(), arguments, variables)
}

/// Runs a command whose standard output is `stdout`; its status, and what it says on standard error.
pub(super) fn run_into(stdout: impl Into<Stdio>, directory: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(child::binary());
    command.args(arguments).current_dir(directory).env_clear().stdout(stdout).stderr(Stdio::piped());
    command.envs(std::env::vars().filter(|(name, _)| name.starts_with("LLVM_PROFILE")));
    let output = command.output().unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

/// The URL of the fixture's database, for another process.
pub(crate) async fn url_of(fixture: &Fixture) -> String {
    match &fixture.database {
        Database::Sqlite(sqlite) => {
            let file = "select file from pragma_database_list where name = 'main'";
            let file: String = sqlx::query_scalar(file).fetch_one(sqlite.readers()).await.unwrap();
            format!("sqlite://{file}")
        }
        Database::Postgres(postgres) => {
            let name = "select current_database()::text";
            let name: String = sqlx::query_scalar(name).fetch_one(&mut postgres.connect().await.unwrap()).await.unwrap();
            let server = std::env::var("TEST_DATABASE_URL");
            let server = server.unwrap_or_else(|_| "postgres://postgres@127.0.0.1:5432/postgres".to_owned());
            let (address, parameters) = server.split_once('?').unwrap_or((&server, ""));
            format!("{}/{name}?{parameters}", address.rsplit_once('/').unwrap().0)
        }
    }
}

/// A port that nobody listened on just now.
pub(crate) fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

impl ServiceProcess {
    /// The service on a SQLite file of its own.
    pub(super) async fn on_sqlite(variables: &[(&str, &str)]) -> Self {
        let mut all = vec![("DATABASE_URL", "sqlite://pagos.db?mode=rwc")];
        all.extend(variables);
        Self::start(&all).await
    }

    /// The service on the fixture's database.
    pub(super) async fn over(fixture: &Fixture) -> Self {
        Self::patient(&url_of(fixture).await).await
    }

    /// The service on a database. The machine may be busy: patience must not fail a test.
    pub(crate) async fn patient(database_url: &str) -> Self {
        let patience = "30000";
        Self::start(&[
            ("DATABASE_URL", database_url),
            ("DATABASE_ACQUIRE_TIMEOUT_MS", patience),
            ("DATABASE_STATEMENT_TIMEOUT_MS", patience),
            ("REQUEST_TIMEOUT_MS", patience),
        ])
        .await
    }

    /// Starts the service on any free port, which it tells in its log.
    pub(crate) async fn start(variables: &[(&str, &str)]) -> Self {
        let mut all = vec![("PORT", "0")];
        all.extend(variables);
        let directory = tempfile::tempdir().unwrap();
        let mut child = start(directory.path(), &[], &all);
        let address = child::told_address(&mut child, || said_in(directory.path(), "stdout")).await;
        Self { child, directory, address }
    }

    /// Starts a service whose log does not tell where it listens.
    pub(super) async fn start_silent(variables: &[(&str, &str)]) -> Self {
        let port = free_port();
        let text = port.to_string();
        let mut all = vec![("PORT", text.as_str()), ("DATABASE_URL", "sqlite://pagos.db?mode=rwc")];
        all.extend(variables);
        let directory = tempfile::tempdir().unwrap();
        let child = start(directory.path(), &[], &all);
        let service = Self { child, directory, address: SocketAddr::from(([127, 0, 0, 1], port)) };
        until(async || tokio::net::TcpStream::connect(service.address).await.is_ok()).await;
        service
    }

    pub(crate) async fn connect(&self) -> Socket {
        Socket::open(self.address).await
    }

    /// The status of a GET on a connection of its own.
    pub(crate) async fn status(&self, path: &str) -> u16 {
        self.connect().await.ask(get(path)).await.status
    }

    /// What it has said so far.
    pub(crate) fn said(&self) -> String {
        said_in(self.directory.path(), "stdout")
    }

    /// Resident memory in KiB (Linux).
    pub(crate) fn memory_kib(&self) -> u64 {
        self.memory("VmRSS:")
    }

    /// The most that it has been.
    pub(super) fn memory_peak_kib(&self) -> u64 {
        self.memory("VmHWM:")
    }

    fn memory(&self, name: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }

    /// Sends a signal by name.
    pub(super) fn signal(&self, name: &str) {
        let command = format!("kill -{name} {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &command]).status().unwrap().success());
    }

    /// Ends the service as an orchestrator does.
    pub(crate) fn stop(self) -> Exit {
        self.signal("TERM");
        self.end()
    }

    /// Waits for the service to end.
    pub(super) fn end(mut self) -> Exit {
        exit(&mut self.child, self.directory.path())
    }
}

impl Drop for ServiceProcess {
    fn drop(&mut self) {
        let _ended_before = self.child.kill();
        let _reaped_before = self.child.wait();
    }
}

impl Exit {
    /// The records of the log, which must be all that was said.
    #[track_caller]
    pub(crate) fn records(&self) -> Vec<Value> {
        assert_eq!(self.stderr, "");
        let parse = |line: &str| {
            assert_eq!(problems_of(format!("{line}\n").as_bytes()), [""; 0], "{line}");
            serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))
        };
        self.stdout.lines().map(parse).collect()
    }
}

/// Waits until `condition` holds.
pub(crate) async fn until(condition: impl AsyncFn() -> bool) {
    let begun = Instant::now();
    while !condition().await {
        assert!(begun.elapsed() < PATIENCE, "it never happened");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
