//! PostgreSQL's connections: so many at most, kept open, each with one user at a time.

use std::mem;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection as _, PgConnection};
use standards_core::context;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::connector::Connector;
use super::limit::Limit;
use super::{BoxFuture, DatabaseOptions, RepositoryError};

/// The guideline's `pool_recycle`.
const MAX_LIFETIME: Duration = Duration::from_secs(3600);
/// How long a connection may lie idle at all.
const MAX_IDLE: Duration = Duration::from_secs(600);
/// How long a connection may have been idle and still be trusted without a ping. A ping before each use would double the round
/// trips of a busy service; after a pause it is what notices that the server was restarted.
const TRUSTED_IDLE: Duration = Duration::from_secs(1);
/// How long one connection may take to say goodbye.
const GOODBYE: Duration = Duration::from_millis(100);

/// The connections to a server. Clones share them.
///
/// sqlx's own pool does what must not be done to a server in trouble: each of its users goes on connecting within `acquire` while
/// the server refuses, and it waits without limit for a connection whose server is silent. It also asks the server about every
/// connection that comes back, whose last answer was read to the end as well: a round trip more for each batch of payments.
#[derive(Clone)]
pub(super) struct Pool(Arc<Inner>);

struct Inner {
    connector: Connector,
    options: DatabaseOptions,
    /// One for each connection that may be in use.
    places: Arc<Semaphore>,
    shelf: Mutex<Shelf>,
    returned: Notify,
    closed: AtomicBool,
}

/// The connections that are open.
#[derive(Default)]
struct Shelf {
    /// The last one to come back stands last, and is taken first.
    idle: Vec<Idle>,
    lent: usize,
}

struct Idle {
    open: Open,
    since: Instant,
}

impl Idle {
    fn is_trusted(&self) -> bool {
        self.since.elapsed() < TRUSTED_IDLE
    }
}

/// A connection.
struct Open {
    connection: PgConnection,
    limit: Limit,
    since: Instant,
}

/// A connection in use. When it is dropped it is closed.
pub(super) struct Loan {
    open: Open,
    lent: Lent,
    _place: OwnedSemaphorePermit,
}

/// Counts as a connection in use until it is dropped.
struct Lent(Pool);

impl Pool {
    pub(super) fn new(session: PgConnectOptions, options: DatabaseOptions) -> Self {
        let size = usize::try_from(options.pool_size).unwrap_or(Semaphore::MAX_PERMITS);
        Self(Arc::new(Inner {
            connector: Connector::new(session),
            options,
            places: Arc::new(Semaphore::new(size)),
            shelf: Mutex::default(),
            returned: Notify::new(),
            closed: AtomicBool::new(false),
        }))
    }

    /// A connection: one that lies idle, a new one, or, where the server takes none, the next one to come back.
    ///
    /// # Errors
    ///
    /// When none is to be had within the acquire timeout; at once when the server takes none and nobody has one to give back.
    pub(super) async fn acquire(&self) -> Result<Loan, RepositoryError> {
        if let Some(loan) = self.at_hand() {
            return Ok(loan);
        }
        let acquired = timeout(self.0.options.acquire_timeout, self.wait_for_one()).await;
        acquired.unwrap_or_else(|_| {
            self.0.connector.doubt();
            Err(sqlx::Error::PoolTimedOut.into())
        })
    }

    /// A connection that can be had without waiting for anything, not even a timer.
    fn at_hand(&self) -> Option<Loan> {
        let place = self.0.places.clone().try_acquire_owned().ok().filter(|_| !self.0.closed.load(Ordering::Acquire))?;
        let (Idle { open, .. }, lent) = self.take(Idle::is_trusted)?;
        Some(Loan { open, lent, _place: place })
    }

    async fn wait_for_one(&self) -> Result<Loan, RepositoryError> {
        let place = self.0.places.clone().acquire_owned().await.map_err(|_| sqlx::Error::PoolClosed)?;
        loop {
            let mut returned = pin!(self.0.returned.notified());
            returned.as_mut().enable();
            if self.0.closed.load(Ordering::Acquire) {
                return Err(sqlx::Error::PoolClosed.into());
            }
            if let Some((open, lent)) = self.reuse().await {
                return Ok(Loan { open, lent, _place: place });
            }
            match self.0.connector.connect().await {
                Ok(connection) => return Ok(Loan { open: Open::new(connection), lent: self.lend(), _place: place }),
                Err(error) if self.is_empty() => return Err(error),
                Err(_) => returned.await,
            }
        }
    }

    /// A connection that lies idle and is still good.
    async fn reuse(&self) -> Option<(Open, Lent)> {
        while let Some((mut idle, lent)) = self.take(|_| true) {
            if idle.is_trusted() || idle.open.connection.ping().await.is_ok() {
                return Some((idle.open, lent));
            }
            self.0.connector.doubt();
        }
        None
    }

    /// The last one to come back, if it is good enough.
    fn take(&self, is_good: impl FnOnce(&Idle) -> bool) -> Option<(Idle, Lent)> {
        let mut shelf = self.shelf();
        let idle = shelf.idle.pop_if(|idle| is_good(idle))?;
        shelf.lent += 1;
        Some((idle, Lent(self.clone())))
    }

    fn lend(&self) -> Lent {
        self.shelf().lent += 1;
        Lent(self.clone())
    }

    /// Whether no connection is open.
    fn is_empty(&self) -> bool {
        let shelf = self.shelf();
        shelf.idle.is_empty() && shelf.lent == 0
    }

    fn keep(&self, open: Open) {
        let (mut shelf, mut old) = (self.shelf(), None);
        if shelf.idle.first().is_some_and(|idle| idle.since.elapsed() > MAX_IDLE) {
            old = Some(shelf.idle.remove(0));
        }
        if open.since.elapsed() < MAX_LIFETIME {
            shelf.idle.push(Idle { open, since: Instant::now() });
        }
        drop(shelf);
        drop(old);
    }

    /// Gives no connection away any more, waits for those in use, and closes them.
    pub(super) async fn close(&self) {
        self.0.closed.store(true, Ordering::Release);
        self.0.returned.notify_waiters();
        // It fails only when this has been done before.
        drop(self.0.places.acquire_many(self.0.options.pool_size).await);
        self.0.places.close();
        let idle = mem::take(&mut self.shelf().idle);
        for Idle { open, .. } in idle {
            let _server_gone = timeout(GOODBYE, open.connection.close()).await;
        }
    }

    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.0.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open {
    fn new(connection: PgConnection) -> Self {
        Self { connection, limit: Limit::new(), since: Instant::now() }
    }
}

impl Loan {
    /// The outcome of `work` on the connection, if it takes no longer than `patience`.
    pub(super) async fn within<T, F>(&mut self, patience: Duration, work: F) -> Option<Result<T, RepositoryError>>
    where
        F: for<'c> FnOnce(&'c mut PgConnection) -> BoxFuture<'c, T>,
    {
        let Open { connection, limit, .. } = &mut self.open;
        limit.within(patience, work(connection)).await
    }

    /// Gives back a connection whose last statement was answered to its end.
    pub(super) fn give_back(self) {
        self.lent.0.keep(self.open);
    }

    /// Gives back a connection after the rest of what it was answered has been read, at most so long.
    pub(super) fn give_back_within(mut self, patience: Duration) {
        context::spawn(async move {
            match timeout(patience, self.open.connection.ping()).await {
                Ok(Ok(())) => self.give_back(),
                _ => self.discard(),
            }
        });
    }

    /// Closes a connection that broke.
    pub(super) fn discard(self) {
        self.lent.0.0.connector.doubt();
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        self.0.shelf().lent -= 1;
        self.0.0.returned.notify_waiters();
    }
}
