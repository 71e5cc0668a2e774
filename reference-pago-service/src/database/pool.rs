//! PostgreSQL's connections: so many at most, kept open, each with one user at a time.
//!
//! `deadpool` keeps them. What is ours is when a connection is trusted, and that nobody asks a server for another one where the next to
//! come back will do.

use std::future::poll_fn;
use std::ops::{Deref, DerefMut};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::Poll;
use std::time::{Duration, Instant};

use deadpool::managed::{self, Manager, Metrics, Object, PoolError, QueueMode, RecycleError, RecycleResult};
use sqlx::{Connection as _, PgConnection};
use standards_core::context;
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};

use super::capabilities::Capabilities;
use super::connector::Connector;
use super::pool_use::{Crowd, Waiting};
use super::servers::Servers;
use super::{DatabaseOptions, PoolUse, RepositoryError};

/// The guideline's `pool_recycle`.
const MAX_LIFETIME: Duration = Duration::from_secs(3600);
/// How long a connection may lie idle at all.
const MAX_IDLE: Duration = Duration::from_secs(600);
/// How long a connection may have been idle and still be trusted without a ping. A ping before each use would double the round
/// trips of a busy service; after a pause it is what notices that the server was restarted.
const TRUSTED_IDLE: Duration = Duration::from_secs(1);
/// How long one connection may take to say goodbye.
const GOODBYE: Duration = Duration::from_millis(100);
/// How often it is looked whether the last connection has come back, once no more are given away.
const DRAIN: Duration = Duration::from_millis(10);

/// The connections to a server. Clones share them.
///
/// sqlx's own pool does what must not be done to a server in trouble: each of its users goes on connecting within `acquire` while
/// the server refuses, and it waits without limit for a connection whose server is silent. It also asks the server about every
/// connection that comes back, whose last answer was read to the end as well: a round trip more for each batch of payments.
#[derive(Clone)]
pub(super) struct Pool {
    connections: managed::Pool<Connector>,
    returned: Arc<Notify>,
    waiting: Waiting,
    acquire_timeout: Duration,
}

/// A connection as it is kept.
pub(super) struct Kept {
    connection: PgConnection,
    /// When it was given back; `None` while it is in use, and for good after a use that left an answer unread.
    idle_since: Option<Instant>,
    generation: u32,
    /// How often the writer had changed when it was made.
    writer: u32,
}

/// A connection in use. When it is dropped without having been given back it is not used again.
pub(super) struct Loan {
    connection: Object<Connector>,
    // Dropped after the connection, which is there then for whoever is woken.
    _returned: Returned,
}

/// Wakes those who wait for a connection to come back.
struct Returned(Arc<Notify>);

impl Manager for Connector {
    type Type = Kept;
    type Error = RepositoryError;

    async fn create(&self) -> Result<Kept, RepositoryError> {
        let generation = self.generation.load(Ordering::Relaxed);
        self.connect().await.map(|(connection, writer)| Kept { connection, idle_since: None, generation, writer })
    }

    async fn recycle(&self, kept: &mut Kept, metrics: &Metrics) -> RecycleResult<RepositoryError> {
        let is_current = kept.generation == self.generation.load(Ordering::Relaxed) && self.is_of_writer(kept);
        let is_good = is_current && metrics.age() < MAX_LIFETIME;
        let idle = kept.idle_since.take().filter(|_| is_good);
        let idle = idle.ok_or(RecycleError::message("in the midst of an answer, too old, or of no more use"))?.elapsed();
        if idle < TRUSTED_IDLE {
            return Ok(());
        }
        let answered = kept.connection.ping().await;
        answered.inspect_err(|_| self.doubt()).map_err(|error| RepositoryError::from(error).into())
    }
}

impl Connector {
    /// Whether no other server has become the writer since.
    fn is_of_writer(&self, kept: &Kept) -> bool {
        kept.writer == self.servers.writers.changes.load(Ordering::Acquire)
    }
}

impl Pool {
    #[expect(clippy::expect_used, reason = "only deadpool's own time limits need a runtime, and none is set")]
    pub(super) fn new(servers: Servers, options: DatabaseOptions) -> Self {
        let size = usize::try_from(options.pool_size).unwrap_or(usize::MAX);
        let pool = managed::Pool::builder(Connector::new(servers, options.shorter_ways))
            .max_size(size)
            .queue_mode(QueueMode::Lifo)
            .build();
        Self {
            connections: pool.expect("no limits"),
            returned: Arc::default(),
            waiting: Waiting::default(),
            acquire_timeout: options.acquire_timeout,
        }
    }

    /// Whom it connects to.
    pub(super) fn servers(&self) -> &Servers {
        &self.connections.manager().servers
    }

    /// What its server can do.
    pub(super) fn capabilities(&self) -> &Capabilities {
        &self.connections.manager().capabilities
    }

    /// A connection for these requests: one that lies idle, a new one, or, where the server takes none, the next one to come back.
    ///
    /// # Errors
    ///
    /// When none is to be had within the acquire timeout; at once when the server takes none and nobody has one to give back.
    pub(super) async fn acquire(&self, crowd: &Crowd) -> Result<Loan, RepositoryError> {
        let mut wait = pin!(timeout(self.acquire_timeout, self.wait_for_one()));
        let outcome = match poll_fn(|cx| Poll::Ready(wait.as_mut().poll(cx))).await {
            Poll::Ready(outcome) => outcome,
            Poll::Pending => {
                let _counted = self.waiting.enter(crowd);
                wait.await
            }
        };
        outcome.unwrap_or_else(|_| {
            self.connections.manager().doubt();
            Err(sqlx::Error::PoolTimedOut.into())
        })
    }

    async fn wait_for_one(&self) -> Result<Loan, RepositoryError> {
        loop {
            // What comes back from here on is noticed.
            let returned = self.returned.notified();
            match self.connections.get().await {
                Ok(connection) => return Ok(Loan { connection, _returned: Returned(self.returned.clone()) }),
                Err(PoolError::Backend(error)) if self.connections.status().size == 0 => return Err(error),
                Err(PoolError::Backend(_)) => returned.await,
                Err(_) => return Err(sqlx::Error::PoolClosed.into()),
            }
        }
    }

    /// How they are used now.
    pub(super) fn in_use(&self) -> PoolUse {
        let managed::Status { size, available, .. } = self.connections.status();
        PoolUse { open: size, in_use: size.saturating_sub(available), waiting: self.waiting.requests() }
    }

    /// Gives no connection away any more, waits for those in use, and closes them.
    pub(super) async fn close(&self) {
        let idle = self.connections.retain(|_, _| false).removed;
        self.connections.close();
        self.returned.notify_waiters();
        for kept in idle {
            let _server_gone = timeout(GOODBYE, kept.connection.close()).await;
        }
        let in_use = || {
            let status = self.connections.status();
            status.size + status.waiting
        };
        while in_use() > 0 {
            sleep(DRAIN).await;
        }
    }
}

impl Loan {
    /// Gives back a connection whose last statement was answered to its end.
    pub(super) fn give_back(mut self) {
        let now = Instant::now();
        self.connection.idle_since = Some(now);
        if let Some(pool) = Object::pool(&self.connection) {
            pool.retain(|kept, _| kept.idle_since.is_some_and(|since| now.duration_since(since) < MAX_IDLE));
        }
    }

    /// Gives back a connection after the rest of what it was answered has been read, at most so long.
    pub(super) fn give_back_within(mut self, patience: Duration) {
        context::spawn(async move {
            match timeout(patience, self.ping()).await {
                Ok(Ok(())) => self.give_back(),
                _ => self.discard(),
            }
        });
    }

    /// Has this connection and all that were made before replaced: their statements are prepared for other tables, or their server no
    /// longer writes.
    pub(super) fn outdate(&self) {
        if let Some(pool) = Object::pool(&self.connection) {
            pool.manager().outdate(self.connection.generation);
        }
    }

    /// Whether another server has become the writer since the connection was made: what this one says of a write counts for nothing.
    pub(super) fn is_superseded(&self) -> bool {
        Object::pool(&self.connection).is_some_and(|pool| !pool.manager().is_of_writer(&self.connection))
    }

    /// Closes a connection that broke.
    pub(super) fn discard(self) {
        if let Some(pool) = Object::pool(&self.connection) {
            pool.manager().doubt();
        }
        drop(Object::take(self.connection));
    }
}

impl Deref for Loan {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.connection.connection
    }
}

impl DerefMut for Loan {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.connection.connection
    }
}

impl Drop for Returned {
    fn drop(&mut self) {
        self.0.notify_waiters();
    }
}
