//! A function whose results are kept: the guideline's `@cached`.

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::sync::Arc;

use serde::Serialize;

use super::{Cache, Ttl};
use crate::Failure;

/// A function with a cache before it. Clones share both.
pub struct Cached<A, T, F> {
    cache: Cache<T>,
    ttl: Ttl,
    function: Arc<F>,
    argument: PhantomData<fn(A)>,
}

/// Keeps what `function` returns by its argument (guideline section 4, "Cache con Resilencia"): one line around it.
///
/// The key is the argument as JSON, so it is the same in every process and every version of the program; several arguments are a tuple.
/// An argument whose JSON has no one order, as a `HashMap`'s, is none for this.
///
/// ```
/// use std::time::Duration;
/// use standards_core::Failure;
/// use standards_core::cache::{Cache, Namespace, cached};
///
/// async fn saldo((cliente, moneda): (i64, String)) -> Result<String, Failure> {
///     Ok(format!("{cliente} tiene 100 {moneda}"))
/// }
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// let saldos = Cache::in_process(Namespace::new("saldo", 1));
/// let saldo = cached(&saldos, Duration::from_secs(60), saldo);
/// assert_eq!(*saldo.call((7, "CLP".to_owned())).await?, "7 tiene 100 CLP");
/// assert_eq!(saldos.get(r#"[7,"CLP"]"#).await.as_deref().map(String::as_str), Some("7 tiene 100 CLP"));
/// saldo.forget(&(7, "CLP".to_owned())).await;
/// assert!(!saldos.exists(r#"[7,"CLP"]"#).await);
/// # Ok::<(), Failure>(())
/// # }).unwrap();
/// ```
pub fn cached<A, T: Send + Sync + 'static, F>(cache: &Cache<T>, ttl: impl Into<Ttl>, function: F) -> Cached<A, T, F> {
    Cached { cache: cache.clone(), ttl: ttl.into(), function: Arc::new(function), argument: PhantomData }
}

impl<A: Serialize, T: Send + Sync + 'static, F> Cached<A, T, F> {
    /// What the function returns for this argument, now or when it was called before.
    ///
    /// # Errors
    ///
    /// The function's own, and 500 `INTERNAL_ERROR` where it panics or the argument cannot be written as JSON.
    pub async fn call<R>(&self, argument: A) -> Result<Arc<T>, Failure>
    where
        A: Send + 'static,
        F: Fn(A) -> R + Send + Sync + 'static,
        R: Future<Output = Result<T, Failure>> + Send,
    {
        let (key, function) = (key_of(&argument)?, Arc::clone(&self.function));
        self.cache.get_or_load(&key, self.ttl, move || function(argument)).await
    }

    /// Annuls what is kept for this argument, as [`Cache::delete`] does.
    pub async fn forget(&self, argument: &A) {
        if let Ok(key) = key_of(argument) {
            self.cache.delete(&key).await;
        }
    }
}

fn key_of(argument: &impl Serialize) -> Result<String, Failure> {
    serde_json::to_string(argument).map_err(|error| Failure::internal(error))
}

impl<A, T, F> Clone for Cached<A, T, F> {
    fn clone(&self) -> Self {
        Self { cache: self.cache.clone(), ttl: self.ttl, function: Arc::clone(&self.function), argument: PhantomData }
    }
}

impl<A, T, F> fmt::Debug for Cached<A, T, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cached").field("cache", &self.cache).field("ttl", &self.ttl).finish_non_exhaustive()
    }
}
