//! Forgets what was kept long enough.

use std::time::Duration;

use sqlx::{Database, Pool};

use super::SqlStore;
use super::engine::SqlEngine;
use crate::failure::Failure;
use crate::idempotency::IdempotencyStore as _;
use crate::level::LogLevel;
use crate::log::Record;

/// Outcomes that one statement deletes at most: it must not hold up anybody.
const AT_MOST: u32 = 500;
/// The time between two statements of a round.
const BREATH: Duration = Duration::from_millis(20);
/// The time between two rounds.
const SHORTEST_INTERVAL: Duration = Duration::from_millis(100);
const LONGEST_INTERVAL: Duration = Duration::from_secs(60);

/// What [`SqlStore::start_reaper`] starts.
pub(super) struct Reaper<DB: Database> {
    store: SqlStore<DB>,
    pool: Pool<DB>,
    ttl: Duration,
    has_failed: bool,
}

impl<DB: SqlEngine> Reaper<DB> {
    pub(super) const fn new(store: SqlStore<DB>, pool: Pool<DB>, ttl: Duration) -> Self {
        Self { store, pool, ttl, has_failed: false }
    }

    pub(super) async fn run(mut self) {
        while self.has_time((self.ttl / 10).clamp(SHORTEST_INTERVAL, LONGEST_INTERVAL)).await {
            let (deleted, failure) = self.round().await;
            self.tell(deleted, failure.as_ref());
        }
    }

    /// Lets so much time pass; `false` once the pool is closed.
    async fn has_time(&self, time: Duration) -> bool {
        self.pool.close_event().do_until(tokio::time::sleep(time)).await.is_ok()
    }

    /// How many were deleted, and what kept it from more.
    async fn round(&self) -> (u64, Option<Failure>) {
        let mut deleted = 0;
        loop {
            let batch = match self.store.reap(self.ttl, AT_MOST).await {
                Ok(batch) => batch,
                Err(failure) => return (deleted, Some(failure)),
            };
            deleted += batch;
            if batch < u64::from(AT_MOST) || !self.has_time(BREATH).await {
                return (deleted, None);
            }
        }
    }

    /// One record of a round in which something was done. A failure is told once: the rounds after it find what it left.
    fn tell(&mut self, deleted: u64, failure: Option<&Failure>) {
        let had_failed = std::mem::replace(&mut self.has_failed, failure.is_some());
        let record = match failure {
            Some(_) if had_failed || self.pool.is_closed() => return,
            Some(failure) => {
                let record = Record::new(LogLevel::Warning, "No se pudieron borrar las claves de idempotencia vencidas");
                record.failure(failure).field("error", failure.cause_chain())
            }
            None if deleted == 0 => return,
            None => Record::new(LogLevel::Info, "Claves de idempotencia vencidas borradas"),
        };
        record.target(module_path!()).field("deleted", deleted).emit();
    }
}
