//! Requests that carry an `Idempotency-Key`.

use std::sync::Arc;

use standards_core::Failure;
use standards_core::idempotency::{InFlight, InFlightGuard, Key, KeyScope, Keyed, KeyedRequest};

use crate::metrics::BusinessMetrics;
use crate::repositories::{OutcomeRepository, Stored};

/// A key, and whose it is.
#[derive(Clone, Debug)]
pub struct OwnedKey {
    subject: Arc<str>,
    key: Key,
}

impl OwnedKey {
    /// The key of `subject`, which is empty where nobody is authenticated.
    pub fn new(subject: &str, key: Key) -> Self {
        Self { subject: subject.into(), key }
    }

    /// What is asked of `operation`, the template of a route, under this key.
    pub(super) fn request(self, operation: &'static str, fingerprint: String) -> Arc<KeyedRequest> {
        Arc::new(KeyedRequest::new(KeyScope::new(self.subject, operation, self.key), fingerprint))
    }
}

/// The keys that are being worked on, and the outcomes of those that were. Clones share them.
#[derive(Clone)]
pub struct Keys {
    in_flight: InFlight,
    outcomes: Arc<dyn OutcomeRepository>,
    metrics: BusinessMetrics,
}

impl Keys {
    /// Keys on top of a repository; who counts is told of repetitions.
    #[must_use]
    pub fn new(outcomes: Arc<dyn OutcomeRepository>, metrics: BusinessMetrics) -> Self {
        Self { in_flight: InFlight::default(), outcomes, metrics }
    }

    /// Does `work` with its key taken, if it has one. Where another request has the key, a finished outcome is still an outcome: that one
    /// may be a repetition too.
    ///
    /// # Errors
    ///
    /// Those of the work, and [`IdempotencyError::InProgress`](standards_core::idempotency::IdempotencyError::InProgress) while the first
    /// request with the key is being worked on.
    pub(super) async fn once<T: Stored, W>(
        &self,
        key: Option<&Arc<KeyedRequest>>,
        request: &T::Request,
        work: impl FnOnce(Option<InFlightGuard>) -> W,
    ) -> Result<Keyed<T>, Failure>
    where
        W: Future<Output = Result<Keyed<T>, Failure>>,
    {
        let Some(key) = key else { return work(None).await };
        let outcome = match self.in_flight.enter(key.scope()) {
            Ok(guard) => work(Some(guard)).await,
            Err(in_progress) => match self.outcomes.find(key.clone()).await? {
                Some(stored) => Ok(stored.read(key, request)?),
                None => Err(in_progress.into()),
            },
        };
        if let Ok(Keyed::Replayed(..)) = outcome {
            self.metrics.replays.inc();
        }
        outcome
    }
}
