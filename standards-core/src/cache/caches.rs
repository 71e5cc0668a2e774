//! Where all caches of a service keep their values.

use std::fmt;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Cache, CacheBuilder, CacheObserver, Namespace, SharedHealth, SharedLevel};

/// Makes the caches of a service: in memory, and before a shared level where there is one. Clones make the same.
///
/// ```
/// use standards_core::cache::{Cache, Caches, Namespace};
///
/// let caches = Caches::in_process();
/// let clientes: Cache<String> = caches.cache(Namespace::new("cliente", 1));
/// assert_eq!((clientes.len(), caches.health()), (0, None));
/// ```
#[derive(Clone, Default)]
pub struct Caches {
    level: Option<Arc<dyn SharedLevel>>,
    observer: Option<Arc<dyn CacheObserver>>,
}

impl Caches {
    /// Each process for itself.
    #[must_use]
    pub fn in_process() -> Self {
        Self::default()
    }

    /// Memory before this level.
    #[must_use]
    pub fn shared_by(level: Arc<dyn SharedLevel>) -> Self {
        Self { level: Some(level), observer: None }
    }

    /// Tells `observer` of all that happens in the caches that are made from now on.
    #[must_use]
    pub fn observed_by(self, observer: Arc<dyn CacheObserver>) -> Self {
        Self { observer: Some(observer), ..self }
    }

    /// A cache with the bounds of the default [`CachePolicy`](super::CachePolicy).
    #[must_use]
    pub fn cache<T: Serialize + DeserializeOwned + Send + Sync + 'static>(&self, namespace: Namespace) -> Cache<T> {
        self.builder(namespace).build()
    }

    /// A cache with bounds of its own.
    pub fn builder<T: Serialize + DeserializeOwned + Send + Sync + 'static>(&self, namespace: Namespace) -> CacheBuilder<T> {
        let mut builder = Cache::builder(namespace);
        if let Some(level) = &self.level {
            builder = builder.shared_by(Arc::clone(level));
        }
        match &self.observer {
            Some(observer) => builder.observed_by(Arc::clone(observer)),
            None => builder,
        }
    }

    /// How the shared level is, for a readiness check: nothing is asked. `None` where there is none.
    #[must_use]
    pub fn health(&self) -> Option<SharedHealth> {
        self.level.as_ref().map(|level| level.health())
    }
}

impl fmt::Debug for Caches {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Caches").field("health", &self.health()).finish_non_exhaustive()
    }
}
