//! Keeps the outcomes.

use std::future::Future;
use std::time::Duration;

use super::{Keyed, KeyedRequest};
use crate::failure::Failure;

/// Performs effects at most once per key.
///
/// An implementation keeps the outcome in the transaction of the effect, so the effect is its own kind of thing: a statement, an
/// order, a closure over a connection. `idempotency::contract` (feature `testkit`) checks any of them:
///
/// - the first request under a key performs its effect, each later one gets the outcome of the first, in the language of the first;
/// - a request with another fingerprint under the same key is [`Keyed::Reused`];
/// - a failed effect leaves no trace, so that the key may be used again;
/// - of simultaneous requests one performs the effect; the others get its outcome, or fail;
/// - [`reap`](Self::reap) deletes what is old enough, never more than it was told.
pub trait IdempotencyStore: Send + Sync {
    /// What is to be done.
    type Effect: Send;
    /// What comes of it; a refusal for good is an outcome, a failure that may pass is not.
    type Outcome: Send;

    /// Performs the effect and keeps its outcome as one unit, unless the key has an outcome already.
    ///
    /// ```
    /// use standards_core::Language;
    /// use standards_core::idempotency::{IdempotencyStore, KeyScope, Keyed, KeyedRequest, MemoryStore};
    ///
    /// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
    /// let store = MemoryStore::default();
    /// let key = "8e03978e-40d5-43dd-bc93-6894a57f9324".parse().unwrap();
    /// let scope = KeyScope::new("ana", "POST /pagos", key);
    /// let request = KeyedRequest::new(scope.clone(), "monto=100.50");
    /// let pay = || MemoryStore::effect(async { Ok("pago 7") });
    ///
    /// assert_eq!(store.perform(&request, pay()).await.unwrap(), Keyed::Fresh("pago 7"));
    /// assert_eq!(store.perform(&request, pay()).await.unwrap(), Keyed::Replayed("pago 7", Language::Es));
    /// // The key is that request's: another amount under it is refused.
    /// let other = KeyedRequest::new(scope, "monto=900.00");
    /// assert_eq!(store.perform(&other, pay()).await.unwrap(), Keyed::Reused);
    /// # });
    /// ```
    ///
    /// # Errors
    ///
    /// When the effect fails, or the store cannot tell; the key may be used again.
    fn perform(
        &self,
        request: &KeyedRequest,
        effect: Self::Effect,
    ) -> impl Future<Output = Result<Keyed<Self::Outcome>, Failure>> + Send;

    /// Deletes the outcomes older than that, `at_most` so many; returns how many it was.
    ///
    /// # Errors
    ///
    /// When the store cannot be reached.
    ///
    /// It is called again and again, with a small `at_most`, so that no call holds its locks for long:
    ///
    /// ```
    /// use std::time::Duration;
    /// use standards_core::idempotency::{IdempotencyStore, MemoryStore};
    ///
    /// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
    /// let store = MemoryStore::<u8>::default();
    /// assert_eq!(store.reap(Duration::from_secs(24 * 60 * 60), 500).await.unwrap(), 0);
    /// # });
    /// ```
    fn reap(&self, older_than: Duration, at_most: u32) -> impl Future<Output = Result<u64, Failure>> + Send;
}
