//! Where a key counts, and what it was used for.

use std::borrow::Cow;
use std::sync::Arc;

use serde::Serialize;

use super::{Fingerprint, Key};
use crate::context::{self, RequestContext};
use crate::failure::Failure;
use crate::language::Language;

/// The place in which a key stands for one request: whose it is, and for which operation.
///
/// The operation is the route's template, `POST /pagos/{id}/anulacion`: the same key on another pago is another request.
///
/// ```
/// use standards_core::idempotency::{Key, KeyScope};
///
/// let key: Key = "8e03978e".parse()?;
/// let scope = KeyScope::new("ana", "POST /pagos/{id}/anulacion", key);
/// assert_eq!((scope.subject(), scope.key()), ("ana", "8e03978e"));
/// # Ok::<(), standards_core::idempotency::IdempotencyError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct KeyScope {
    subject: Arc<str>,
    operation: Cow<'static, str>,
    key: Key,
}

impl KeyScope {
    /// The key of `subject` (empty where nobody is authenticated) for `operation`.
    pub fn new(subject: impl Into<Arc<str>>, operation: impl Into<Cow<'static, str>>, key: Key) -> Self {
        Self { subject: subject.into(), operation: operation.into(), key }
    }

    /// Whose key it is.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// The template of the operation's route.
    #[must_use]
    pub fn operation(&self) -> &str {
        &self.operation
    }

    /// The key itself.
    #[must_use]
    pub fn key(&self) -> &str {
        self.key.as_str()
    }
}

const NO_REQUEST: &str = "an Idempotency-Key outside of a request: no context tells for which operation (context::scope)";

/// A request under a key: the same key with another fingerprint is another request, and refused.
///
/// ```
/// use standards_core::Language;
/// use standards_core::idempotency::{Key, KeyScope, KeyedRequest};
///
/// let scope = KeyScope::new("ana", "POST /pagos", "8e03978e".parse::<Key>()?);
/// let request = KeyedRequest::new(scope.clone(), "cliente_id=1;monto=10050").in_language(Language::En);
/// assert_eq!((request.scope(), request.fingerprint()), (&scope, "cliente_id=1;monto=10050"));
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

    /// The request at hand under `key`, a key of `subject` (empty where nobody is authenticated).
    ///
    /// Its operation is the verb and the route's template, its fingerprint the path and [`Fingerprint::of`] `values`: the parsed body, and
    /// what of the query counts. Where no router has told the template the path stands for it.
    ///
    /// ```
    /// use standards_core::idempotency::KeyedRequest;
    /// use standards_core::{CorrelationId, Failure, RequestContext, context};
    ///
    /// let request = RequestContext::new(CorrelationId::generate(), "/pagos/7/anulacion", "POST");
    /// request.set_route("/pagos/{id}/anulacion");
    /// let keyed = context::sync_scope(request, || KeyedRequest::current("ana", "8e03978e".parse()?, &("duplicado", 7)))?;
    /// assert_eq!(keyed.scope().operation(), "POST /pagos/{id}/anulacion");
    /// assert_eq!(keyed.fingerprint(), r#"/pagos/7/anulacion ["duplicado",7]"#);
    /// # Ok::<(), Failure>(())
    /// ```
    ///
    /// # Errors
    ///
    /// 500 where there is no request at hand, since nothing would tell one operation's keys from another's, or where a value cannot be
    /// written as JSON.
    #[track_caller]
    pub fn current(subject: impl Into<Arc<str>>, key: Key, values: &(impl Serialize + ?Sized)) -> Result<Self, Failure> {
        let Some(request) = context::current() else { return Err(Failure::internal(NO_REQUEST)) };
        let fingerprint = match Fingerprint::of(values) {
            Ok(fingerprint) => format!("{} {fingerprint}", request.endpoint()),
            Err(error) => return Err(error.into()),
        };
        let operation = format!("{} {}", request.http_method(), request.route().unwrap_or_else(|| request.endpoint()));
        Ok(Self::new(KeyScope::new(subject, operation, key), fingerprint))
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
