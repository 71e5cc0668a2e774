//! A service that the checker starts, listens to, and ends with all its children.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group, test_kill_process_group};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};

use super::escaped;
use super::lines::{Log, Splitter};
use super::target::Target;

/// How long a service may take to end by SIGTERM.
pub(super) const GRACE: Duration = Duration::from_secs(10);
/// How long its output may go on once it is gone.
const AFTERWARDS: Duration = Duration::from_secs(1);
/// How often a group is looked at.
const LOOK: Duration = Duration::from_millis(20);

/// A running service, in a process group of its own.
#[derive(Debug)]
pub(super) struct Spawned {
    child: Child,
    group: Option<Pid>,
    /// What its processes are known by that leave the group.
    mark: String,
    output: Arc<Mutex<Log>>,
    readers: Vec<JoinHandle<()>>,
    pub target: Target,
}

/// How a service ended.
#[derive(Clone, Debug)]
pub(super) struct Ended {
    pub status: Option<ExitStatus>,
    /// Whether SIGTERM was not enough.
    pub killed: bool,
    pub took: Duration,
}

impl Ended {
    /// Whether it is that of a process that stopped in order: 0, or 143 as a shell has SIGTERM.
    pub(super) fn in_order(&self) -> bool {
        let status = self.status.is_some_and(|status| matches!(status.code(), Some(0 | 143)) || status.signal() == Some(15));
        status && !self.killed
    }
}

impl Spawned {
    /// Starts `command` by a shell, with `HOST` and `PORT` of a free address.
    pub(super) fn start(command: &str, variables: &BTreeMap<String, String>, without: Option<&str>) -> std::io::Result<Self> {
        let (port, mark) = (free_port()?, uuid::Uuid::new_v4().to_string());
        let mut shell = Command::new("sh");
        shell
            .args(["-c", &in_its_place(command)])
            .envs([("HOST", "127.0.0.1"), ("PORT", &port.to_string())])
            .envs(variables)
            .env(escaped::MARK, &mark);
        if let Some(name) = without {
            shell.env_remove(name);
        }
        shell.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0).kill_on_drop(true);
        let mut child = shell.spawn()?;
        let group = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        let output = Arc::default();
        let readers = [drain(child.stdout.take(), &output), drain(child.stderr.take(), &output)].into_iter().flatten().collect();
        Ok(Self { child, group, mark, output, readers, target: Target { host: "127.0.0.1".to_owned(), port } })
    }

    /// Whether it has ended by itself.
    pub(super) fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// What it has written up to now.
    pub(super) fn log(&self) -> Log {
        self.output.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Ends it and all of its group; what it wrote, to the last line.
    pub(super) async fn stop(mut self) -> (Ended, Log) {
        let begun = Instant::now();
        self.signal(Signal::TERM);
        let _ = timeout(GRACE, self.gone(begun + GRACE)).await;
        let killed = self.is_alive();
        let took = begun.elapsed();
        self.signal(Signal::KILL);
        escaped::end(&self.mark);
        let status = timeout(AFTERWARDS, self.child.wait()).await.ok().and_then(Result::ok);
        for reader in &mut self.readers {
            let _ = timeout(AFTERWARDS, reader).await;
        }
        (Ended { status, killed, took }, self.log())
    }

    async fn gone(&mut self, until: Instant) {
        let _ = self.child.wait().await;
        while self.is_alive() && Instant::now() < until {
            sleep(LOOK).await;
        }
    }

    /// Whether anybody of the group is left.
    fn is_alive(&self) -> bool {
        self.group.is_some_and(|group| test_kill_process_group(group).is_ok())
    }

    fn signal(&self, signal: Signal) {
        if let Some(group) = self.group {
            let _ = kill_process_group(group, signal);
        }
    }
}

impl Drop for Spawned {
    fn drop(&mut self) {
        self.signal(Signal::KILL);
        escaped::end(&self.mark);
        self.readers.iter().for_each(JoinHandle::abort);
    }
}

/// A plain command takes the shell's place, so that its own end is what is seen; what needs a shell keeps it.
fn in_its_place(command: &str) -> String {
    let first = command.split_whitespace().next().unwrap_or_default();
    let needs_shell =
        command.contains([';', '|', '&', '<', '>', '(', ')', '`', '\n', '{']) || first.contains(['=', '\'', '"', '$']);
    let is_word =
        matches!(first, "" | "exec" | "cd" | "export" | "if" | "for" | "while" | "trap" | "set" | "." | "exit" | "echo");
    if needs_shell || is_word { command.to_owned() } else { format!("exec {command}") }
}

/// A port that nobody listens on now.
fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

/// Reads a pipe to its end, so that nobody who writes into it ever waits.
fn drain(pipe: Option<impl AsyncRead + Unpin + Send + 'static>, output: &Arc<Mutex<Log>>) -> Option<JoinHandle<()>> {
    let (mut pipe, output) = (pipe?, Arc::clone(output));
    Some(standards_core::context::spawn_worker(async move {
        let (mut splitter, mut piece) = (Splitter::default(), vec![0; 64 << 10]);
        while let Ok(read @ 1..) = pipe.read(&mut piece).await {
            let mut log = output.lock().unwrap_or_else(PoisonError::into_inner);
            splitter.feed(piece.get(..read).unwrap_or_default(), &mut log);
        }
        splitter.end(&mut output.lock().unwrap_or_else(PoisonError::into_inner));
    }))
}
