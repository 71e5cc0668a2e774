//! What was sent, and what came back.

use std::fmt::Write as _;

use serde_json::Value;

use super::text::clean;

/// Why a request was sent: judges find by it what they judge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Role {
    /// The OpenAPI document.
    Document,
    /// What is made before the cases.
    Setup,
    /// What is taken away after them.
    Cleanup,
    /// A request that must succeed: the number of the profile's case, or of a reading operation of the document.
    Success(usize),
    /// A request that the domain must refuse: the number of the profile's refusal.
    Refusal(usize),
    /// Fields that are not valid: the number of the profile's case.
    Invalid(usize),
    Malformed,
    WrongType,
    BadParameter,
    Amount,
    Boundary,
    TooLarge,
    UnknownRoute,
    WrongVerb,
    Fault,
    AfterFault,
    NoToken,
    NoId,
    EmptyId,
    OddId,
    Parallel,
    /// A path with a query.
    WithQuery,
    /// Carries texts that no log may show.
    Canary,
    /// Carries what would be a record of its own.
    Forged,
    Atomic,
    AtomicRead,
    Live,
    Ready,
    Metrics,
    Docs,
    Origin,
    Preflight,
    /// Somebody else's request to the API, that shows nothing in particular.
    Seen,
    /// Somebody else's request to what is no API, or whose answer is not known whole.
    Beside,
}

impl Role {
    /// Whether the answer is of the API: in the envelope, whatever it is.
    pub(super) const fn is_api(self) -> bool {
        !matches!(
            self,
            Self::Document
                | Self::Live
                | Self::Ready
                | Self::Metrics
                | Self::Docs
                | Self::Preflight
                | Self::Origin
                | Self::OddId
                | Self::Beside
        )
    }

    /// Whether the request is a plain one to an operation of the service.
    pub(super) const fn is_operation(self) -> bool {
        matches!(self, Self::Setup | Self::Success(_) | Self::Refusal(_) | Self::Invalid(_))
    }
}

/// A request, whole.
#[derive(Clone, Debug, Default)]
pub(super) struct Request {
    pub method: String,
    /// Path and query.
    pub path: String,
    pub headers: Vec<Header>,
    pub body: Option<Vec<u8>>,
}

/// A header to be sent.
#[derive(Clone, Debug)]
pub(super) struct Header {
    pub name: String,
    pub value: Vec<u8>,
    /// Never shown.
    pub secret: bool,
}

impl Header {
    pub(super) fn new(name: &str, value: impl Into<Vec<u8>>) -> Self {
        Self { name: name.to_owned(), value: value.into(), secret: false }
    }
}

/// An answer, its body bounded.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    /// A header's first value; the name in lower case.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The body as JSON.
    pub(super) fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// Status and body, to be shown.
    pub(super) fn summary(&self) -> String {
        format!("{} {}", self.status, super::text::clean_bytes(&self.body))
    }
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// Nobody listens, or the connection broke.
    Broken(String),
    /// No answer in the time of a request.
    TooSlow,
    /// The time of the whole run was over first.
    Deadline,
}

impl Trouble {
    pub(super) fn summary(&self) -> String {
        match self {
            Self::Broken(text) => format!("sin respuesta / no answer: {}", clean(text)),
            Self::TooSlow => "sin respuesta a tiempo / no answer in time".to_owned(),
            Self::Deadline => "se acabó el tiempo / time is over".to_owned(),
        }
    }
}

/// A request and what came of it.
#[derive(Clone, Debug)]
pub(super) struct Exchange {
    pub role: Role,
    /// What it shows besides: a request that was made for no rule shows several things.
    pub also: Option<Role>,
    /// The `X-Correlation-ID` that was sent, if it was a usual one.
    pub id: Option<String>,
    /// The template of the operation's path, as the document has it.
    pub template: Option<String>,
    pub request: Request,
    pub outcome: Result<Answer, Trouble>,
    /// Where it stands: `http://host:port`.
    pub origin: String,
}

impl Exchange {
    /// Whether it shows such a thing.
    pub(super) fn shows(&self, wanted: impl Fn(Role) -> bool) -> bool {
        wanted(self.role) || self.also.is_some_and(wanted)
    }

    pub(super) fn answer(&self) -> Option<&Answer> {
        self.outcome.as_ref().ok()
    }

    pub(super) fn status(&self) -> Option<u16> {
        self.answer().map(|answer| answer.status)
    }

    /// What the request carried that nobody else should read, but what is too short to be known again.
    pub(super) fn secrets(&self) -> impl Iterator<Item = &str> {
        let secret = self.request.headers.iter().filter(|header| header.secret);
        let values = secret.filter_map(|header| std::str::from_utf8(&header.value).ok()?.rsplit(' ').next());
        values.filter(|value| value.len() >= 8)
    }

    /// The request as a line for a shell; secrets covered, bodies cut.
    pub(super) fn curl(&self) -> String {
        let Request { method, path, headers, body } = &self.request;
        let mut line = format!("curl -i -X {}", quoted(method));
        for header in headers {
            let value = if header.secret { "***".to_owned() } else { super::text::clean_bytes(&header.value) };
            let _ = write!(line, " -H {}", quoted(&format!("{}: {value}", header.name)));
        }
        if let Some(body) = body {
            let _ = write!(line, " --data-binary {}", quoted(&super::text::clean_bytes(body)));
        }
        let _ = write!(line, " {}", quoted(&format!("{}{}", self.origin, clean(path))));
        line
    }
}

/// A word for a shell.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@%".contains(c);
    if !text.is_empty() && text.chars().all(plain) { text.to_owned() } else { format!("'{}'", text.replace('\'', "'\\''")) }
}
