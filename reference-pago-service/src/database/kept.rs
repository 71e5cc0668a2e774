//! The connection that a busy caller keeps.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sqlx::pool::PoolConnection;
use sqlx::postgres::PgPool;
use sqlx::{PgConnection, Postgres};
use standards_core::context;

/// How long a connection is kept without being used.
const IDLE: Duration = Duration::from_millis(100);
/// How long a connection is kept at all: the pool retires those that have lived long enough when they come back.
const TOTAL: Duration = Duration::from_secs(60);

/// Keeps one connection of a pool from one use to the next.
///
/// The pool asks the server each time that a connection comes back whether it is still there: one round trip more per statement, for
/// whoever sends one statement after the other twice as many.
#[derive(Clone)]
pub(super) struct Kept(Arc<Mutex<Slot>>);

struct Slot {
    connection: Option<Loan>,
    used: Instant,
    /// Whether somebody looks after it.
    watched: bool,
}

/// A connection in use. Dropped before its statement has ended it is closed, not given back: the pool would wait for its server
/// without limit.
pub(super) struct Loan {
    connection: Option<PoolConnection<Postgres>>,
    acquired: Instant,
}

impl Default for Kept {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(Slot { connection: None, used: Instant::now(), watched: false })))
    }
}

impl Kept {
    /// The connection that is kept, or another one.
    pub(super) async fn borrow(&self, pool: &PgPool) -> Result<Loan, sqlx::Error> {
        let kept = self.lock().connection.take();
        match kept {
            Some(loan) if !pool.is_closed() => Ok(loan),
            // A closed pool waits for it, and refuses to give another.
            Some(loan) => {
                loan.give_back();
                Err(sqlx::Error::PoolClosed)
            }
            None => Ok(Loan { connection: Some(pool.acquire().await?), acquired: Instant::now() }),
        }
    }

    /// Keeps a connection whose statement has ended well, unless another is kept already.
    pub(super) fn keep(&self, loan: Loan) {
        let mut slot = self.lock();
        slot.used = Instant::now();
        if slot.connection.is_some() || loan.acquired.elapsed() > TOTAL {
            drop(slot);
            return loan.give_back();
        }
        slot.connection = Some(loan);
        if !std::mem::replace(&mut slot.watched, true) {
            context::spawn(self.clone().watch());
        }
    }

    /// Gives the connection back once nobody uses it any more.
    async fn watch(self) {
        loop {
            tokio::time::sleep(IDLE).await;
            let mut slot = self.lock();
            if slot.used.elapsed() >= IDLE {
                slot.watched = false;
                let idle = slot.connection.take();
                drop(slot);
                return idle.into_iter().for_each(Loan::give_back);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Slot> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Loan {
    /// The connection itself.
    pub(super) fn connection(&mut self) -> Result<&mut PgConnection, sqlx::Error> {
        self.connection.as_deref_mut().ok_or(sqlx::Error::PoolClosed)
    }

    /// Lets the pool have it, which sees whether it is still good.
    pub(super) fn give_back(mut self) {
        drop(self.connection.take());
    }
}

impl Drop for Loan {
    fn drop(&mut self) {
        drop(self.connection.take().map(PoolConnection::detach));
    }
}
