//! The real binary as a child process: what the tests of both binaries ask of it.

use std::net::SocketAddr;
use std::process::Child;
use std::time::{Duration, Instant};

use serde_json::Value;

/// Longer than any child may take for anything, on a machine that is busy with other tests.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// The binary's path. Whoever runs the tests on another build of it names it; cargo's own is the default.
pub(crate) fn binary() -> String {
    let named = std::env::var("CARGO_BIN_EXE_reference-pago-service");
    named.unwrap_or_else(|_| env!("CARGO_BIN_EXE_reference-pago-service").to_owned())
}

/// The records of a log that may still be written to: its whole lines.
pub(crate) fn records(log: &str) -> Vec<Value> {
    let whole = log.rsplit_once('\n').map_or("", |(whole, _)| whole);
    whole.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect()
}

/// Where the child listens, once its log tells it.
pub(crate) async fn told_address(child: &mut Child, log: impl Fn() -> String) -> SocketAddr {
    let begun = Instant::now();
    loop {
        let told = records(&log()).into_iter().find(|record| record["message"] == "Servicio iniciado");
        if let Some(record) = told {
            return record["context"]["address"].as_str().unwrap().parse().unwrap();
        }
        let ended = child.try_wait().unwrap();
        assert!(ended.is_none() && begun.elapsed() < PATIENCE, "{ended:?}: {}", log());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
