//! The answer to who asks too often, and how it is told.

use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::header::RETRY_AFTER;
use http::{HeaderName, HeaderValue};
use standards_core::log::LogLevel;
use standards_core::{ErrorStatus, Failure};
use tokio::time::Instant;

use super::rate::Rate;
use crate::answer::ApiError;

/// The headers of a refusal beside `Retry-After` (draft-ietf-httpapi-ratelimit-headers-06, section 5).
pub(crate) const RATE_LIMIT_LIMIT: HeaderName = HeaderName::from_static("ratelimit-limit");
pub(crate) const RATE_LIMIT_REMAINING: HeaderName = HeaderName::from_static("ratelimit-remaining");
pub(crate) const RATE_LIMIT_RESET: HeaderName = HeaderName::from_static("ratelimit-reset");

/// What a request was counted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Counted {
    Address,
    #[cfg(feature = "auth")]
    Subject,
    Key,
}

impl Counted {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Address => "address",
            #[cfg(feature = "auth")]
            Self::Subject => "subject",
            Self::Key => "key",
        }
    }
}

/// How often somebody was refused, and when that was last said.
#[derive(Debug, Default)]
pub(super) struct Refusals(Mutex<Told>);

#[derive(Debug, Default)]
struct Told {
    at: Option<Instant>,
    unsaid: u64,
    /// Since the start.
    all: u64,
}

/// A flood of refusals must not become one of records: one a second is a warning.
const PAUSE: Duration = Duration::from_secs(1);

impl Refusals {
    /// 429, for a client that may come again after `wait`.
    pub(super) fn refuse(&self, rate: Rate, wait: Duration, counted: Counted, client: Option<IpAddr>) -> ApiError {
        let failure = self.level(Failure::http(ErrorStatus::TOO_MANY_REQUESTS)).with_context("limited_by", counted.as_str());
        let failure = client.into_iter().fold(failure, |failure, client| failure.with_context("client", client.to_string()));
        ApiError::from(failure)
            .with_header(RETRY_AFTER, seconds(wait).into())
            .with_header(RATE_LIMIT_LIMIT, rate.burst().into())
            .with_header(RATE_LIMIT_REMAINING, HeaderValue::from_static("0"))
            .with_header(RATE_LIMIT_RESET, seconds(wait + rate.rest_of_burst()).into())
    }

    /// How many there were.
    pub(super) fn all(&self) -> u64 {
        self.told().all
    }

    fn told(&self) -> MutexGuard<'_, Told> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A warning that says how many were left out since the last one, or nothing but a detail.
    fn level(&self, failure: Failure) -> Failure {
        let mut told = self.told();
        told.all += 1;
        if told.at.is_some_and(|at| at.elapsed() < PAUSE) {
            told.unsaid += 1;
            return failure.with_level(LogLevel::Debug);
        }
        let unsaid = std::mem::take(&mut told.unsaid);
        told.at = Some(Instant::now());
        failure.with_context("unsaid", unsaid)
    }
}

/// Rounded up, so that who waits as long as it was told is let in.
fn seconds(wait: Duration) -> u64 {
    let whole = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    whole.max(1)
}
