//! One dependency that a service asks how it is.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use standards_core::Failure;
use standards_core::log::{LogLevel, Record};

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
    failing: AtomicBool,
}

impl Check {
    pub(super) fn new<F, Fut>(dependency: &'static str, need: Need, ask: F) -> Self
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), Failure>> + Send + 'static,
    {
        Self { dependency, need, ask: Box::new(move || Box::pin(ask())), failing: AtomicBool::new(false) }
    }

    /// Asks it; an answer that is late is a failure.
    pub(super) async fn ask(&self) {
        let timely = tokio::time::timeout(CHECK_LIMIT, (self.ask)()).await;
        self.note(&timely.unwrap_or_else(|late| Err(Failure::unavailable(late))));
    }

    /// Whether it was not well when it was last asked.
    pub(super) fn is_failing(&self) -> bool {
        self.failing.load(Ordering::Relaxed)
    }

    /// Logs the change and not the state: a probe asks every few seconds.
    fn note(&self, answer: &Result<(), Failure>) {
        let was_failing = self.failing.swap(answer.is_err(), Ordering::Relaxed);
        match answer {
            Err(failure) if !was_failing => self.log_failure(failure),
            Ok(()) if was_failing => {
                Record::new(LogLevel::Info, "Dependencia disponible otra vez").field("dependency", self.dependency).emit();
            }
            _ => {}
        }
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
