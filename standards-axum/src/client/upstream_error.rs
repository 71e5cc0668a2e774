//! Why a call of another service failed.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use http::StatusCode;
use standards_core::catalogue::{Codes, INTERNAL_ERROR, SERVICE_UNAVAILABLE, http_error};
use standards_core::resilience::NotPermitted;
use standards_core::{Cause, ErrorEntry, ErrorItem, ErrorStatus, Failure};

/// Codes of all services that are called. They make them up, so there is a limit; beyond it the code is `HTTP_ERROR`.
static CODES: Codes = Codes::at_most(1024);

/// For how long clients are sent away at most because another service says so.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(300);

/// How many codes of one answer are told.
const TOLD_CODES: usize = 8;

/// What kind of failure it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// The call cannot be made: its path is no path, a header no header, its body does not serialise.
    Unsendable,
    /// No connection, be it that nobody listens or that its certificate is not believed.
    Unreachable,
    /// The connection ended before the answer did.
    BrokenOff,
    /// What was answered is not HTTP/1.1.
    NotHttp,
    /// The time was up.
    Late,
    /// A circuit breaker of this service does not let it be called: it failed too often.
    NotPermitted,
    /// A redirection, which is not followed.
    Redirected,
    /// More than may be answered.
    TooLarge,
    /// Packed, though it was asked not to be.
    Encoded,
    /// No envelope, or one that contradicts itself or its status.
    NoEnvelope,
    /// A success with other data than the type reads.
    OtherData,
    /// The other service does not know such a request: its route, its verb or its fields.
    Misused,
    /// The other service refuses, by a code of its own.
    Refused,
    /// The other service fails, or does not serve this one.
    Failed,
}

impl Reason {
    /// Its name in records and metrics: one of fourteen.
    ///
    /// ```
    /// use standards_axum::client::Reason;
    ///
    /// assert_eq!(Reason::BrokenOff.as_str(), "broken_off");
    /// ```
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unsendable => "unsendable",
            Self::Unreachable => "unreachable",
            Self::BrokenOff => "broken_off",
            Self::NotHttp => "not_http",
            Self::Late => "late",
            Self::NotPermitted => "not_permitted",
            Self::Redirected => "redirected",
            Self::TooLarge => "too_large",
            Self::Encoded => "encoded",
            Self::NoEnvelope => "no_envelope",
            Self::OtherData => "other_data",
            Self::Misused => "misused",
            Self::Refused => "refused",
            Self::Failed => "failed",
        }
    }

    /// What is to be said of it where there is no more to say.
    const fn sentence(self) -> &'static str {
        match self {
            Self::Unsendable => "the call cannot be made",
            Self::Unreachable => "no connection",
            Self::BrokenOff => "the connection broke off",
            Self::NotHttp => "the answer is not HTTP",
            Self::Late => "no answer in time",
            Self::NotPermitted => "it failed too often and is left alone",
            Self::Redirected => "a redirection, which is not followed",
            Self::TooLarge => "the answer is too large",
            Self::Encoded => "the answer is packed",
            Self::NoEnvelope => "the answer is no envelope",
            Self::OtherData => "the data are not what was asked for",
            Self::Misused => "the call is wrong",
            Self::Refused => "refused",
            Self::Failed => "it failed",
        }
    }

    /// Whether the same request may fare better soon.
    pub(super) const fn is_transient(self) -> bool {
        matches!(self, Self::Unreachable | Self::BrokenOff)
    }
}

/// Why a call failed: the cause of its [`Failure`], with what the other service said.
///
/// ```
/// use standards_axum::client::UpstreamError;
/// use standards_axum::core::Failure;
///
/// /// Whether the other service has never heard of it, by whatever code.
/// fn is_absent(failure: &Failure) -> bool {
///     UpstreamError::of(failure).and_then(UpstreamError::status).is_some_and(|status| status == 404)
/// }
///
/// assert!(!is_absent(&Failure::unavailable("no route to the queue")));
/// ```
#[derive(Debug)]
pub struct UpstreamError {
    upstream: &'static str,
    reason: Reason,
    status: Option<StatusCode>,
    errors: Vec<ErrorItem>,
    excerpt: Option<String>,
    retry_after: Option<Duration>,
    source: Option<Cause>,
}

impl UpstreamError {
    pub(super) const fn new(upstream: &'static str, reason: Reason) -> Self {
        Self { upstream, reason, status: None, errors: Vec::new(), excerpt: None, retry_after: None, source: None }
    }

    pub(super) fn with_status(self, status: StatusCode) -> Self {
        Self { status: Some(status), ..self }
    }

    pub(super) fn with_errors(self, errors: Vec<ErrorItem>) -> Self {
        Self { errors, ..self }
    }

    pub(super) fn with_excerpt(self, excerpt: Option<String>) -> Self {
        Self { excerpt, ..self }
    }

    pub(super) fn with_retry_after(self, retry_after: Option<Duration>) -> Self {
        Self { retry_after, ..self }
    }

    pub(super) fn with_source(self, source: impl Into<Cause>) -> Self {
        Self { source: Some(source.into()), ..self }
    }

    /// The failure of a layer around an attempt, as that of a call where a circuit breaker refused it.
    pub(super) fn unless_permitted(upstream: &'static str, failure: Failure) -> Failure {
        let refused = failure.cause().and_then(|cause| cause.downcast_ref::<NotPermitted>()).copied();
        let Some(refused) = refused else { return failure };
        Self::new(upstream, Reason::NotPermitted)
            .with_retry_after(Some(refused.retry_after()))
            .with_source(refused)
            .into_failure()
    }

    /// Why the call failed, where `failure` is that of a call.
    #[must_use]
    pub fn of(failure: &Failure) -> Option<&Self> {
        failure.cause()?.downcast_ref()
    }

    /// The name of the service that was called.
    #[must_use]
    pub const fn upstream(&self) -> &'static str {
        self.upstream
    }

    /// What kind of failure it was.
    #[must_use]
    pub const fn reason(&self) -> Reason {
        self.reason
    }

    /// The status of the answer, if there was one.
    #[must_use]
    pub const fn status(&self) -> Option<StatusCode> {
        self.status
    }

    /// The errors of the other service's envelope, its sentences included, which are meant for the log; none where there was no envelope.
    #[must_use]
    pub fn errors(&self) -> &[ErrorItem] {
        &self.errors
    }

    /// The beginning of an answer that was no envelope.
    pub(super) fn excerpt(&self) -> Option<&str> {
        self.excerpt.as_deref()
    }

    /// The failure that it is for whoever called.
    pub(super) fn into_failure(self) -> Failure {
        let failure = Failure::of_entry(self.entry()).with_context("upstream", self.upstream);
        let failure = match self.status {
            Some(status) => failure.with_context("upstream_status", status.as_u16()),
            None => failure,
        };
        let failure = match self.retry_after {
            Some(wait) => failure.with_retry_after(wait.min(LONGEST_RETRY_AFTER)),
            None => failure,
        };
        failure.with_place(format!("<upstream {}>", self.upstream)).with_error_type("UpstreamError").with_cause(self)
    }

    fn entry(&self) -> ErrorEntry {
        match self.reason {
            Reason::Unsendable | Reason::Misused => INTERNAL_ERROR,
            Reason::Refused => self.refusal(),
            _ => SERVICE_UNAVAILABLE,
        }
    }

    /// The row of the other service's catalogue, with the standard's sentence of its status in the place of its own.
    fn refusal(&self) -> ErrorEntry {
        let status = self.status.and_then(|status| ErrorStatus::try_from(status.as_u16()).ok());
        let row = http_error(status.unwrap_or(ErrorStatus::BAD_REQUEST));
        let code = self.errors.first().and_then(|first| CODES.get(&first.code));
        ErrorEntry { code: code.unwrap_or(row.code), ..row }
    }
}

/// The other service's name, status and codes; its sentences are in the record of the call alone.
impl fmt::Display for UpstreamError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.upstream, self.reason.sentence())?;
        if let Some(status) = self.status {
            write!(f, ", status {}", status.as_u16())?;
        }
        self.errors.iter().take(TOLD_CODES).try_for_each(|error| write!(f, " {}", error.code))
    }
}

impl Error for UpstreamError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn Error + 'static))
    }
}

impl From<UpstreamError> for Failure {
    fn from(error: UpstreamError) -> Self {
        error.into_failure()
    }
}
