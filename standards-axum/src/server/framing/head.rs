//! A request's head, line by line.
//!
//! Only what decides about the end of a request is looked at: line ends, the version, and how often `Host`, `Content-Length` and
//! `Transfer-Encoding` stand there. That a field is well formed, a name without blanks, a value without controls, a number a number, is
//! hyper's to say: there it has one reading only.
//!
//! A head is searched for line feeds by `memchr`, and a line is looked at where it lies. Only one that comes in two pieces is copied.

use memchr::memchr_iter;

use super::Taken;

/// What is known of a head whose end has not come.
#[derive(Debug, Default)]
pub(super) struct Head {
    /// What has come of a line whose end has not.
    begun: Vec<u8>,
    request_line: Option<RequestLine>,
    /// Fields named `Host`.
    hosts: u32,
    /// Fields named `Content-Length`.
    lengths: u32,
    /// Fields named `Transfer-Encoding`.
    codings: u32,
}

/// What a request's line says of its fields.
#[derive(Clone, Copy, Debug)]
struct RequestLine {
    is_http_11: bool,
}

/// What a line makes of its head.
enum Line {
    Within,
    Last,
    Refused,
}

impl Head {
    /// Whether nothing of it has come.
    pub(super) const fn is_untouched(&self) -> bool {
        self.request_line.is_none() && self.begun.is_empty()
    }

    /// Takes bytes up to the head's end, or to the line end that is refused.
    pub(super) fn take(&mut self, bytes: &[u8]) -> Taken {
        let mut from = 0;
        for at in memchr_iter(b'\n', bytes) {
            match self.line(bytes.get(from..at).unwrap_or_default()) {
                Line::Within => from = at + 1,
                Line::Last => return Taken::Whole(at + 1),
                Line::Refused => return Taken::Refused(at),
            }
        }
        self.begun.extend_from_slice(bytes.get(from..).unwrap_or_default());
        Taken::All
    }

    /// A line without its line feed.
    fn line(&mut self, rest: &[u8]) -> Line {
        if self.begun.is_empty() {
            return self.whole_line(rest);
        }
        // Lines that come in pieces are rare.
        let mut line = std::mem::take(&mut self.begun);
        line.extend_from_slice(rest);
        self.whole_line(&line)
    }

    /// A line with its carriage return: the request line first, then fields, then the empty one.
    fn whole_line(&mut self, line: &[u8]) -> Line {
        let Some(line) = line.strip_suffix(b"\r") else { return Line::Refused };
        match (self.request_line, line) {
            // Empty lines before a request are no part of it (RFC 9112, section 2.2).
            (None, []) => return Line::Within,
            (None, line) => self.request_line = Some(RequestLine { is_http_11: line.ends_with(b" HTTP/1.1") }),
            (Some(request_line), []) => return if self.is_sound(request_line) { Line::Last } else { Line::Refused },
            (Some(_), line) => self.field(line),
        }
        Line::Within
    }

    fn field(&mut self, line: &[u8]) {
        // Most fields are told apart by their first letter.
        let count = match line.first().map(u8::to_ascii_lowercase) {
            Some(b'h') if is_named(line, b"host:") => &mut self.hosts,
            Some(b'c') if is_named(line, b"content-length:") => &mut self.lengths,
            Some(b't') if is_named(line, b"transfer-encoding:") => &mut self.codings,
            _ => return,
        };
        *count += 1;
    }

    /// RFC 9112, sections 3.2 and 6.3: one host, and one length.
    const fn is_sound(&self, request_line: RequestLine) -> bool {
        let hosts = if request_line.is_http_11 { self.hosts == 1 } else { self.hosts <= 1 };
        hosts && self.lengths + self.codings <= 1
    }
}

/// Whether a field's line begins so, in any case. A blank before the colon makes it another name, which hyper refuses.
fn is_named(line: &[u8], name: &[u8]) -> bool {
    line.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name))
}
