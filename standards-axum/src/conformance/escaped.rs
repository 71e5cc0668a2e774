//! Processes that left the group of the service that started them: found by a mark in their environment.

use std::fs;
use std::io::Read as _;

use rustix::process::{Pid, Signal, kill_process};

/// The variable that every process of a started service inherits.
pub(super) const MARK: &str = "STANDARDS_CHECK_SPAWNED";
/// What is read of an environment.
const ENVIRONMENT_BYTES: u64 = 1 << 20;

/// Ends every process that carries this mark, where the system shows environments (Linux); nobody else has it.
pub(super) fn end(mark: &str) {
    let wanted = format!("{MARK}={mark}");
    let Ok(processes) = fs::read_dir("/proc") else { return };
    for process in processes.flatten() {
        let pid = process.file_name().to_str().and_then(|name| name.parse().ok()).and_then(Pid::from_raw);
        if let Some(pid) = pid
            && carries(&process.path().join("environ"), wanted.as_bytes())
        {
            let _ = kill_process(pid, Signal::KILL);
        }
    }
}

fn carries(environment: &std::path::Path, wanted: &[u8]) -> bool {
    let mut text = Vec::new();
    let read = fs::File::open(environment).and_then(|file| file.take(ENVIRONMENT_BYTES).read_to_end(&mut text));
    read.is_ok() && text.split(|byte| *byte == 0).any(|variable| variable == wanted)
}
