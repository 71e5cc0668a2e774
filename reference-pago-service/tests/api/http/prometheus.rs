//! A Prometheus of a test's own, which asks the service for its metrics.

use std::fmt::Write as _;
use std::fs;
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::service::free_port;
use super::socket::{Socket, get};

/// Whether there is such a program; where there must be and is not, the test fails.
pub(super) fn there_is(program: &str) -> bool {
    let found = Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok();
    assert!(found || !std::env::var("CI").is_ok_and(|ci| ci == "true"), "CI needs {program}: Debian's package prometheus");
    if !found {
        eprintln!("SKIPPED: no {program}, which is in Debian's package prometheus");
    }
    found
}

/// A server that runs until it is dropped.
pub(super) struct Prometheus {
    child: Child,
    _directory: tempfile::TempDir,
    address: SocketAddr,
}

impl Prometheus {
    /// Asks the service there for its metrics every second.
    pub(super) fn scraping(service: SocketAddr) -> Self {
        Self::judging(service, "groups: []\n")
    }

    /// The same, and judges them by these rules as often.
    pub(super) fn judging(service: SocketAddr, rules: &str) -> Self {
        let (directory, port) = (tempfile::tempdir().unwrap(), free_port());
        let target = format!("[{{job_name: reference-pago-service, static_configs: [{{targets: ['{service}']}}]}}]");
        let often = "global: {scrape_interval: 1s, evaluation_interval: 1s}";
        let config = format!("{often}\nrule_files: [rules.yml]\nscrape_configs: {target}\n");
        fs::write(directory.path().join("prometheus.yml"), config).unwrap();
        fs::write(directory.path().join("rules.yml"), rules).unwrap();
        let mut command = Command::new("prometheus");
        command.current_dir(directory.path()).args(["--config.file=prometheus.yml", "--storage.tsdb.path=data"]);
        command.args(["--storage.tsdb.retention.time=1h", &format!("--web.listen-address=127.0.0.1:{port}")]);
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        Self { child, _directory: directory, address: ([127, 0, 0, 1], port).into() }
    }

    /// The values of a query by one of their labels, empty where they lack it, once there are any.
    pub(super) async fn ask(&self, query: &str, label: &str) -> Vec<(String, String)> {
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(60) {
            if let Some(found) = self.now(query, label).await {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        panic!("Prometheus does not know of {query}");
    }

    /// The same, if there are any now.
    pub(super) async fn now(&self, query: &str, label: &str) -> Option<Vec<(String, String)>> {
        self.answer(&format!("/api/v1/query?query={}", escaped(query)), label).await
    }

    async fn answer(&self, path: &str, label: &str) -> Option<Vec<(String, String)>> {
        // It may not listen yet.
        drop(tokio::net::TcpStream::connect(self.address).await.ok()?);
        let answer = Socket::open(self.address).await.ask(get(path)).await;
        let json: Value = serde_json::from_str(&answer.body).ok()?;
        let found = json["data"]["result"].as_array()?.iter().map(|series| {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            (text(&series["metric"][label]), text(&series["value"][1]))
        });
        Some(found.collect()).filter(|found: &Vec<_>| !found.is_empty())
    }
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        let _ended_before = self.child.kill();
        let _reaped_before = self.child.wait();
    }
}

fn escaped(query: &str) -> String {
    query.bytes().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "%{byte:02X}");
        text
    })
}
