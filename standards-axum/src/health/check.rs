//! One dependency that a service asks how it is.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Serialize;
use standards_core::log::{self, LogLevel, Record};
use standards_core::{Failure, Timestamp};
use tokio::time::Instant;

/// The longest that a dependency may take to say that it is well.
pub(super) const CHECK_LIMIT: Duration = Duration::from_millis(500);

type Answer = Pin<Box<dyn Future<Output = Result<(), Failure>> + Send>>;

/// What the service can do without a dependency.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    /// Nothing: it takes no requests.
    Required,
    /// The same, if worse.
    Optional,
}

/// A dependency, and what it last said.
pub(super) struct Check {
    pub(super) dependency: &'static str,
    pub(super) need: Need,
    ask: Box<dyn Fn() -> Answer + Send + Sync>,
    said: Mutex<Option<Said>>,
}

#[derive(Clone)]
struct Said {
    is_failing: bool,
    took: Duration,
    since: Timestamp,
    last_failure: Option<String>,
}

/// How a dependency is, as operators are told.
#[derive(Debug, Serialize)]
pub(crate) struct CheckReport {
    name: &'static str,
    /// `ok` or `failing`.
    status: &'static str,
    /// What the last answer took.
    duration_ms: f64,
    /// Since when the status is that.
    since: Timestamp,
    /// Why it was not well the last time that it was not, masked as in the log.
    last_failure: Option<String>,
}

impl Check {
    pub(super) fn new<F, Fut>(dependency: &'static str, need: Need, ask: F) -> Self
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), Failure>> + Send + 'static,
    {
        Self { dependency, need, ask: Box::new(move || Box::pin(ask())), said: Mutex::default() }
    }

    /// Asks it; an answer that is late is a failure.
    pub(super) async fn ask(&self) {
        let begun = Instant::now();
        let timely = tokio::time::timeout(CHECK_LIMIT, (self.ask)()).await;
        self.note(&timely.unwrap_or_else(|late| Err(Failure::unavailable(late))), begun.elapsed());
    }

    /// Whether it was not well when it was last asked.
    pub(super) fn is_failing(&self) -> bool {
        self.said().as_ref().is_some_and(|said| said.is_failing)
    }

    /// What it last said; nothing before it was asked.
    pub(super) fn report(&self) -> Option<CheckReport> {
        let Said { is_failing, took, since, last_failure } = self.said().clone()?;
        let status = if is_failing { "failing" } else { "ok" };
        let duration_ms = (took.as_secs_f64() * 1e6).round() / 1e3;
        Some(CheckReport { name: self.dependency, status, duration_ms, since, last_failure })
    }

    /// Logs the change and not the state: a probe asks every few seconds.
    fn note(&self, answer: &Result<(), Failure>, took: Duration) {
        let was_failing = self.is_failing();
        self.remember(answer, took);
        match answer {
            Err(failure) if !was_failing => self.log_failure(failure),
            Ok(()) if was_failing => {
                Record::new(LogLevel::Info, "Dependencia disponible otra vez").field("dependency", self.dependency).emit();
            }
            _ => {}
        }
    }

    fn remember(&self, answer: &Result<(), Failure>, took: Duration) {
        let failure = answer.as_ref().err().map(|failure| log::masked(&failure.cause_chain()));
        let mut said = self.said();
        let (is_failing, before) = (failure.is_some(), said.take());
        let since = before.as_ref().filter(|before| before.is_failing == is_failing).map(|before| before.since);
        let last_failure = failure.or_else(|| before?.last_failure);
        *said = Some(Said { is_failing, took, since: since.unwrap_or_else(Timestamp::now), last_failure });
    }

    fn said(&self) -> MutexGuard<'_, Option<Said>> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn log_failure(&self, failure: &Failure) {
        let message = match self.need {
            Need::Required => "El servicio no está listo",
            Need::Optional => "El servicio está degradado",
        };
        let record = Record::new(LogLevel::Warning, message).field("dependency", self.dependency);
        record.field("cause", failure.cause_chain()).failure(failure).emit();
    }
}
