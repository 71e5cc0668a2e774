//! Where a key counts, and what it was used for.

use std::sync::Arc;

use super::Key;
use crate::context::{self, RequestContext};
use crate::language::Language;

/// The place in which a key stands for one request: whose it is, and for which operation.
///
/// The operation is the route's template, `POST /pagos/{id}/anulacion`: the same key on another pago is another request.
///
/// ```
/// use standards_core::idempotency::KeyScope;
///
/// let ana = KeyScope::new("ana", "POST /pagos", "k-1".parse()?);
/// let eva = KeyScope::new("eva", "POST /pagos", "k-1".parse()?);
/// assert_ne!(ana, eva, "one client cannot meet another one's key");
/// # Ok::<(), standards_core::idempotency::IdempotencyError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct KeyScope {
    subject: Arc<str>,
    operation: &'static str,
    key: Key,
}

impl KeyScope {
    /// The key of `subject` (empty where nobody is authenticated) for `operation`.
    pub fn new(subject: impl Into<Arc<str>>, operation: &'static str, key: Key) -> Self {
        Self { subject: subject.into(), operation, key }
    }

    /// Whose key it is.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// The template of the operation's route.
    #[must_use]
    pub const fn operation(&self) -> &'static str {
        self.operation
    }

    /// The key itself.
    #[must_use]
    pub fn key(&self) -> &str {
        self.key.as_str()
    }
}

/// A request under a key: the same key with another fingerprint is another request, and refused.
///
/// ```
/// use standards_core::Language;
/// use standards_core::idempotency::{KeyScope, KeyedRequest};
///
/// let scope = KeyScope::new("ana", "POST /pagos", "k-1".parse()?);
/// let request = KeyedRequest::new(scope, "monto=100.50;moneda=CLP").in_language(Language::En);
/// assert_eq!(request.fingerprint(), "monto=100.50;moneda=CLP");
/// assert_eq!(request.language(), Language::En);
/// # Ok::<(), standards_core::idempotency::IdempotencyError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyedRequest {
    scope: KeyScope,
    fingerprint: Box<str>,
    language: Language,
}

impl KeyedRequest {
    /// What was asked for under the key: every parsed value, those of the path included, in one form only. `100.5` and `100.50` are
    /// one amount and must be one fingerprint. The outcome is told in the language of the request at hand, else in Spanish.
    pub fn new(scope: KeyScope, fingerprint: impl Into<Box<str>>) -> Self {
        let language = context::with_current(|request| request.map_or_else(Language::default, RequestContext::language));
        Self { scope, fingerprint: fingerprint.into(), language }
    }

    /// The same request, whose outcome is told in this language.
    #[must_use]
    pub fn in_language(self, language: Language) -> Self {
        Self { language, ..self }
    }

    /// Where the key counts.
    #[must_use]
    pub const fn scope(&self) -> &KeyScope {
        &self.scope
    }

    /// What was asked for.
    #[must_use]
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// The language in which its outcome is told, now and whenever it is repeated.
    #[must_use]
    pub const fn language(&self) -> Language {
        self.language
    }
}
