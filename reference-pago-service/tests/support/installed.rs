//! The PostgreSQL that is installed here, for those who make servers of their own with it.

use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// Where PostgreSQL's programs are; `None` with a notice where there are none.
pub(crate) fn binaries() -> Option<String> {
    let found = find_binaries();
    if found.is_none() {
        assert!(!std::env::var("CI").is_ok_and(|ci| ci == "true"), "CI needs PostgreSQL's initdb");
        eprintln!("SKIPPED: no initdb in PATH nor in /usr/lib/postgresql");
    }
    found
}

fn find_binaries() -> Option<String> {
    let script = "for i in \"$(command -v initdb)\" $(ls /usr/lib/postgresql/*/bin/initdb 2>/dev/null | sort -rV); do
        [ -x \"$i\" ] && dirname \"$(readlink -f \"$i\")\" && break; done";
    let output = Command::new("sh").args(["-c", script]).output().unwrap();
    let directory = String::from_utf8(output.stdout).unwrap();
    (!directory.trim().is_empty()).then(|| format!("{}/", directory.trim()))
}

/// A shell as somebody who may run PostgreSQL, which root may not.
pub(crate) fn shell(script: &str) -> Command {
    let id = Command::new("id").arg("-u").output().unwrap();
    let mut command = if id.stdout == b"0\n" { Command::new("su") } else { Command::new("sh") };
    if id.stdout == b"0\n" {
        command.args(["postgres", "-s", "/bin/sh"]);
    }
    command.args(["-c", script]).current_dir("/tmp").stdin(Stdio::null());
    command
}

pub(crate) fn run(script: &str) -> String {
    let output = shell(script).output().unwrap();
    assert!(output.status.success(), "{script}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Waits for the end of this process, which closes its standard input, and clears up. In a group of its own: Ctrl-C is not for it.
pub(crate) fn caretaker(binaries: &str, directory: &Path) -> Child {
    let directory = directory.display();
    let script = format!(
        "cat >/dev/null; 
        for data in {directory}/data*; do {binaries}pg_ctl -D $data -m immediate -s stop; done; rm -rf {directory}"
    );
    let mut caretaker = shell(&script);
    caretaker.process_group(0).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}
