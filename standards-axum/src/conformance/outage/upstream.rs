//! Another service, played: it answers every request the same, keeps the ids that came, and fails when it is told to.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// The largest request that is read.
const REQUEST_BYTES: usize = 256 << 10;
/// How long a request may take to come.
const PATIENCE: Duration = Duration::from_secs(5);
/// How many ids are kept.
const IDS: usize = 1_000;

/// Plays until it is dropped.
#[derive(Debug)]
pub(super) struct Upstream {
    port: u16,
    state: Arc<Mutex<State>>,
    accepting: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct State {
    answer: Vec<u8>,
    fails: bool,
    count: usize,
    ids: Vec<String>,
}

impl Upstream {
    pub(super) async fn start(status: u16, body: Value) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let port = listener.local_addr()?.port();
        let state = Arc::new(Mutex::new(State { answer: written(status, &body), ..State::default() }));
        let accepting = standards_core::context::spawn_worker(accept(listener, Arc::clone(&state)));
        Ok(Self { port, state, accepting })
    }

    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// From now on every request is answered by 503.
    pub(super) fn fail(&self) {
        self.told(|state| state.fails = true);
    }

    pub(super) fn recover(&self) {
        self.told(|state| state.fails = false);
    }

    /// How many requests came.
    pub(super) fn count(&self) -> usize {
        self.told(|state| state.count)
    }

    /// The correlation ids that came.
    pub(super) fn ids(&self) -> Vec<String> {
        self.told(|state| state.ids.clone())
    }

    fn told<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
        look(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

fn written(status: u16, body: &Value) -> Vec<u8> {
    let body = body.to_string();
    let length = body.len();
    format!(
        "HTTP/1.1 {status} x\r\nContent-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )
    .into_bytes()
}

async fn accept(listener: TcpListener, state: Arc<Mutex<State>>) {
    while let Ok((stream, _)) = listener.accept().await {
        drop(standards_core::context::spawn_worker(answer(stream, Arc::clone(&state))));
    }
}

async fn answer(mut stream: TcpStream, state: Arc<Mutex<State>>) {
    let Ok(Some(head)) = timeout(PATIENCE, read(&mut stream)).await else { return };
    let answer = {
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        state.count += 1;
        if state.ids.len() < IDS {
            state.ids.extend(header(&head, "x-correlation-id").map(str::to_owned));
        }
        if state.fails { written(503, &Value::Null) } else { state.answer.clone() }
    };
    let _ = stream.write_all(&answer).await;
    let _ = stream.shutdown().await;
}

/// The head of a request, its body read as well.
async fn read(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    loop {
        if stream.read_buf(&mut bytes).await.ok()? == 0 || bytes.len() > REQUEST_BYTES {
            return None;
        }
        let text = String::from_utf8_lossy(&bytes);
        let Some((head, _)) = text.split_once("\r\n\r\n") else { continue };
        let length: usize = header(head, "content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
        if bytes.len() >= head.len().saturating_add(4).saturating_add(length) {
            return Some(head.to_owned());
        }
    }
}

fn header<'a>(head: &'a str, wanted: &str) -> Option<&'a str> {
    let lines = head.lines().skip(1).filter_map(|line| line.split_once(':'));
    lines.into_iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value.trim())
}
