//! The real binary as a child process.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::net::{SocketAddr, TcpListener};
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Instant;

use serde_json::Value;
use tempfile::TempDir;

use super::{Client, PATIENCE, child, pause};

/// A server that runs until it is dropped.
pub(crate) struct ServiceProcess {
    child: Child,
    directory: TempDir,
    pub(crate) address: SocketAddr,
}

impl ServiceProcess {
    /// The service on this database, on any free port, which it tells in its log.
    pub(crate) async fn start(database_url: &str) -> Self {
        Self::start_by("exec \"$0\"", database_url).await
    }

    /// The same, started by a shell script that ends in `exec "$0"`.
    pub(crate) async fn start_by(script: &str, database_url: &str) -> Self {
        Self::begin_by(script, database_url).listening().await
    }

    /// The same, not waited for.
    pub(crate) fn begin_by(script: &str, database_url: &str) -> Self {
        Self::begin(script, database_url, Stdio::inherit())
    }

    /// On a listener that a service manager hands over, as descriptor 3.
    pub(crate) async fn start_on(listener: &TcpListener, database_url: &str) -> Self {
        Self::start_on_with("", listener, database_url).await
    }

    /// The same, with `variables` for the shell to set.
    pub(crate) async fn start_on_with(variables: &str, listener: &TcpListener, database_url: &str) -> Self {
        let handed_over = &format!("exec 3<&0 </dev/null; {variables} LISTEN_FDS=1 LISTEN_PID=$$ exec \"$0\"");
        let listener = OwnedFd::from(listener.try_clone().unwrap());
        Self::begin(handed_over, database_url, listener.into()).listening().await
    }

    fn begin(script: &str, database_url: &str, input: Stdio) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let child = spawn(script, directory.path(), database_url, input);
        Self { child, directory, address: SocketAddr::from(([127, 0, 0, 1], 0)) }
    }

    async fn listening(mut self) -> Self {
        let directory = self.directory.path().to_owned();
        self.address = child::told_address(&mut self.child, || log_in(&directory)).await;
        self
    }

    pub(crate) fn client(&self) -> Client {
        Client::new(self.address)
    }

    /// The status of a GET on a connection of its own.
    pub(crate) async fn status(&self, path: &str) -> u16 {
        self.client().get(path).await.unwrap().status
    }

    /// Waits until the service says that it is ready.
    pub(crate) async fn ready(&self) {
        let begun = Instant::now();
        while self.status("/health/ready").await != 200 {
            assert!(begun.elapsed() < PATIENCE, "not ready: {}", self.log());
            pause(20).await;
        }
    }

    pub(crate) fn log(&self) -> String {
        log_in(self.directory.path())
    }

    /// The whole lines of the log.
    pub(crate) fn records(&self) -> Vec<Value> {
        child::records(&self.log())
    }

    /// The record of this request whose message begins so.
    pub(crate) fn told(&self, correlation_id: &str, message: &str) -> Option<Value> {
        let begins = |record: &Value| record["message"].as_str().is_some_and(|told| told.starts_with(message));
        self.records().into_iter().find(|record| record["correlation_id"] == correlation_id && begins(record))
    }

    /// The same, once it is there.
    pub(crate) async fn tells(&self, correlation_id: &str, message: &str) -> Value {
        let begun = Instant::now();
        loop {
            if let Some(record) = self.told(correlation_id, message) {
                return record;
            }
            assert!(begun.elapsed() < PATIENCE, "{correlation_id} never told `{message}`: {}", self.log());
            pause(20).await;
        }
    }

    /// The causes in the log, and how often each stands there.
    fn failures(&self) -> BTreeMap<String, usize> {
        let mut failures = BTreeMap::new();
        for line in self.log().lines() {
            let record: Value = serde_json::from_str(line).unwrap_or_default();
            if let Some(message) = record["error"]["message"].as_str() {
                *failures.entry(message.chars().take(200).collect()).or_default() += 1;
            }
        }
        failures
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal by name.
    pub(crate) fn signal(&self, name: &str) {
        assert!(Command::new("kill").args(["-s", name, &self.id().to_string()]).status().unwrap().success());
    }

    /// SIGTERM, and the end of the process, which ends what it had begun. Its log stays.
    pub(crate) fn stop(&mut self) {
        self.signal("TERM");
        self.assert_ends();
    }

    /// Sends SIGTERM to the one child of the process that was started, and waits for the end of both.
    pub(crate) fn stop_child(&mut self) {
        let children = fs::read_to_string(format!("/proc/{0}/task/{0}/children", self.id())).unwrap();
        assert!(Command::new("kill").args(["-s", "TERM", children.trim()]).status().unwrap().success());
        self.assert_ends();
    }

    pub(crate) fn assert_ends(&mut self) {
        let ended = self.end();
        assert!(ended.success(), "{ended}: {}", self.log());
    }

    /// Waits for the end of the process.
    pub(crate) fn end(&mut self) -> ExitStatus {
        tokio::task::block_in_place(|| self.child.wait()).unwrap()
    }

    /// Whether it has not ended.
    pub(crate) fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// SIGKILL, and the end of the process.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// How the service ends that cannot start on this database, and its log.
pub(crate) async fn refusal(database_url: &str) -> (Option<i32>, String) {
    let directory = tempfile::tempdir().unwrap();
    let mut child = spawn("exec \"$0\"", directory.path(), database_url, Stdio::inherit());
    let begun = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status.code();
        }
        if begun.elapsed() > PATIENCE {
            child.kill().unwrap();
            child.wait().unwrap();
            break None;
        }
        pause(5).await;
    };
    (status, log_in(directory.path()))
}

fn log_in(directory: &Path) -> String {
    fs::read_to_string(directory.join("log")).unwrap()
}

/// With these variables and no others.
fn spawn(script: &str, directory: &Path, database_url: &str, input: Stdio) -> Child {
    let log = File::options().create(true).append(true).open(directory.join("log")).unwrap();
    let mut command = Command::new("sh");
    command
        .args(["-c", script, &child::binary()])
        .current_dir(directory)
        .stdin(input)
        .stdout(log.try_clone().unwrap())
        .stderr(log)
        .env_clear();
    // Coverage is measured in children too.
    command.envs(std::env::vars().filter(|(name, _)| name.starts_with("LLVM_PROFILE") || name == "PATH"));
    command.env("PORT", "0").env("DATABASE_URL", database_url).spawn().unwrap()
}

impl Drop for ServiceProcess {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("failures in the service's log: {:#?}", self.failures());
        }
        // A stopped process is killed as well.
        let _ended_before = self.child.kill();
        let _reaped_before = self.child.wait();
    }
}
