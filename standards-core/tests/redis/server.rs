//! A Redis of a test's own, which it may break.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// It ends when this is dropped.
pub(crate) struct Server {
    pub(crate) port: u16,
    directory: TempDir,
    child: Child,
    extra: Vec<String>,
}

impl Server {
    /// `None`, with a notice, where there is no `redis-server`.
    pub(crate) fn start() -> Option<Self> {
        Self::start_with(&[])
    }

    /// With more of its settings.
    pub(crate) fn start_with(extra: &[&str]) -> Option<Self> {
        let (port, directory) = (free_port(), tempfile::tempdir().unwrap());
        let extra: Vec<_> = extra.iter().map(|word| (*word).to_owned()).collect();
        let Some(child) = spawn(port, &directory, &extra) else {
            assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "CI needs redis-server");
            eprintln!("SKIPPED: there is no redis-server in PATH");
            return None;
        };
        let server = Self { port, directory, child, extra };
        server.wait();
        Some(server)
    }

    pub(crate) fn stop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// On the same port, with nothing in it.
    pub(crate) fn start_again(&mut self) {
        self.child = spawn(self.port, &self.directory, &self.extra).unwrap();
        self.wait();
    }

    fn wait(&self) {
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(begun.elapsed() < Duration::from_secs(10), "redis-server does not start");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Sends commands on a connection of their own; what comes back, as it is written.
    pub(crate) fn tell(&self, commands: &[&[&str]]) -> String {
        let mut connection = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        connection.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        let mut answers = String::new();
        for command in commands {
            let words = command.iter().map(|word| format!("${}\r\n{word}\r\n", word.len()));
            connection.write_all(format!("*{}\r\n{}", command.len(), words.collect::<String>()).as_bytes()).unwrap();
            let mut buffer = [0; 4096];
            let read = connection.read(&mut buffer).unwrap();
            answers.push_str(&String::from_utf8_lossy(&buffer[..read]));
        }
        answers
    }

    /// Does something that no answer is waited for.
    pub(crate) fn tell_and_leave(&self, command: &[&str]) {
        let mut connection = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        connection.write_all(format!("{}\r\n", command.join(" ")).as_bytes()).unwrap();
        std::thread::sleep(Duration::from_millis(20));
    }
}

pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn spawn(port: u16, directory: &TempDir, extra: &[String]) -> Option<Child> {
    let mut command = Command::new("redis-server");
    command.args([
        "--port",
        &port.to_string(),
        "--bind",
        "127.0.0.1",
        "--save",
        "",
        "--appendonly",
        "no",
        "--enable-debug-command",
        "yes",
    ]);
    command.arg("--dir").arg(directory.path()).args(extra).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().ok()
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ended_before = self.child.kill();
        let _reaped_before = self.child.wait();
    }
}
