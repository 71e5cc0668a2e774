//! A request as text: `METHOD target`, a line per header, an empty line, the body.
//!
//! `:frames 7` among the headers has the body come in pieces of seven bytes, without a length; `:broken` has it break off at its end. In
//! `Authorization`, `Proxy-Authorization` and `Cookie` `{token}` is a valid token and `{secreto}` a word that nobody may read again; in the
//! query it is one that stands in no record.

use std::io;

use axum::body::{Body, Bytes};
use futures_util::stream;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri};

/// A word that no answer and no record may hold.
pub(super) const SECRET: &str = "canario-7f3a9c51d2";

/// The same for the query, which an answer's links may repeat.
pub(super) const UNLOGGED: &str = "canario-e20b86d4c7";

/// A request that can be sent more than once.
pub(super) struct Sent {
    pub(super) method: Method,
    uri: Uri,
    pub(super) headers: HeaderMap,
    body: Bytes,
    frames: Option<usize>,
    is_broken: bool,
}

impl Sent {
    /// `None` where the first line is none of a request. A header that no server would take is left out.
    pub(super) fn parse(data: &[u8], token: &str) -> Option<Self> {
        let (head, body) = split(data, b"\n\n");
        let (first, headers) = split(head, b"\n");
        let (method, target) = split(first, b" ");
        let (path, query) = target.split_at(target.iter().position(|byte| *byte == b'?').unwrap_or(target.len()));
        let uri = Uri::try_from([path, &filled(query, &[("{secreto}", UNLOGGED)])].concat()).ok()?;
        let mut sent = Self {
            method: Method::from_bytes(method).ok()?,
            uri,
            headers: HeaderMap::new(),
            body: Bytes::copy_from_slice(body),
            frames: None,
            is_broken: false,
        };
        headers.split(|byte| *byte == b'\n').for_each(|line| sent.line(line, token));
        Some(sent)
    }

    fn line(&mut self, line: &[u8], token: &str) {
        if let Some(bytes) = line.strip_prefix(b":frames ") {
            self.frames = std::str::from_utf8(bytes).ok().and_then(|text| text.parse().ok()).filter(|bytes| *bytes > 0);
        } else if line == b":broken" {
            self.is_broken = true;
        } else {
            self.header(line, token);
        }
    }

    fn header(&mut self, line: &[u8], token: &str) {
        let (name, value) = split(line, b":");
        let Ok(name) = HeaderName::from_bytes(name) else { return };
        let holds_secrets = ["authorization", "proxy-authorization", "cookie"].contains(&name.as_str());
        let value = if holds_secrets {
            filled(value.trim_ascii(), &[("{token}", token), ("{secreto}", SECRET)])
        } else {
            value.trim_ascii().to_vec()
        };
        if let Ok(value) = HeaderValue::from_bytes(&value) {
            let _too_many = self.headers.try_append(name, value);
        }
    }

    pub(super) fn path(&self) -> &str {
        self.uri.path()
    }

    pub(super) fn request(&self) -> Request<Body> {
        let mut request = Request::new(self.body());
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = self.uri.clone();
        *request.headers_mut() = self.headers.clone();
        request
    }

    fn body(&self) -> Body {
        if self.frames.is_none() && !self.is_broken {
            return Body::from(self.body.clone());
        }
        let bytes = self.frames.unwrap_or(usize::MAX);
        let frames = self.body.chunks(bytes).map(|chunk| Ok(Bytes::copy_from_slice(chunk)));
        let end = self.is_broken.then(|| Err(io::Error::other("the client has gone")));
        Body::from_stream(stream::iter(frames.chain(end).collect::<Vec<_>>()))
    }
}

/// What stands before and after the first `mark`; all of it before where there is none.
fn split<'a>(bytes: &'a [u8], mark: &[u8]) -> (&'a [u8], &'a [u8]) {
    match bytes.windows(mark.len()).position(|window| window == mark) {
        Some(at) => (&bytes[..at], &bytes[at + mark.len()..]),
        None => (bytes, &[]),
    }
}

fn filled(text: &[u8], words: &[(&str, &str)]) -> Vec<u8> {
    let Ok(text) = std::str::from_utf8(text) else { return text.to_vec() };
    words.iter().fold(text.to_owned(), |text, (name, word)| text.replace(name, word)).into_bytes()
}
