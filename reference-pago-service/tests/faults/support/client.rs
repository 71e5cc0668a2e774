//! One HTTP/1.1 connection, opened again when it broke.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::PATIENCE;

pub(crate) struct Client {
    address: SocketAddr,
    stream: Option<TcpStream>,
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

/// A POST of JSON; `headers` are whole lines, each with its end.
pub(crate) fn post(path: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "POST /api/v1{path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n{headers}Content-Length: {length}\r\n\r\n{body}"
    )
}

impl Client {
    pub(crate) const fn new(address: SocketAddr) -> Self {
        Self { address, stream: None }
    }

    /// Sends a request and reads its answer. After an error nobody knows whether the request was served.
    pub(crate) async fn ask(&mut self, request: &str) -> io::Result<Answer> {
        let stream = self.stream.take();
        let exchanged = tokio::time::timeout(PATIENCE, exchange(self.address, stream, request)).await;
        let (stream, head, body) = exchanged.map_err(|_| io::Error::from(ErrorKind::TimedOut))??;
        let closes = header(&head, "connection").is_some_and(|value| value.eq_ignore_ascii_case("close"));
        self.stream = (!closes).then_some(stream);
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or(ErrorKind::InvalidData)?;
        Ok(Answer { status, head, body })
    }

    /// Whether the service has not said that it closes the connection.
    pub(crate) const fn is_connected(&self) -> bool {
        self.stream.is_some()
    }

    /// A GET, once more when the connection had been closed for idleness.
    pub(crate) async fn get(&mut self, path: &str) -> io::Result<Answer> {
        let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n");
        match self.ask(&request).await {
            Ok(answer) => Ok(answer),
            Err(_) => self.ask(&request).await,
        }
    }
}

async fn exchange(address: SocketAddr, open: Option<TcpStream>, request: &str) -> io::Result<(TcpStream, String, String)> {
    let mut stream = match open {
        Some(stream) => stream,
        None => connect(address).await?,
    };
    stream.write_all(request.as_bytes()).await?;
    let mut read = Vec::new();
    let end = loop {
        if let Some(end) = read.windows(4).position(|window| window == b"\r\n\r\n") {
            break end + 4;
        }
        fill(&mut stream, &mut read).await?;
    };
    let head = String::from_utf8_lossy(&read[..end]).into_owned();
    let whole = end + header(&head, "content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    while read.len() < whole {
        fill(&mut stream, &mut read).await?;
    }
    Ok((stream, head, String::from_utf8_lossy(&read[end..whole]).into_owned()))
}

async fn connect(address: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

async fn fill(stream: &mut TcpStream, read: &mut Vec<u8>) -> io::Result<()> {
    if stream.read_buf(read).await? == 0 { Err(ErrorKind::UnexpectedEof.into()) } else { Ok(()) }
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let mut lines = head.lines().filter_map(|line| line.split_once(": "));
    lines.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        header(&self.head, name)
    }

    #[track_caller]
    pub(crate) fn data(&self) -> Value {
        assert_eq!(self.status, 200, "{self:?}");
        serde_json::from_str::<Value>(&self.body).unwrap()["data"].take()
    }
}
