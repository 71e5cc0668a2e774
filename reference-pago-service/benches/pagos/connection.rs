//! One keep-alive HTTP/1.1 connection, no more of the protocol than the bench meets.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::outcome::Outcome;

const LARGEST_ANSWER: usize = 64 * 1024;

/// A connection and the answer that it read last.
pub(crate) struct Connection {
    stream: TcpStream,
    answer: Vec<u8>,
}

impl Connection {
    pub(crate) async fn open(address: SocketAddr) -> Outcome<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, answer: Vec::with_capacity(4096) })
    }

    /// Sends a request and reads the whole answer.
    pub(crate) async fn exchange(&mut self, request: &[u8]) -> Outcome<Answer<'_>> {
        self.stream.write_all(request).await?;
        self.answer.clear();
        let body_at = loop {
            if self.stream.read_buf(&mut self.answer).await? == 0 {
                return Err("the connection ended before the answer".into());
            }
            if let Some(body_at) = complete(&self.answer)? {
                break body_at;
            }
        };
        Answer::parse(&self.answer, body_at)
    }
}

/// What came back.
pub(crate) struct Answer<'a> {
    pub(crate) status: u16,
    body: &'a [u8],
}

impl<'a> Answer<'a> {
    fn parse(bytes: &'a [u8], body_at: usize) -> Outcome<Self> {
        let status = bytes.strip_prefix(b"HTTP/1.1 ").and_then(|rest| rest.get(..3)).ok_or("no HTTP/1.1 answer")?;
        Ok(Self { status: str::from_utf8(status)?.parse()?, body: bytes.get(body_at..).unwrap_or_default() })
    }

    /// Whether the envelope says so too.
    pub(crate) fn is_success(&self) -> bool {
        self.status == 200 && self.body.starts_with(br#"{"success":true"#)
    }

    pub(crate) fn text(&self) -> String {
        format!("{} {}", self.status, String::from_utf8_lossy(self.body))
    }
}

/// Where the body begins, once all of it is here.
fn complete(bytes: &[u8]) -> Outcome<Option<usize>> {
    let Some(head) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else {
        return if bytes.len() > LARGEST_ANSWER { Err("an endless head".into()) } else { Ok(None) };
    };
    let (body_at, length) = (head + 4, content_length(bytes.get(..head).unwrap_or_default())?);
    match bytes.len() - body_at {
        arrived if arrived > length => Err("more bytes than the answer holds".into()),
        arrived => Ok((arrived == length).then_some(body_at)),
    }
}

fn content_length(head: &[u8]) -> Outcome<usize> {
    const NAME: &[u8] = b"content-length:";
    let line =
        head.split(|byte| *byte == b'\n').find(|line| line.get(..NAME.len()).is_some_and(|name| name.eq_ignore_ascii_case(NAME)));
    let value = line.and_then(|line| line.get(NAME.len()..)).ok_or("an answer without a length")?;
    Ok(str::from_utf8(value.trim_ascii())?.parse()?)
}
