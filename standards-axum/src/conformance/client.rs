//! Requests to the target, one connection each, within bounds of head, body and time.

use std::cell::Cell;
use std::pin::pin;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::{Either, select};
use http::header::{CONTENT_LENGTH, HOST};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};

use super::exchange::{Answer, Request, Trouble};
use super::raw;
use super::target::Target;

/// What is kept of a body.
const BODY_BYTES: usize = 4 << 20;
/// What a head may be.
const HEAD_BYTES: usize = 64 << 10;
/// From which size on a body may be answered before it was read.
const LARGE_BYTES: usize = 64 << 10;
/// What a request may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Sends requests to one target and to nobody else; redirections are answers.
#[derive(Debug)]
pub(super) struct Client {
    pub target: Target,
    /// When the whole run has to be over.
    pub deadline: Instant,
    sent: Cell<u32>,
}

impl Client {
    pub(super) const fn new(target: Target, deadline: Instant) -> Self {
        Self { target, deadline, sent: Cell::new(0) }
    }

    /// How many requests there were.
    pub(super) const fn sent(&self) -> u32 {
        self.sent.get()
    }

    /// Sends one and reads its answer.
    pub(super) async fn send(&self, request: &Request) -> Result<Answer, Trouble> {
        let now = Instant::now();
        if now >= self.deadline {
            return Err(Trouble::Deadline);
        }
        self.sent.set(self.sent.get() + 1);
        let (until, late) = match now + PATIENCE {
            until if until < self.deadline => (until, Trouble::TooSlow),
            _ => (self.deadline, Trouble::Deadline),
        };
        timeout_at(until, self.exchange(request)).await.unwrap_or(Err(late))
    }

    async fn exchange(&self, request: &Request) -> Result<Answer, Trouble> {
        if request.body.as_ref().is_some_and(|body| body.len() > LARGE_BYTES) {
            return raw::send(&self.target, request).await;
        }
        let message = self.message(request)?;
        let stream = TcpStream::connect((self.target.host.as_str(), self.target.port)).await.map_err(broken)?;
        let (mut sender, connection) =
            http1::Builder::new().max_buf_size(HEAD_BYTES).handshake(TokioIo::new(stream)).await.map_err(broken)?;
        let exchange = pin!(async move {
            let answer = sender.send_request(message).await.map_err(broken)?;
            read(answer).await
        });
        match select(exchange, pin!(connection)).await {
            Either::Left((outcome, _)) => outcome,
            Either::Right((_, exchange)) => exchange.await,
        }
    }

    fn message(&self, request: &Request) -> Result<http::Request<Full<Bytes>>, Trouble> {
        let mut message = http::Request::builder().method(request.method.as_str()).uri(request.path.as_str());
        message = message.header(HOST, self.target.authority());
        for header in &request.headers {
            message = message.header(header.name.as_str(), header.value.as_slice());
        }
        if request.body.is_none() && !matches!(request.method.as_str(), "GET" | "HEAD" | "OPTIONS") {
            message = message.header(CONTENT_LENGTH, "0");
        }
        message.body(Full::from(request.body.clone().unwrap_or_default())).map_err(broken)
    }
}

/// The head, and as much of the body as is kept.
async fn read(answer: http::Response<Incoming>) -> Result<Answer, Trouble> {
    let (head, mut incoming) = answer.into_parts();
    let mut body = Vec::new();
    while let Some(frame) = incoming.frame().await {
        let Ok(data) = frame.map_err(broken)?.into_data() else { continue };
        let room = BODY_BYTES - body.len();
        body.extend_from_slice(data.get(..room).unwrap_or(&data));
        if data.len() > room {
            break;
        }
    }
    let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let headers = head.headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect();
    Ok(Answer { status: head.status.as_u16(), headers, body })
}

/// An error and its causes, in one line.
fn broken(error: impl std::error::Error) -> Trouble {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    Trouble::Broken(text)
}
