//! The server as a process, and the memory that it takes.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

use axum::Router;
use axum::routing::get;
use bytes::Bytes;
use standards_axum::{Exit, ok, serve, service_info};

const IS_CHILD: &str = "CROWD_SERVER";

/// More than the kernel holds for a client that does not read.
const MUCH: usize = 16 << 20;

pub(crate) fn is_child() -> bool {
    std::env::var_os(IS_CHILD).is_some()
}

/// Serves until it is killed.
pub(crate) fn run() {
    let much = Bytes::from(vec![b'x'; MUCH]);
    let routes = Router::new().route("/hola", get(async || ok("hola"))).route("/mucho", get(async move || much));
    let exit = tokio::runtime::Runtime::new().expect("a runtime").block_on(serve(service_info!(), routes));
    assert_eq!(exit, Exit::Stopped);
}

pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Server {
    pub(crate) async fn start() -> Self {
        let binary = std::env::current_exe().expect("its path");
        let mut command = Command::new(binary);
        command.env(IS_CHILD, "1").env("PORT", "0").stdout(Stdio::piped());
        let mut child = command.spawn().expect("a process");
        let mut lines = BufReader::new(child.stdout.take().expect("its log")).lines();
        let address = lines.by_ref().map_while(Result::ok).find_map(|line| told_address(&line)).expect("an address");
        // Its log is read to the end, lest it wait for a reader.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, address }
    }

    /// Resident, in KiB.
    pub(crate) fn memory(&self) -> u64 {
        self.status("VmRSS:")
    }

    /// The most that has been.
    pub(crate) fn memory_peak(&self) -> u64 {
        self.status("VmHWM:")
    }

    fn status(&self, name: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("its status");
        let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("a line");
        line.trim().trim_end_matches(" kB").parse().expect("a number")
    }
}

fn told_address(line: &str) -> Option<SocketAddr> {
    let record: serde_json::Value = serde_json::from_str(line).ok()?;
    record.pointer("/context/address")?.as_str()?.parse().ok()
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
