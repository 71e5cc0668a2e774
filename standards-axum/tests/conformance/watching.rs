//! `watch`: what passes is judged and not changed.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Output, Stdio};

use crate::checker::{checker, shown};
use crate::hostile::{expect, server};

const GOOD: &[u8] =
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-Correlation-ID: a-1\r\nX-oDD-Case: 1\r\nContent-Length: 39\r\n\r\n\
{\"success\":true,\"data\":1,\"errors\":[]}\r\n";
const BAD: &[u8] = b"HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n\
c\r\n{\"detail\":1}\r\n0\r\n\r\n";

/// A watch in front of a service that always answers the same, and where it listens.
fn start(answer: &'static [u8]) -> (Child, String) {
    let url = server(answer, false);
    let mut command = checker(&["watch", "--listen", "127.0.0.1:0", "--target", &url, "--for", "120"]);
    let mut watch = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(watch.stderr.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.split("http://").nth(1).and_then(|rest| rest.split(' ').next());
    let address = address.unwrap_or_else(|| panic!("{line}")).to_owned();
    (watch, address)
}

fn ask(address: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    let head = "GET /api/v1/x?token=zz-7391 HTTP/1.1\r\nHost: a\r\nX-Correlation-ID: a-1\r\nConnection: close\r\n\r\n";
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn interrupted(watch: Child) -> Output {
    assert!(Command::new("kill").args(["-INT", &watch.id().to_string()]).status().unwrap().success());
    watch.wait_with_output().unwrap()
}

pub(crate) fn judges_what_passes() -> Result<(), String> {
    let (watch, address) = start(GOOD);
    let answers: Vec<String> = (0..5).map(|_| ask(&address)).collect();
    expect(&interrupted(watch), 0, "INCOMPLETO")?;
    let as_it_was = |answer: &&String| {
        answer.contains("X-oDD-Case: 1\r\n") && answer.ends_with("\r\n\r\n{\"success\":true,\"data\":1,\"errors\":[]}\r\n")
    };
    if let Some(changed) = answers.iter().find(|answer| !as_it_was(answer)) {
        return Err(changed.clone());
    }
    let (watch, address) = start(BAD);
    let answer = ask(&address);
    let output = interrupted(watch);
    expect(&output, 1, "token=***")?;
    if answer.contains("404 Not Found") && answer.contains("{\"detail\":1}") && !shown(&output).contains("zz-7391") {
        return Ok(());
    }
    Err(format!("{answer}\n{}", shown(&output)))
}

pub(crate) fn refuses() -> Result<(), String> {
    let (watch, _) = start(GOOD);
    expect(&interrupted(watch), 2, "")?;
    let run = |target: &str, more: &[&str]| {
        let arguments = [&["watch", "--listen", "127.0.0.1:0", "--target", target][..], more].concat();
        checker(&arguments).output().unwrap()
    };
    expect(&run("http://127.0.0.1:9", &[]), 2, "No se pudo hablar HTTP")?;
    expect(&run("http://192.0.2.1", &[]), 2, "--allow-target")?;
    expect(&run("https://127.0.0.1", &[]), 2, "TLS")?;
    expect(&run(&server(GOOD, false), &["--for", "1"]), 2, "No pasó ninguna respuesta")
}
