//! One kind of value, kept for a while.

use std::fmt::{self, Display};
use std::future::Future;
use std::sync::Arc;

use super::Namespace;
use super::builder::CacheBuilder;
use super::inner::Inner;
use super::key::KeyText;
use super::load::{Loading, Optional, Present};
use super::memory::Wanted;
use super::outcome::CacheOutcome;
use super::ttl::{Keep, Ttl};
use crate::Failure;

/// Values of one type by their keys. Clones are handles of the same cache.
///
/// A key is anything that can be written: a text, a number, an id. One longer than [`MAX_KEY`](super::MAX_KEY) bytes is not kept.
/// No operation fails because of the cache, and a hit hands out what is kept, without a copy.
///
/// ```
/// use std::time::Duration;
/// use standards_core::Failure;
/// use standards_core::cache::{Cache, Namespace};
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// let clientes: Cache<String> = Cache::in_process(Namespace::new("cliente", 1));
/// let minute = Duration::from_secs(60);
/// let ana = clientes.get_or_load(&42, minute, || async { Ok("Ana".to_owned()) }).await?;
/// // Nobody is asked again.
/// let again = clientes.get_or_load(&42, minute, || async { Err(Failure::unavailable("no database")) }).await?;
/// assert_eq!((ana.as_str(), again.as_str()), ("Ana", "Ana"));
///
/// clientes.delete(&42).await;
/// assert_eq!(clientes.get(&42).await, None);
/// # Ok::<(), Failure>(())
/// # }).unwrap();
/// ```
pub struct Cache<T>(pub(super) Arc<Inner<T>>);

// These functions take the text of a key before they wait: a future that borrows the key cannot be shown to be `Send` in an axum handler.
impl<T: Send + Sync + 'static> Cache<T> {
    /// In the memory of this process, with the bounds of the default [`CachePolicy`](super::CachePolicy).
    #[must_use]
    pub fn in_process(namespace: Namespace) -> Self {
        Self::builder(namespace).build()
    }

    /// With bounds and parts of one's own.
    pub fn builder(namespace: Namespace) -> CacheBuilder<T> {
        CacheBuilder::new(namespace)
    }

    /// The value of `key`; loads it where it is not kept.
    ///
    /// However many ask, one load is made, in a task of its own for the request of who asked first: it goes on when they leave. From 80 to
    /// 90 % of its time on a value is loaded anew in the background by the first who asks for it, while all get what is there. A load that
    /// has taken longer than [`CachePolicy::with_patience`](super::CachePolicy::with_patience) keeps nobody else from loading. What is
    /// annulled while it is loaded is not kept.
    ///
    /// The time counts from the beginning of the load.
    ///
    /// # Errors
    ///
    /// The loader's own, and 500 `INTERNAL_ERROR` where it panics: told to all who wait for it, and not kept.
    ///
    /// # Panics
    ///
    /// Outside a Tokio runtime, where the value has to be loaded.
    ///
    /// # Example: a time that depends on the value
    ///
    /// ```
    /// use std::time::Duration;
    /// use standards_core::Failure;
    /// use standards_core::cache::{Cache, Namespace, Ttl};
    ///
    /// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
    /// let tasas: Cache<f64> = Cache::in_process(Namespace::new("tasa", 1));
    /// let ttl = |tasa: &f64| if *tasa > 0.0 { Ttl::immutable(Duration::from_secs(3_600)) } else { Ttl::changing(Duration::ZERO) };
    /// assert_eq!(*tasas.get_or_load("UF", ttl, || async { Ok(0.0) }).await?, 0.0);
    /// assert_eq!(*tasas.get_or_load("UF", ttl, || async { Ok(1.5) }).await?, 1.5);
    /// # Ok::<(), Failure>(())
    /// # }).unwrap();
    /// ```
    pub fn get_or_load<'c, Q, K, F, R>(
        &'c self,
        key: &Q,
        ttl: K,
        loader: F,
    ) -> impl Future<Output = Result<Arc<T>, Failure>> + Send + use<'c, T, Q, K, F, R>
    where
        Q: Display + ?Sized,
        K: Keep<T>,
        F: FnOnce() -> R + Send + 'static,
        R: Future<Output = Result<T, Failure>> + Send,
    {
        let obtained = self.0.obtain(KeyText::of(key), Wanted::Value, Loading { loader: Present(loader), keep: ttl });
        async move { obtained.await?.ok_or_else(|| Failure::internal("a loader brought no value")) }
    }

    /// The same for what may not be there; that it is not is kept too, for [`CachePolicy::with_negative_ttl`](super::CachePolicy::with_negative_ttl).
    ///
    /// ```
    /// use std::time::Duration;
    /// use standards_core::Failure;
    /// use standards_core::cache::{Cache, Namespace};
    ///
    /// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
    /// let clientes: Cache<String> = Cache::in_process(Namespace::new("cliente", 1));
    /// let minute = Duration::from_secs(60);
    /// assert_eq!(clientes.find_or_load(&7, minute, || async { Ok(None) }).await?, None);
    /// assert_eq!(clientes.find_or_load(&7, minute, || async { Err(Failure::unavailable("asked again")) }).await?, None);
    /// # Ok::<(), Failure>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    ///
    /// As [`get_or_load`](Self::get_or_load).
    ///
    /// # Panics
    ///
    /// As [`get_or_load`](Self::get_or_load).
    pub fn find_or_load<'c, Q, K, F, R>(
        &'c self,
        key: &Q,
        ttl: K,
        loader: F,
    ) -> impl Future<Output = Result<Option<Arc<T>>, Failure>> + Send + use<'c, T, Q, K, F, R>
    where
        Q: Display + ?Sized,
        K: Keep<T>,
        F: FnOnce() -> R + Send + 'static,
        R: Future<Output = Result<Option<T>, Failure>> + Send,
    {
        self.0.obtain(KeyText::of(key), Wanted::Any, Loading { loader: Optional(loader), keep: ttl })
    }

    /// The value, if it is kept.
    pub fn get<'c, Q: Display + ?Sized>(&'c self, key: &Q) -> impl Future<Output = Option<Arc<T>>> + Send + use<'c, T, Q> {
        self.0.get(KeyText::of(key))
    }

    /// Whether a value is kept.
    pub fn exists<'c, Q: Display + ?Sized>(&'c self, key: &Q) -> impl Future<Output = bool> + Send + use<'c, T, Q> {
        let value = self.get(key);
        async move { value.await.is_some() }
    }

    /// Keeps a value, in place of what there was and of what is just being loaded.
    ///
    /// It is in memory at once; what a shared level is told goes on when the caller leaves.
    pub fn set<'c, Q: Display + ?Sized, K: Into<Ttl>>(
        &'c self,
        key: &Q,
        value: T,
        ttl: K,
    ) -> impl Future<Output = ()> + Send + use<'c, T, Q, K> {
        self.0.set(KeyText::of(key), value, ttl.into())
    }

    /// Annuls a key: what is kept of it, and what is being loaded. To be called when what it was made of has changed, after the commit.
    ///
    /// Whoever asks this instance from now on is not given it. Memory forgets it first, then the shared level, which tells the other instances;
    /// that goes on when the caller leaves. `false` where the shared level gave no answer: then it is told again as soon as it does, is not
    /// believed of this key here until it has, and other instances may give what they have for as long as
    /// [`CachePolicy::with_staleness`](super::CachePolicy::with_staleness) says.
    pub fn delete<'c, Q: Display + ?Sized>(&'c self, key: &Q) -> impl Future<Output = bool> + Send + use<'c, T, Q> {
        self.0.delete(KeyText::of(key))
    }

    /// Annuls all keys of the namespace, as [`delete`](Self::delete) does one.
    pub async fn clear(&self) -> bool {
        self.0.clear().await
    }

    /// How often that happened in this cache.
    #[must_use]
    pub fn count(&self, outcome: CacheOutcome) -> u64 {
        self.0.tally.count(outcome)
    }

    /// How many entries there are in memory, about; some may have expired.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.0.memory.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whose keys they are.
    #[must_use]
    pub fn namespace(&self) -> Namespace {
        self.0.namespace
    }
}

impl<T> Clone for Cache<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> fmt::Debug for Cache<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cache").field("namespace", &self.0.namespace).field("counts", &self.0.tally).finish_non_exhaustive()
    }
}
