//! A request by hand, for a body that the other side does not read to its end: what it answers meanwhile is read all the same.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::exchange::{Answer, Request, Trouble};
use super::target::Target;

/// What is kept of an answer.
const ANSWER_BYTES: u64 = 256 << 10;
/// What is written at once.
const PIECE: usize = 64 << 10;

/// Sends head and body, and reads the answer while it does.
pub(super) async fn send(target: &Target, request: &Request) -> Result<Answer, Trouble> {
    let broken = |error: std::io::Error| Trouble::Broken(error.to_string());
    let stream = TcpStream::connect((target.host.as_str(), target.port)).await.map_err(broken)?;
    let (reader, mut writer) = stream.into_split();
    let (head, body) = (head(target, request), request.body.clone().unwrap_or_default());
    let write = async move {
        for piece in std::iter::once(head.as_slice()).chain(body.chunks(PIECE)) {
            writer.write_all(piece).await?;
        }
        Ok::<_, std::io::Error>(writer)
    };
    let mut answer = Vec::new();
    let mut reader = reader.take(ANSWER_BYTES);
    // Whoever has answered and closed breaks the writing: the answer counts. The writing half lives until the answer is read.
    let (written, read) = tokio::join!(write, reader.read_to_end(&mut answer));
    let failed = written.err().or(read.err()).map_or_else(|| "not HTTP".to_owned(), |error| error.to_string());
    parse(&answer).ok_or(Trouble::Broken(failed))
}

fn head(target: &Target, request: &Request) -> Vec<u8> {
    let length = request.body.as_ref().map_or(0, Vec::len);
    let line = format!(
        "{} {} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Length: {length}\r\n",
        request.method,
        request.path,
        target.authority()
    );
    let mut head = line.into_bytes();
    for header in &request.headers {
        head.extend_from_slice(header.name.as_bytes());
        head.extend_from_slice(b": ");
        head.extend_from_slice(&header.value);
        head.extend_from_slice(b"\r\n");
    }
    head.extend_from_slice(b"\r\n");
    head
}

/// Status line, headers, and what follows them.
fn parse(answer: &[u8]) -> Option<Answer> {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(answer.get(..end)?).into_owned();
    let mut lines = head.split("\r\n");
    let status = lines.next()?.strip_prefix("HTTP/1.")?.split(' ').nth(1)?.parse().ok()?;
    let pair = |line: &str| line.split_once(':').map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()));
    let headers: Vec<(String, String)> = lines.filter_map(pair).collect();
    let body = answer.get(end + 4..)?;
    let length = headers.iter().find(|(name, _)| name == "content-length").and_then(|(_, length)| length.parse().ok());
    let body = length.and_then(|length: usize| body.get(..length)).unwrap_or(body);
    Some(Answer { status, headers, body: body.to_vec() })
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn an_answer_is_read_with_its_body() {
        let answer = parse(b"HTTP/1.1 413 Payload Too Large\r\nContent-Type: a/b\r\nContent-Length: 2\r\n\r\nxyz").unwrap();
        assert_eq!((answer.status, answer.header("content-type"), answer.body.as_slice()), (413, Some("a/b"), &b"xy"[..]));
        assert!(parse(b"SSH-2.0-x\r\n\r\n").is_none() && parse(b"").is_none());
    }
}
