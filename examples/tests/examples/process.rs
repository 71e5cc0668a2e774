//! An example as a process.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use serde_json::Value;

/// An example that serves; killed with the test if the test has not stopped it.
pub(crate) struct Process {
    process: Child,
    log: BufReader<ChildStdout>,
    pub(crate) address: String,
}

/// How a process ended: its status, the rest of its log, and what it wrote on standard error.
pub(crate) type End = (Option<i32>, Vec<Value>, String);

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Process {
    /// The binary on a free port, once it says where it listens.
    pub(crate) fn start<V: AsRef<OsStr>>(binary: &str, variables: &[(&str, V)]) -> Self {
        Self::start_with(binary, &[], variables)
    }

    /// The same with arguments.
    pub(crate) fn start_with<V: AsRef<OsStr>>(binary: &str, arguments: &[&str], variables: &[(&str, V)]) -> Self {
        let mut command = Command::new(binary);
        command.args(arguments).env("PORT", "0").envs(variables.iter().map(|(name, value)| (name, value)));
        let mut process = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut log = BufReader::new(process.stdout.take().unwrap());
        let address = address(&mut log);
        Self { process, log, address }
    }

    /// Sends these bytes on a connection of their own and reads until the server closes it.
    pub(crate) fn send(&self, request: &str) -> Answer {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Answer { status, head: head.to_ascii_lowercase(), body: body.to_owned() }
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.send(&format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
    }

    pub(crate) fn post(&self, path: &str, content_type: &str, body: &str) -> Answer {
        let length = body.len();
        self.send(&format!(
            "POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: {content_type}\r\nContent-Length: {length}\r\n\r\n{body}"
        ))
    }

    /// Tells the process to stop and waits for its end.
    pub(crate) fn stop(mut self) -> End {
        let id = self.process.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        let (mut rest, mut errors) = (String::new(), String::new());
        self.log.read_to_string(&mut rest).unwrap();
        self.process.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
        let records = rest.lines().map(|line| serde_json::from_str(line).expect("one JSON record per line")).collect();
        (self.process.wait().unwrap().code(), records, errors)
    }
}

/// Where the service listens, as the first record says that names an address; what comes before it is told of its start.
fn address(log: &mut impl BufRead) -> String {
    let mut line = String::new();
    while log.read_line(&mut line).unwrap() > 0 {
        let record: Value = serde_json::from_str(&line).unwrap();
        if let Some(address) = record["context"]["address"].as_str() {
            return address.to_owned();
        }
        line.clear();
    }
    panic!("the service ended before it listened")
}

impl Drop for Process {
    fn drop(&mut self) {
        // It has stopped already unless the test failed.
        let _ = self.process.kill();
    }
}

/// Runs the binary to its end: its status, and what it wrote on standard output and standard error.
pub(crate) fn run<V: AsRef<OsStr>>(binary: &str, arguments: &[&str], variables: &[(&str, V)]) -> (Option<i32>, String, String) {
    let mut command = Command::new(binary);
    let output = command.args(arguments).envs(variables.iter().map(|(name, value)| (name, value))).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}
