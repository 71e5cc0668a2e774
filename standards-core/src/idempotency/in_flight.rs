//! The keys whose first request has not ended yet.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use super::{IdempotencyError, KeyScope};

/// The keys that this process is working on. Clones share them.
///
/// It keeps repetitions from waiting in the database for their own first request, where each would hold a connection. It is no
/// lock: another process knows nothing of it, and the store decides.
///
/// ```
/// use standards_core::idempotency::{IdempotencyError, InFlight, KeyScope};
///
/// let in_flight = InFlight::default();
/// let scope = KeyScope::new("ana", "POST /pagos", "k-1".parse()?);
/// let first = in_flight.enter(&scope)?;
/// assert_eq!(in_flight.enter(&scope).unwrap_err(), IdempotencyError::InProgress);
/// drop(first);
/// assert!(in_flight.enter(&scope).is_ok());
/// # Ok::<(), IdempotencyError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct InFlight(Arc<Mutex<HashSet<KeyScope>>>);

/// One key being worked on. It travels with the work, not with the client that waits for it, and frees the key when it is dropped.
#[derive(Debug)]
#[must_use = "dropping it frees the key"]
pub struct InFlightGuard {
    in_flight: InFlight,
    scope: KeyScope,
}

impl InFlight {
    /// Takes the key.
    ///
    /// # Errors
    ///
    /// [`IdempotencyError::InProgress`] while another request has it.
    pub fn enter(&self, scope: &KeyScope) -> Result<InFlightGuard, IdempotencyError> {
        if self.with(|keys| keys.insert(scope.clone())) {
            return Ok(InFlightGuard { in_flight: self.clone(), scope: scope.clone() });
        }
        Err(IdempotencyError::InProgress)
    }

    fn with<R>(&self, work: impl FnOnce(&mut HashSet<KeyScope>) -> R) -> R {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for InFlightGuard {
    fn drop(&mut self) {
        self.in_flight.with(|keys| keys.remove(&self.scope));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(subject: &str, key: &str) -> KeyScope {
        KeyScope::new(subject, "POST /pagos", key.parse().unwrap())
    }

    #[test]
    fn a_key_is_taken_until_its_guard_goes() {
        let in_flight = InFlight::default();
        let guard = in_flight.enter(&scope("", "k")).unwrap();
        assert_eq!(in_flight.clone().enter(&scope("", "k")).unwrap_err(), IdempotencyError::InProgress);
        assert!(in_flight.enter(&scope("", "K")).is_ok() && in_flight.enter(&scope("ana", "k")).is_ok());
        drop(guard);
        assert!(in_flight.enter(&scope("", "k")).is_ok());
    }
}
