//! The service under test.

use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::bench::Bench;
use crate::child::Guarded;
use crate::connection::Connection;
use crate::figures::Round;
use crate::ledger::{self, Books};
use crate::load::Load;
use crate::outcome::Outcome;
use crate::payment;
use crate::report::Report;
use crate::server::ServerAddress;
use crate::tally::Tally;

const START_LIMIT: Duration = Duration::from_secs(20);
const POLL: Duration = Duration::from_millis(20);
/// Start, end and access (the payment engine's issue: "three records per payment").
const RECORDS_PER_PAYMENT: usize = 3;
/// How many the log is checked with.
const PAYMENTS: usize = 20;

/// A service that answers.
pub(crate) struct Running {
    child: Guarded,
    pub(crate) address: SocketAddr,
}

impl Running {
    /// Starts the service on a database that is ready; its log goes to `log`.
    pub(crate) async fn start(bench: &Bench, database_url: &str, log: Stdio) -> Outcome<Self> {
        Self::start_with(bench, database_url, log, &[]).await
    }

    /// The same with more of its settings.
    pub(crate) async fn start_with(bench: &Bench, database_url: &str, log: Stdio, settings: &[(&str, &str)]) -> Outcome<Self> {
        let address = free_address()?;
        let mut command = Command::new(&bench.binary);
        // Nothing of the caller's environment, nor of a `.env`, may change what is measured.
        command.env_clear().current_dir(bench.directory.path()).stdout(log);
        command.env("DATABASE_URL", database_url).env("PORT", address.port().to_string());
        command.envs(settings.iter().copied());
        let mut child = Guarded::spawn(&mut command, bench.file("service.err"))?;
        wait_until_ready(&mut child, address, "/health/ready").await?;
        Ok(Self { child, address })
    }

    /// The most memory that it ever held, where the system tells.
    fn peak_kib(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        peak.trim().trim_end_matches("kB").trim_end().parse().ok()
    }
}

/// Loads a service on the prepared database that `url` names. At the end it is killed without warning: what it acknowledged must
/// be there all the same.
pub(crate) async fn load(
    bench: &Bench,
    report: &mut Report,
    url: &str,
    requests: Vec<Vec<u8>>,
    connections: u64,
) -> Outcome<(Tally, Round)> {
    let service = Running::start(bench, url, Stdio::null()).await?;
    let load = Load { address: service.address, requests, connections, duration: bench.options.round() };
    let (tally, round) = load.run().await?;
    if connections > 1 {
        report.note_peak(service.peak_kib());
    }
    report.note_unavailable("service", &tally);
    Ok((tally, round))
}

/// One round on a PostgreSQL database of its own.
pub(crate) async fn round(bench: &Bench, report: &mut Report, requests: Vec<Vec<u8>>, connections: u64) -> Outcome<Round> {
    round_on(&bench.server, bench, report, requests, connections).await
}

/// The same on another server than the bench's.
pub(crate) async fn round_on(
    server: &ServerAddress,
    bench: &Bench,
    report: &mut Report,
    requests: Vec<Vec<u8>>,
    connections: u64,
) -> Outcome<Round> {
    let database = server.create("service").await?;
    ledger::prepare(&database).await?;
    let (tally, round) = load(bench, report, &database.url, requests, connections).await?;
    Books::read(&mut database.connect().await?).await?.verify(0, &tally)?;
    database.remove().await?;
    Ok(round)
}

/// Makes sure that the service under test writes what the targets assume: its records, at INFO, all of them.
pub(crate) async fn check_log(bench: &Bench) -> Outcome<()> {
    const EXPECTED: usize = PAYMENTS * RECORDS_PER_PAYMENT;
    let log = bench.file("service.log");
    let url = format!("sqlite://{}?mode=rwc", bench.file("log.db").display());
    ledger::prepare_sqlite(&url).await?;
    let service = Running::start(bench, &url, File::create(&log)?.into()).await?;
    pay(service.address).await?;
    let deadline = Instant::now() + START_LIMIT;
    loop {
        match records(&std::fs::read_to_string(&log)?) {
            EXPECTED => return Ok(()),
            _ if Instant::now() < deadline => tokio::time::sleep(POLL).await,
            found => return Err(format!("{found} INFO records of {PAYMENTS} payments, not {EXPECTED}").into()),
        }
    }
}

async fn pay(address: SocketAddr) -> Outcome<()> {
    let mut connection = Connection::open(address).await?;
    for _ in 0..PAYMENTS {
        let answer = connection.exchange(&payment::request(1)).await?;
        if !answer.is_success() {
            return Err(format!("a payment was answered {}", answer.text()).into());
        }
    }
    Ok(())
}

fn records(log: &str) -> usize {
    let of_a_payment = |line: &&str| line.contains(r#""level":"INFO""#) && line.contains(r#""endpoint":"/api/v1/pagos""#);
    log.lines().filter(of_a_payment).count()
}

/// Waits until `path` is answered 200.
pub(crate) async fn wait_until_ready(child: &mut Guarded, address: SocketAddr, path: &str) -> Outcome<()> {
    let request = format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
    let deadline = Instant::now() + START_LIMIT;
    while Instant::now() < deadline {
        child.check_alive()?;
        if let Ok(mut connection) = Connection::open(address).await
            && let Ok(answer) = connection.exchange(request.as_bytes()).await
            && answer.status == 200
        {
            return Ok(());
        }
        tokio::time::sleep(POLL).await;
    }
    Err(format!("no answer within {START_LIMIT:?}: {}", child.said()).into())
}

/// A port that is free now. Another process may take it before the service does; then the service ends and the run with it.
pub(crate) fn free_address() -> Outcome<SocketAddr> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}
