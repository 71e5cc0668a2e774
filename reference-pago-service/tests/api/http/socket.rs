//! A client that says exactly the bytes it is told to.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// No test waits longer for the service.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Socket {
    pub(super) stream: TcpStream,
    read: Vec<u8>,
}

/// What came back: the head as text, the body as long as the head says.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

/// A POST of JSON on a connection that stays open.
pub(crate) fn post(path: &str, body: &str) -> String {
    post_with(path, "", body)
}

/// The same with more headers, whole lines each with its end.
pub(crate) fn post_with(path: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n{headers}Content-Length: {length}\r\n\r\n{body}"
    )
}

pub(crate) fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n")
}

impl Socket {
    pub(crate) async fn open(address: SocketAddr) -> Self {
        let stream = timeout(PATIENCE, TcpStream::connect(address)).await.unwrap().unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream, read: Vec::new() }
    }

    /// Writes everything, or as much as a peer that has closed lets it.
    pub(crate) async fn write(&mut self, bytes: impl AsRef<[u8]>) {
        let _refused = self.stream.write_all(bytes.as_ref()).await;
    }

    /// Whether the peer still takes bytes.
    pub(super) async fn try_write(&mut self, bytes: &[u8]) -> bool {
        timeout(PATIENCE, self.stream.write_all(bytes)).await.unwrap().is_ok()
    }

    /// Sends a request and reads its answer.
    pub(crate) async fn ask(&mut self, request: impl AsRef<[u8]>) -> Answer {
        self.write(request).await;
        self.answer().await
    }

    /// The next answer.
    pub(crate) async fn answer(&mut self) -> Answer {
        self.answer_or_end().await.expect("the service closed the connection without an answer")
    }

    /// The next answer, or `None` when the service closes the connection instead.
    pub(super) async fn answer_or_end(&mut self) -> Option<Answer> {
        timeout(PATIENCE, self.next_answer()).await.expect("no answer in time")
    }

    async fn next_answer(&mut self) -> Option<Answer> {
        let head = loop {
            if let Some(end) = find(&self.read, b"\r\n\r\n") {
                break self.take(end + 4);
            }
            if !self.fill().await {
                assert!(self.read.is_empty(), "half an answer: {:?}", String::from_utf8_lossy(&self.read));
                return None;
            }
        };
        let length = length_of(&head);
        while self.read.len() < length {
            assert!(self.fill().await, "the body broke off: {head}");
        }
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Some(Answer { status, body: self.take(length), head })
    }

    /// The answer to a HEAD: whatever length it tells, no body follows until the service closes the connection.
    pub(super) async fn head(&mut self) -> Option<Answer> {
        let head = String::from_utf8(self.rest().await).unwrap();
        assert!(head.ends_with("\r\n\r\n"), "{head}");
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Some(Answer { status, body: String::new(), head })
    }

    /// Everything until the service closes the connection.
    pub(crate) async fn rest(&mut self) -> Vec<u8> {
        let until_end = async { while self.fill().await {} };
        timeout(PATIENCE, until_end).await.expect("the connection stays open");
        std::mem::take(&mut self.read)
    }

    async fn fill(&mut self) -> bool {
        self.stream.read_buf(&mut self.read).await.is_ok_and(|read| read > 0)
    }

    fn take(&mut self, length: usize) -> String {
        String::from_utf8(self.read.drain(..length).collect()).unwrap()
    }
}

impl Answer {
    /// What a header of the answer says.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// Whether it says that it repeats an earlier answer.
    pub(crate) fn is_replay(&self) -> bool {
        self.header("idempotent-replayed") == Some("true")
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    #[track_caller]
    pub(crate) fn assert_refused(&self, status: u16, code: &str) {
        let envelope = self.json();
        let told = (self.status, &envelope["success"], &envelope["errors"][0]["code"]);
        assert_eq!(told, (status, &false.into(), &code.into()), "{self:?}");
        assert!(self.header("x-correlation-id").is_some());
    }
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

fn length_of(head: &str) -> usize {
    let mut lines = head.lines().filter_map(|line| line.split_once(": "));
    let length = lines.find(|(key, _)| key.eq_ignore_ascii_case("content-length"));
    length.map_or(0, |(_, value)| value.parse().unwrap())
}
