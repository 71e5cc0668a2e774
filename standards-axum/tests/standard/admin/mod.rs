//! The operators' listener, beside a service that runs.

#[cfg(all(feature = "auth", feature = "openapi"))]
mod access;
mod bad_input;
mod log_level;
mod shown;

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use axum::Router;
use serde_json::Value;
use standards_axum::{Exit, Service, StandardSettings, service_info};
use standards_core::CorrelationId;
use standards_core::context;
use standards_core::log::capture::Capture;
use standards_core::settings::Environment;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Mutex, MutexGuard, oneshot};
use tokio::task::JoinHandle;

use crate::support::install_log;

/// Longer than anything takes on a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(60);

const LOCAL: &str = "127.0.0.1:0";

/// The log is the process's: whoever changes its filter does so alone, until it has returned.
async fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::const_new(());
    ALONE.lock().await
}

struct Running {
    main: SocketAddr,
    admin: SocketAddr,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<Exit>,
}

struct Answer {
    status: u16,
    head: String,
    body: String,
}

fn settings(admin: &str) -> StandardSettings {
    let variables = [("ADMIN_ADDR", admin), ("SHUTDOWN_GRACE_MS", "60000"), ("REQUEST_TIMEOUT_MS", "60000")];
    Environment::from_pairs(variables).settings().unwrap()
}

/// A service with these routes and an operators' listener on this machine.
async fn serve(routes: Router) -> Running {
    serve_with(Service::new(service_info!(), settings(LOCAL)).routes(routes)).await
}

async fn serve_with(service: Service) -> Running {
    install_log();
    let log = Capture::of_process();
    let listener = TcpListener::bind(LOCAL).await.unwrap();
    let main = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let ended = context::spawn(service.run_on(listener, async { drop(stopped.await) }));
    let admin = eventually(async || told_admin(&log, main)).await;
    Running { main, admin: SocketAddr::from(([127, 0, 0, 1], admin.port())), stop, ended }
}

fn told_admin(log: &Capture, main: SocketAddr) -> Option<SocketAddr> {
    let records = log.records();
    let started = records.iter().find(|record| record["context"]["address"] == main.to_string().as_str())?;
    Some(started["context"]["admin_address"].as_str().unwrap().parse().unwrap())
}

async fn eventually<T>(look: impl AsyncFn() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(seen) = look().await {
            return seen;
        }
        assert!(begun.elapsed() < PATIENCE, "it never happened");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// What comes back for these lines and this body, under this id.
async fn send(to: SocketAddr, id: &CorrelationId, verb_and_path: &str, headers: &str, body: &str) -> Answer {
    let mut stream = TcpStream::connect(to).await.unwrap();
    let length = body.len();
    let lines = format!("host: x\r\nx-correlation-id: {id}\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}");
    // Whoever is refused early may be cut off while it still writes.
    let _refused = stream.write_all(format!("{verb_and_path} HTTP/1.1\r\n{lines}\r\n{body}").as_bytes()).await;
    let mut text = String::new();
    let _reset = tokio::time::timeout(PATIENCE, stream.read_to_string(&mut text)).await.unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer to {verb_and_path}: {text:?}"));
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Answer { status, head: head.to_ascii_lowercase(), body: body.to_owned() }
}

impl Running {
    async fn ask(&self, verb_and_path: &str, headers: &str, body: &str) -> Answer {
        send(self.admin, &CorrelationId::generate(), verb_and_path, headers, body).await
    }

    /// The data of an answer to `GET`.
    async fn get(&self, path: &str) -> Value {
        self.ask(&format!("GET {path}"), "", "").await.data()
    }

    async fn put_level(&self, body: &str) -> Answer {
        self.ask("PUT /admin/log-level", "content-type: application/json\r\n", body).await
    }

    async fn end(self) -> Exit {
        self.stop.send(()).unwrap();
        tokio::time::timeout(PATIENCE, self.ended).await.unwrap().unwrap()
    }
}

impl Answer {
    #[track_caller]
    fn data(&self) -> Value {
        assert_eq!(self.status, 200, "{} {}", self.head, self.body);
        let answer: Value = serde_json::from_str(&self.body).unwrap();
        assert_eq!((&answer["success"], &answer["errors"]), (&true.into(), &Value::Array(Vec::new())));
        answer["data"].clone()
    }

    #[track_caller]
    fn assert_failure(&self, status: u16, code: &str) {
        let answer: Value = serde_json::from_str(&self.body).unwrap();
        assert_eq!((self.status, &answer["errors"][0]["code"]), (status, &code.into()), "{}", self.body);
        assert!(
            self.head.contains("x-correlation-id: ") && self.head.contains("x-content-type-options: nosniff"),
            "{}",
            self.head
        );
    }
}
