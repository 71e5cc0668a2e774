//! The store that a service's state holds.

use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use sqlx::{Database, Pool};
use tokio::task::JoinHandle;

use super::engine::SqlEngine;
use super::outcome::StoredOutcome;
use super::reaper::Reaper;
use super::settle::{self, Settled};
use super::transaction::LentTransaction;
use crate::context;
use crate::failure::Failure;
use crate::idempotency::{IdempotencyStore, InFlight, Key, Keyed, KeyedRequest};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Fails where there is no such table, or another one.
const LOOK: &str = "select sujeto, operacion, clave, huella, idioma, resultado, created_at from idempotencia where 1 = 0";

/// Performs effects at most once per key, in the database in which they are performed. Clones share the keys in flight.
///
/// The outcome is written in the transaction of the effect, so that neither is there without the other, whatever ends the process, the
/// connection or the client in between. Kept are successes and refusals with status 400, for 24 hours
/// ([`with_ttl`](Self::with_ttl)); any other failure undoes all and leaves the key free. While a request is being worked on, another one
/// under its key is 409 `IDEMPOTENCY_EN_PROCESO`; on SQLite, in another process, it waits its turn to write.
#[derive(Debug)]
pub struct SqlStore<DB: Database> {
    pool: Pool<DB>,
    in_flight: InFlight,
    subject: Arc<str>,
    ttl: Duration,
}

/// An effect of [`SqlStore`] as an [`IdempotencyStore`], made by [`SqlStore::effect`].
pub type SqlEffect<DB> = Box<dyn FnOnce(LentTransaction<DB>) -> Performing + Send>;

type Performing = Pin<Box<dyn Future<Output = Result<Box<RawValue>, Failure>> + Send>>;

impl<DB: SqlEngine> SqlStore<DB> {
    /// A store in the table `idempotencia` of this database, which [`migrate`](Self::migrate) or a migration of the service's has made.
    #[must_use]
    pub fn new(pool: Pool<DB>) -> Self {
        Self { pool, in_flight: InFlight::default(), subject: Arc::default(), ttl: DAY }
    }

    /// Keeps outcomes for so long: a duration, or the setting of [`IdempotencySettings`](crate::idempotency::IdempotencySettings).
    #[must_use]
    pub fn with_ttl(self, ttl: impl Into<Duration>) -> Self {
        Self { ttl: ttl.into(), ..self }
    }

    /// Makes the table where there is none. Instances that start at once do not get in each other's way; where the table is there it is only
    /// looked at, so a role without the right to make one will do.
    ///
    /// # Errors
    ///
    /// When the database cannot be reached, the table cannot be made, or there is another one of that name.
    pub async fn migrate(&self) -> sqlx::Result<()> {
        let mut connection = self.pool.acquire().await?;
        if DB::execute(&mut connection, LOOK).await.is_ok() {
            return Ok(());
        }
        drop(connection);
        let mut transaction = DB::begin(&self.pool).await?;
        DB::execute(&mut transaction, DB::MIGRATION).await?;
        DB::execute(&mut transaction, LOOK).await?;
        transaction.commit().await
    }

    /// Deletes outcomes that are too old, again and again, until the pool is closed: `idempotencia.start_reaper();` where the service starts,
    /// `pool.close().await` in its `on_stop`.
    ///
    /// Once a minute, more often where they are kept for less than ten, so many at a time that nobody is held up. A record says how many it
    /// was where it was any, or why it could not be done. Each instance of the service may do it: they leave each other's rows alone.
    ///
    /// ```
    /// # #[cfg(feature = "sqlx-sqlite")]
    /// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
    /// use sqlx::SqlitePool;
    /// use standards_core::idempotency::sql::SqliteStore;
    ///
    /// let pool = SqlitePool::connect("sqlite::memory:").await?;
    /// let reaper = SqliteStore::new(pool.clone()).start_reaper();
    /// pool.close().await;
    /// assert!(reaper.await.is_ok());
    /// # Ok::<(), sqlx::Error>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Panics
    ///
    /// Outside a Tokio runtime.
    pub fn start_reaper(&self) -> JoinHandle<()> {
        context::spawn_worker(Reaper::new(self.clone(), self.pool.clone(), self.ttl).run())
    }

    /// The same store for the keys of `subject`, whom the request has authenticated. Without it all keys are nobody's.
    #[must_use]
    pub fn of_subject(&self, subject: impl Into<Arc<str>>) -> Self {
        Self { subject: subject.into(), ..self.clone() }
    }

    /// Performs the effect at most once for this key, and tells what came of it, now or then. Without a key it is performed.
    ///
    /// `values` is what was asked for: the parsed body, or a tuple of it and what else counts. Another request under the same key is one
    /// whose values or path differ. The effect is given the transaction and the values; it fails with a `Failure`, and what it wrote is
    /// undone. It runs in a task of its own, to its end, whether or not anybody waits for it, so no request's future owns a transaction.
    ///
    /// The data is read back from what is kept, so that the first answer and each repetition are the same: a type that does not read what
    /// it wrote fails the first time, and nothing is done. Where the type changes between releases, `#[serde(default)]` keeps yesterday's
    /// outcomes readable.
    ///
    /// `standards-axum`'s `into_reply` makes the answer: `store.once(key, body, async |mut tx, body| pay(&mut tx, body).await).await?.into_reply()`.
    ///
    /// # Errors
    ///
    /// The effect's own failure unless it is a 400, which is an outcome; 409 `IDEMPOTENCY_EN_PROCESO` while another request with the key is
    /// being worked on; 503 where the database cannot be reached, or 500.
    #[track_caller]
    pub fn once<K, V, T, F, Fut>(
        &self,
        key: Option<K>,
        values: V,
        effect: F,
    ) -> impl Future<Output = Settled<T>> + Send + use<DB, K, V, T, F, Fut>
    where
        K: Into<Key>,
        V: Serialize + Send + 'static,
        T: Serialize + DeserializeOwned + Send + 'static,
        F: FnOnce(LentTransaction<DB>, V) -> Fut + Send + 'static,
        Fut: Future<Output = Result<T, Failure>> + Send + 'static,
    {
        let (store, line, key) = (self.clone(), Location::caller(), key.map(K::into));
        async move { store.begin(key, values, effect).await.map_err(|failure| failure.met_in(folder(), line)) }
    }

    async fn begin<V, T, F, Fut>(self, key: Option<Key>, values: V, effect: F) -> Settled<T>
    where
        V: Serialize + Send + 'static,
        T: Serialize + DeserializeOwned + Send + 'static,
        F: FnOnce(LentTransaction<DB>, V) -> Fut + Send + 'static,
        Fut: Future<Output = Result<T, Failure>> + Send + 'static,
    {
        let request = key.map(|key| KeyedRequest::current(self.subject.clone(), key, &values)).transpose()?;
        let effect = move |transaction| effect(transaction, values);
        match request {
            Some(request) => self.under(request, effect).await,
            None => context::spawn(async move { settle::perform(&self.pool, effect).await }).await?,
        }
    }

    async fn under<T, F, Fut>(self, request: KeyedRequest, effect: F) -> Settled<T>
    where
        T: Serialize + DeserializeOwned + Send + 'static,
        F: FnOnce(LentTransaction<DB>) -> Fut + Send + 'static,
        Fut: Future<Output = Result<T, Failure>> + Send + 'static,
    {
        let guard = match self.in_flight.enter(request.scope()) {
            Ok(guard) => guard,
            // The first request may have ended meanwhile.
            Err(in_progress) => {
                let found = settle::find(&self.pool, &request, self.ttl).await?;
                return found.ok_or_else(|| in_progress.into());
            }
        };
        let work = async move {
            let settled = settle::settle(&self.pool, &request, self.ttl, effect).await;
            drop(guard);
            settled
        };
        context::spawn(work).await?
    }

    /// An effect for [`IdempotencyStore::perform`]: the same as [`once`](Self::once) takes, its outcome as JSON.
    pub fn effect<T, F, Fut>(effect: F) -> SqlEffect<DB>
    where
        T: Serialize,
        F: FnOnce(LentTransaction<DB>) -> Fut + Send + 'static,
        Fut: Future<Output = Result<T, Failure>> + Send + 'static,
    {
        Box::new(|transaction| {
            let performing = effect(transaction);
            Box::pin(async { Ok(serde_json::value::to_raw_value(&performing.await?)?) })
        })
    }
}

/// Where failures are met that somebody else has made.
fn folder() -> &'static str {
    file!().strip_suffix("store.rs").unwrap_or(file!())
}

impl<DB: SqlEngine> IdempotencyStore for SqlStore<DB> {
    type Effect = SqlEffect<DB>;
    type Outcome = StoredOutcome;

    async fn perform(&self, request: &KeyedRequest, effect: SqlEffect<DB>) -> Result<Keyed<StoredOutcome>, Failure> {
        let stored = |result: Result<Box<RawValue>, Failure>| StoredOutcome::of(result.as_ref());
        Ok(match self.clone().under(request.clone(), effect).await? {
            Keyed::Fresh(result) => Keyed::Fresh(stored(result)?),
            Keyed::Replayed(result, language) => Keyed::Replayed(stored(result)?, language),
            Keyed::Reused => Keyed::Reused,
        })
    }

    async fn reap(&self, older_than: Duration, at_most: u32) -> Result<u64, Failure> {
        Ok(DB::reap(&self.pool, older_than, at_most).await?)
    }
}

impl<DB: Database> Clone for SqlStore<DB> {
    fn clone(&self) -> Self {
        let Self { pool, in_flight, subject, ttl } = self;
        Self { pool: pool.clone(), in_flight: in_flight.clone(), subject: subject.clone(), ttl: *ttl }
    }
}
