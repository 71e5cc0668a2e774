//! A Redis of a test's own, without files.

use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use super::{PATIENCE, pause};

/// It ends when it is dropped.
pub(crate) struct Redis {
    pub(crate) port: u16,
    child: Child,
}

impl Redis {
    /// `None` with a notice where there is no `redis-server`.
    pub(crate) async fn start() -> Option<Self> {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let Some(child) = spawn(port) else {
            assert!(!std::env::var("CI").is_ok_and(|ci| ci == "true"), "CI needs redis-server");
            eprintln!("SKIPPED: no redis-server in PATH");
            return None;
        };
        let redis = Self { port, child };
        redis.listening().await;
        Some(redis)
    }

    /// Kills it, and has another one on the same port, which knows nothing.
    pub(crate) async fn restart(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.child = spawn(self.port).unwrap();
        self.listening().await;
    }

    async fn listening(&self) {
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(begun.elapsed() < PATIENCE, "redis-server does not listen");
            pause(10).await;
        }
    }
}

fn spawn(port: u16) -> Option<Child> {
    let mut command = Command::new("redis-server");
    command.args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", "/tmp", "--port", &port.to_string()]);
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().ok()
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ended_before = self.child.kill();
        let _reaped_before = self.child.wait();
    }
}
