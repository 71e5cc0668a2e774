//! Outcomes in the memory of one process.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;

use super::{IdempotencyStore, KeyScope, Keyed, KeyedRequest};
use crate::failure::Failure;
use crate::language::Language;

/// An effect of the [`MemoryStore`]: a future that is awaited once, or never.
pub type MemoryEffect<O> = Pin<Box<dyn Future<Output = Result<O, Failure>> + Send>>;

/// Keeps outcomes until the process ends: for tests, and for effects that end with it too.
///
/// Effects are performed one after the other.
///
/// # Example: a failed effect leaves the key free
///
/// ```
/// use standards_core::Failure;
/// use standards_core::idempotency::{IdempotencyError, IdempotencyStore, KeyScope, Keyed, KeyedRequest, MemoryStore};
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// let store = MemoryStore::<u8>::default();
/// let request = KeyedRequest::new(KeyScope::new("", "POST /pagos", "k-1".parse().unwrap()), "monto=1");
/// let failing = MemoryStore::effect(async { Err(Failure::from(IdempotencyError::InProgress)) });
/// assert!(store.perform(&request, failing).await.is_err());
/// let again = store.perform(&request, MemoryStore::effect(async { Ok(7) })).await;
/// assert_eq!(again.unwrap(), Keyed::Fresh(7));
/// # });
/// ```
#[derive(Debug)]
pub struct MemoryStore<O>(Mutex<HashMap<KeyScope, Kept<O>>>);

#[derive(Debug)]
struct Kept<O> {
    fingerprint: Box<str>,
    outcome: O,
    language: Language,
    since: Instant,
}

impl<O> Default for MemoryStore<O> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<O> MemoryStore<O> {
    /// An effect from a future.
    pub fn effect(future: impl Future<Output = Result<O, Failure>> + Send + 'static) -> MemoryEffect<O> {
        Box::pin(future)
    }
}

impl<O: Clone> Kept<O> {
    fn new(request: &KeyedRequest, outcome: O) -> Self {
        Self { fingerprint: request.fingerprint().into(), outcome, language: request.language(), since: Instant::now() }
    }

    fn replayed(&self) -> Keyed<O> {
        Keyed::Replayed(self.outcome.clone(), self.language)
    }
}

impl<O: Clone + Send + Sync> IdempotencyStore for MemoryStore<O> {
    type Effect = MemoryEffect<O>;
    type Outcome = O;

    async fn perform(&self, request: &KeyedRequest, effect: MemoryEffect<O>) -> Result<Keyed<O>, Failure> {
        let mut kept = self.0.lock().await;
        match kept.get(request.scope()) {
            Some(first) if *first.fingerprint == *request.fingerprint() => Ok(first.replayed()),
            Some(_) => Ok(Keyed::Reused),
            None => {
                let outcome = effect.await?;
                kept.insert(request.scope().clone(), Kept::new(request, outcome.clone()));
                Ok(Keyed::Fresh(outcome))
            }
        }
    }

    async fn reap(&self, older_than: Duration, at_most: u32) -> Result<u64, Failure> {
        let mut kept = self.0.lock().await;
        let mut reaped = 0;
        kept.retain(|_, first| {
            let goes = reaped < u64::from(at_most) && first.since.elapsed() >= older_than;
            reaped += u64::from(goes);
            !goes
        });
        Ok(reaped)
    }
}
