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
    /// What the last of them says, where it is a number and nothing else.
    length: Option<u64>,
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

    /// How long the body is that a sound head announces by its only `Content-Length`. What stands there and is no number is hyper's to refuse.
    pub(super) const fn announced(&self) -> Option<u64> {
        self.length
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
        match line.first().map(u8::to_ascii_lowercase) {
            Some(b'h') if value_of(line, b"host:").is_some() => self.hosts += 1,
            Some(b't') if value_of(line, b"transfer-encoding:").is_some() => self.codings += 1,
            Some(b'c') => {
                if let Some(value) = value_of(line, b"content-length:") {
                    self.lengths += 1;
                    self.length = number(value);
                }
            }
            _ => {}
        }
    }

    /// RFC 9112, sections 3.2 and 6.3: one host, and one length.
    const fn is_sound(&self, request_line: RequestLine) -> bool {
        let hosts = if request_line.is_http_11 { self.hosts == 1 } else { self.hosts <= 1 };
        hosts && self.lengths + self.codings <= 1
    }
}

/// What follows in a field's line that begins so, in any case. A blank before the colon makes it another name, which hyper refuses.
fn value_of<'l>(line: &'l [u8], name: &[u8]) -> Option<&'l [u8]> {
    let (start, value) = line.split_at_checked(name.len())?;
    start.eq_ignore_ascii_case(name).then_some(value)
}

/// One or more digits between blanks (RFC 9110, sections 5.6.3 and 8.6), within 64 bits.
fn number(value: &[u8]) -> Option<u64> {
    let digits = value.trim_ascii();
    let append = |number: u64, digit: &u8| number.checked_mul(10)?.checked_add(u64::from(digit.checked_sub(b'0')?));
    let is_number = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    is_number.then(|| digits.iter().try_fold(0, append))?
}
