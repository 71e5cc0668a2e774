//! The overload by a tool that others keep: h2load, of nghttp2, where it is installed.
//!
//! It sends at a fixed rate and writes down each request, with its status. It counts from when a request was sent: what it tells is the
//! service's alone. (`flood` counts from when a request was due.)

use std::fs;
use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::bench::Bench;
use crate::child::Guarded;
use crate::flood::Sample;
use crate::outcome::Outcome;
use crate::payment;

const PROGRAM: &str = "h2load";
/// Connections that are opened every ten milliseconds: opened at once, all would send at the same moments ever after.
const OPENED: u32 = 10;
/// How much longer than the load the answers may take.
const MARGIN: Duration = Duration::from_secs(60);

/// What to send, where and how often.
pub(crate) struct Call {
    pub(crate) address: SocketAddr,
    pub(crate) connections: u32,
    pub(crate) per_second: f64,
    pub(crate) duration: Duration,
}

/// Whether it can be called.
pub(crate) fn is_installed() -> bool {
    let asked = Command::new(PROGRAM).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    asked.is_ok_and(|status| status.success())
}

/// What became of each request.
pub(crate) async fn run(bench: &Bench, call: &Call) -> Outcome<Vec<Sample>> {
    let (body, log) = (bench.file("h2load.json"), bench.file("h2load.tsv"));
    fs::write(&body, payment::body(1))?;
    let mut command = Command::new(PROGRAM);
    command.args(["--h1", "--threads=1", "--rate-period=10ms", "--header=content-type: application/json"]);
    command
        .arg(format!("--rate={OPENED}"))
        .arg(format!("--data={}", body.display()))
        .arg(format!("--log-file={}", log.display()));
    command.args(call.arguments()).stdout(Stdio::null());
    Guarded::spawn(&mut command, bench.file("h2load.err"))?.finish(call.duration + MARGIN).await?;
    fs::read_to_string(log)?.lines().map(sample).collect()
}

impl Call {
    /// Every connection has the same number of requests, and sends so many a second.
    fn arguments(&self) -> [String; 4] {
        let each = self.per_second / f64::from(self.connections);
        let requests = (each * self.duration.as_secs_f64()).ceil() * f64::from(self.connections);
        let Self { address, connections, .. } = self;
        [
            format!("--clients={connections}"),
            format!("--requests={requests}"),
            format!("--rps={each}"),
            format!("http://{address}{}", payment::PATH),
        ]
    }
}

/// A line: when it was sent, its status, and how many microseconds later its answer had ended.
fn sample(line: &str) -> Outcome<Sample> {
    let mut columns = line.split('\t');
    let mut next = || columns.next().ok_or_else(|| format!("h2load wrote {line}"));
    let (sent, status, took) = (next()?.parse()?, next()?, next()?.parse()?);
    let sample =
        |status| Sample { due: Duration::from_micros(sent), late: Duration::ZERO, took: Duration::from_micros(took), status };
    match status {
        "200" => Ok(sample(200)),
        "503" => Ok(sample(503)),
        _ => Err(format!("a request was answered {status}").into()),
    }
}
