//! Outcomes kept under an `Idempotency-Key`.

use std::sync::Arc;
use std::time::Duration;

use standards_core::Language;
use standards_core::idempotency::Key;
use standards_core::idempotency::{KeyScope, KeyedRequest};

use super::stored::Stored;
use crate::database::{BoxFuture, RepositoryError};

/// The key of a request, what the request asks for, and the language in which its outcome is told. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Clave(Arc<Detalle>);

#[derive(Debug)]
struct Detalle {
    request: KeyedRequest,
    idioma: Language,
}

/// What became of an operation that may have been done before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resolucion<T> {
    /// Decided now.
    Nueva(T),
    /// Decided when the key was first used, and told in this language.
    Repetida(T, Language),
    /// The key belongs to another request; nothing was done.
    Reutilizada,
}

/// The outcomes that are kept. They are written by the operations themselves, each in its own transaction.
pub trait OutcomeRepository: Send + Sync {
    /// What is kept under the key, if anything is. Waits for no operation that is under way.
    fn buscar(&self, clave: Clave) -> BoxFuture<'_, Option<StoredOutcome>>;

    /// Deletes the outcomes older than that, so many at most; returns how many it was. What lies further ahead than that counts from
    /// now on. PostgreSQL's clock decides; on SQLite that of the process, which no setting of the machine's clock moves.
    fn reap(&self, older_than: Duration, at_most: u32) -> BoxFuture<'_, u64>;
}

/// An outcome as it is kept.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct StoredOutcome {
    /// What the first request asked for.
    pub(super) huella: String,
    pub(super) idioma: String,
    pub(super) resultado: String,
}

impl Clave {
    /// The key of `sujeto` (empty where nobody is authenticated) for a request whose parsed values are `huella`.
    pub fn new(sujeto: &str, operacion: &'static str, key: Key, huella: String, idioma: Language) -> Self {
        let request = KeyedRequest::new(KeyScope::new(sujeto, operacion, key), huella);
        Self::of(request, idioma)
    }

    /// The same from a request that is put together already.
    #[must_use]
    pub fn of(request: KeyedRequest, idioma: Language) -> Self {
        Self(Arc::new(Detalle { request, idioma }))
    }

    /// Where the key counts.
    #[must_use]
    pub fn scope(&self) -> &KeyScope {
        self.0.request.scope()
    }

    pub(super) fn sujeto(&self) -> &str {
        self.scope().subject()
    }

    pub(super) fn operacion(&self) -> &'static str {
        self.scope().operation()
    }

    pub(super) fn texto(&self) -> &str {
        self.scope().key()
    }

    pub(super) fn huella(&self) -> &str {
        self.0.request.fingerprint()
    }

    pub(super) fn idioma(&self) -> &'static str {
        self.0.idioma.tag()
    }
}

impl StoredOutcome {
    /// The outcome for a request with this key: the kept one, or that the key belongs to another.
    ///
    /// # Errors
    ///
    /// When the outcome is kept in a form that is unknown here.
    pub fn resolver<T: Stored>(&self, clave: &Clave) -> Result<Resolucion<T>, RepositoryError> {
        if self.huella != clave.huella() {
            return Ok(Resolucion::Reutilizada);
        }
        repetida(&self.resultado, &self.idioma)
    }
}

/// A kept outcome whose request is known to be the same.
pub(super) fn repetida<T: Stored>(resultado: &str, idioma: &str) -> Result<Resolucion<T>, RepositoryError> {
    let idioma = if idioma == Language::En.tag() { Language::En } else { Language::Es };
    Ok(Resolucion::Repetida(T::leer(resultado)?, idioma))
}
