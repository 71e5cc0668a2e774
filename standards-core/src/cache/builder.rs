//! A cache put together.

use std::fmt;
use std::mem::size_of;
use std::sync::{Arc, Weak};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::flights::Flights;
use super::inner::Inner;
use super::memory::Memory;
use super::outcome::{CacheObserver, Tally};
use super::shared::SharedLevel;
use super::side::{Codec, Side};
use super::{Cache, CachePolicy, Namespace};

/// What a [`Cache`] is made of. [`Cache::builder`] begins it.
///
/// ```
/// use standards_core::cache::{Cache, CachePolicy, Namespace};
///
/// let textos: Cache<String> = Cache::builder(Namespace::new("texto", 1))
///     .with_policy(CachePolicy::default().with_max_bytes(1 << 20))
///     .weighed_by(String::len)
///     .build();
/// assert!(textos.is_empty());
/// ```
#[must_use = "a builder makes a cache with `build`"]
pub struct CacheBuilder<T> {
    namespace: Namespace,
    policy: CachePolicy,
    weigh: fn(&T) -> usize,
    observer: Option<Arc<dyn CacheObserver>>,
    level: Option<Arc<dyn SharedLevel>>,
    side: Option<Arc<Side<T>>>,
}

impl<T: Send + Sync + 'static> CacheBuilder<T> {
    pub(super) fn new(namespace: Namespace) -> Self {
        Self { namespace, policy: CachePolicy::default(), weigh: |_| size_of::<T>(), observer: None, level: None, side: None }
    }

    /// With these bounds.
    pub fn with_policy(self, policy: CachePolicy) -> Self {
        Self { policy, ..self }
    }

    /// Says how many bytes a value takes; without it the size of the type, which knows nothing of what is on the heap.
    pub fn weighed_by(self, weigh: fn(&T) -> usize) -> Self {
        Self { weigh, ..self }
    }

    /// Tells `observer` of all that happens.
    pub fn observed_by(self, observer: Arc<dyn CacheObserver>) -> Self {
        Self { observer: Some(observer), ..self }
    }

    /// Puts memory before a level that other processes share, where values are kept as JSON.
    pub fn shared_by(self, level: Arc<dyn SharedLevel>) -> Self
    where
        T: Serialize + DeserializeOwned,
    {
        let side = Side::new(self.namespace, Arc::clone(&level), Codec::json());
        Self { side: Some(Arc::new(side)), level: Some(level), ..self }
    }

    /// The cache.
    #[must_use]
    pub fn build(self) -> Cache<T> {
        let Self { namespace, policy, weigh, observer, level, side } = self;
        let (memory, flights) = (Memory::new(&policy), Arc::new(Flights::new(policy.patience)));
        let tally = Tally::new(namespace, observer);
        let inner = Arc::new(Inner { namespace, policy, weigh, memory, flights, tally, shared: side });
        if let Some(level) = level {
            let listener: Weak<Inner<T>> = Arc::downgrade(&inner);
            level.listen(listener);
        }
        Cache(inner)
    }
}

impl<T> fmt::Debug for CacheBuilder<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CacheBuilder").field("namespace", &self.namespace).field("policy", &self.policy).finish_non_exhaustive()
    }
}
