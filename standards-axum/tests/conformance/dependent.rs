//! A service that depends on a database, a cache and another service, all played; a switch has it take the loss of one badly.

use std::collections::BTreeSet;
use std::net::TcpListener as StdListener;
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use standards_axum::core::Failure;
use standards_axum::core::settings::Environment;
use standards_axum::openapi::{ApiRouter, Operation};
use standards_axum::prelude::*;
use standards_axum::{Readiness, Service, StopSignal, service_info};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::checker::{broken, judged, shown};

/// The rule that each breaks; none breaks nothing.
pub(crate) const SWITCHES: [&str; 6] = ["none", "ERR-08", "OPS-02", "CAC-01", "COR-08", "RES-01"];
/// So many calls that failed and nobody calls any more.
const ENOUGH: usize = 5;

const PROFILE: &str = r#"
schema = 1
[[success]]
request = { method = "POST", path = "/api/v1/notas", body = {} }
[[success]]
request = { method = "GET", path = "/api/v1/notas" }
[[dependency]]
variable = "DATABASE_URL"
kind = "database"
[[dependency]]
variable = "CACHE_URL"
kind = "cache"
[[dependency]]
variable = "TASAS_URL"
kind = "service"
request = { method = "GET", path = "/api/v1/tasas" }
body = { tasa = "1.5" }
"#;

/// Calls of the other service that failed, one after the other.
static FAILED: AtomicUsize = AtomicUsize::new(0);

/// Whether a switch is one of these.
pub(crate) fn concerns(switch: &str) -> bool {
    switch.starts_with("dependent ")
}

/// Serves until SIGTERM.
pub(crate) async fn serve(switch: &str) -> ExitCode {
    let switch: &'static str = SWITCHES.into_iter().find(|known| switch.ends_with(known)).unwrap();
    let mut stop = StopSignal::watch().unwrap();
    let settings: StandardSettings = Environment::load(std::path::Path::new("/no/such/file")).settings().unwrap();
    let _log = service_info!().start_log(&settings).unwrap();
    let api = ApiRouter::new()
        .operation(Operation::post("/notas", "anotar"), move || anotar(switch))
        .operation(Operation::get("/notas", "leer"), move || leer(switch))
        .operation(Operation::get("/tasas", "preguntar"), move || preguntar(switch));
    let service = Service::new(service_info!(), settings)
        .api(api)
        .readiness(Readiness::default().with_check("database", move || is_ready(switch)));
    service.run_until(stop.received()).await;
    ExitCode::SUCCESS
}

async fn is_ready(switch: &str) -> Result<(), Failure> {
    if switch == "OPS-02" { Ok(()) } else { told("DATABASE_URL").await }
}

async fn anotar(switch: &str) -> ApiResult<i64> {
    match told("DATABASE_URL").await {
        Err(failure) if switch == "ERR-08" => Err(Failure::internal(failure.cause_chain()).into()),
        Err(failure) => Err(failure.into()),
        Ok(()) => ok(1),
    }
}

/// The same with the cache and without it.
async fn leer(switch: &str) -> ApiResult<Vec<i64>> {
    let cached = told("CACHE_URL").await.is_ok();
    if switch == "CAC-01" && !cached { ok(Vec::new()) } else { ok(vec![1]) }
}

async fn preguntar(switch: &str) -> ApiResult<i64> {
    if FAILED.load(Ordering::SeqCst) >= ENOUGH && switch != "RES-01" {
        return Err(Failure::unavailable("left alone").into());
    }
    match call(switch).await {
        Some(answer) if answer.starts_with("HTTP/1.1 200") => {
            FAILED.store(0, Ordering::SeqCst);
            ok(1)
        }
        _ => {
            FAILED.fetch_add(1, Ordering::SeqCst);
            Err(Failure::unavailable("no tasa").into())
        }
    }
}

/// What the other service answers, called under the id of the request at hand.
async fn call(switch: &str) -> Option<String> {
    let url = std::env::var("TASAS_URL").unwrap();
    let id = standards_axum::core::context::current()?.correlation_id().to_string();
    let id = if switch == "COR-08" { "otro" } else { &id };
    let mut stream = TcpStream::connect(url.strip_prefix("http://")?).await.ok()?;
    stream.write_all(format!("GET / HTTP/1.1\r\nHost: x\r\nX-Correlation-ID: {id}\r\n\r\n").as_bytes()).await.ok()?;
    let mut answer = String::new();
    timeout(Duration::from_secs(1), stream.read_to_string(&mut answer)).await.ok()?.ok()?;
    Some(answer)
}

/// Whether what stands at a variable's address says its byte.
async fn told(variable: &str) -> Result<(), Failure> {
    let url = std::env::var(variable).unwrap();
    let asked = async { TcpStream::connect(url.trim_start_matches("tcp://")).await?.read_u8().await };
    match timeout(Duration::from_secs(1), asked).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(Failure::unavailable(error)),
        Err(_) => Err(Failure::unavailable("too late")),
    }
}

/// What says a byte to whoever comes, until the test is over.
fn speaker() -> String {
    let listener = StdListener::bind(("127.0.0.1", 0)).unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        listener.incoming().for_each(|stream| drop(std::io::Write::write_all(&mut stream.unwrap(), b"+")));
    });
    format!("tcp://{address}")
}

/// Only the rule of the switch is broken, of those that a dependency is taken away for.
pub(crate) fn judges(switch: &str) -> Result<(), String> {
    let profile = tempfile::NamedTempFile::new().unwrap();
    let spawn = format!(
        "[spawn]\nenv = {{ DATABASE_URL = '{}', CACHE_URL = '{}', TASAS_URL = 'http://127.0.0.1:1' }}\n",
        speaker(),
        speaker()
    );
    std::fs::write(profile.path(), format!("{PROFILE}{spawn}")).unwrap();
    let arguments =
        ["--profile", profile.path().to_str().unwrap(), "--only", "ERR-08,OPS-02,CAC-01,COR-08,RES-01", "--fail-on", "ext"];
    let (report, output) = judged(&format!("dependent {switch}"), &arguments);
    let wanted: BTreeSet<String> =
        [switch].iter().filter(|switch| **switch != "none").map(|switch| (*switch).to_owned()).collect();
    let open = report["rules"].as_array().unwrap().iter().filter(|rule| rule["status"] == "pass").count() + wanted.len();
    if broken(&report) == wanted && open == SWITCHES.len() - 1 {
        return Ok(());
    }
    Err(format!("wanted {wanted:?}, found {:?}\n{}", broken(&report), shown(&output)))
}
