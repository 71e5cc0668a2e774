//! Bringing what memory does not have.

use std::fmt::Display;
use std::future::Future;
use std::sync::Arc;

use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};

use super::flights::{Entered, Flight, Landed, Ticket};
use super::inner::{AtHand, Inner};
use super::memory::Wanted;
use super::outcome::CacheOutcome;
use super::ttl::{Keep, Ttl};
use crate::context::{spawn, spawn_worker};
use crate::{Failure, catch_panic_async};

/// How a value is loaded, and how long it is kept.
pub(super) struct Loading<L, K> {
    pub(super) loader: L,
    pub(super) keep: K,
}

/// A loader of a value that may be absent.
pub(super) trait Load<T>: Send + 'static {
    fn load(self) -> impl Future<Output = Result<Option<T>, Failure>> + Send;
}

/// One of a value that is there.
pub(super) struct Present<F>(pub(super) F);

/// One of a value that may not be there.
pub(super) struct Optional<F>(pub(super) F);

impl<T, F, R> Load<T> for Present<F>
where
    F: FnOnce() -> R + Send + 'static,
    R: Future<Output = Result<T, Failure>> + Send,
{
    async fn load(self) -> Result<Option<T>, Failure> {
        self.0().await.map(Some)
    }
}

impl<T, F, R> Load<T> for Optional<F>
where
    F: FnOnce() -> R + Send + 'static,
    R: Future<Output = Result<Option<T>, Failure>> + Send,
{
    async fn load(self) -> Result<Option<T>, Failure> {
        self.0().await
    }
}

impl<T: Send + Sync + 'static> Inner<T> {
    /// From memory, else from whoever is loading it, else by loading it.
    pub(super) async fn obtain<L: Load<T>, K: Keep<T>>(
        self: &Arc<Self>,
        key: &(impl Display + Sync + ?Sized),
        wanted: Wanted,
        loading: Loading<L, K>,
    ) -> Landed<T> {
        match self.at_hand(key, wanted) {
            AtHand::Fresh(value) => Ok(value),
            AtHand::Aging(value, key) => {
                self.refresh(&key, loading);
                Ok(value)
            }
            AtHand::Absent(key) => self.wait(&key, wanted, loading).await,
            AtHand::Unkeyed => loading.loader.load().await.map(|value| value.map(Arc::new)),
        }
    }

    async fn wait<L: Load<T>, K: Keep<T>>(self: &Arc<Self>, key: &Arc<str>, wanted: Wanted, loading: Loading<L, K>) -> Landed<T> {
        loop {
            match self.enter(key, wanted) {
                Entered::Fresh(entry) => return Ok(self.hit(&entry)),
                Entered::Joined(flight) => match self.landed_in_time(flight).await {
                    Some(Ok(None)) if wanted == Wanted::Value => {}
                    Some(landed) => return landed,
                    None => {}
                },
                Entered::Begun(ticket, flight) => {
                    spawn(Arc::clone(self).fly(ticket, loading));
                    return landed(flight.landed).await.unwrap_or_else(|| Err(Failure::unavailable("the load was given up")));
                }
            }
        }
    }

    /// `None` where somebody else has to load it.
    async fn landed_in_time(&self, flight: Flight<T>) -> Option<Landed<T>> {
        let patience = flight.begun + self.flights.patience;
        let landed = timeout_at(patience, landed(flight.landed)).await;
        landed.inspect_err(|_| self.tally.tell(CacheOutcome::Overtaken)).ok().flatten()
    }

    /// Loads what is still there anew, behind everybody's back. Where that fails, what is there stays until its end.
    fn refresh<L: Load<T>, K: Keep<T>>(self: &Arc<Self>, key: &Arc<str>, loading: Loading<L, K>) {
        if let Some(ticket) = self.flights.begin_anew(&self.memory, key) {
            self.tally.tell(CacheOutcome::Refreshed);
            spawn_worker(Arc::clone(self).fly(ticket, loading));
        }
    }

    /// In a task of its own, which goes on when all who wait have left.
    async fn fly<L: Load<T>, K: Keep<T>>(self: Arc<Self>, ticket: Ticket<T>, loading: Loading<L, K>) {
        let landed = self.bring(&ticket, loading).await;
        ticket.land(landed);
    }

    async fn bring<L: Load<T>, K: Keep<T>>(&self, ticket: &Ticket<T>, Loading { loader, keep }: Loading<L, K>) -> Landed<T> {
        self.tally.tell(CacheOutcome::Miss);
        let loaded = catch_panic_async(self.load(loader, keep)).await.flatten();
        self.tally.tell(if loaded.is_ok() { CacheOutcome::Loaded } else { CacheOutcome::LoadFailed });
        let (value, ttl) = loaded?;
        self.keep(ticket, value.clone(), ttl);
        Ok(value)
    }

    async fn load<L: Load<T>, K: Keep<T>>(&self, loader: L, keep: K) -> Result<(Option<Arc<T>>, Ttl), Failure> {
        let value = loader.load().await?;
        let ttl = value.as_ref().map_or_else(|| Ttl::changing(self.policy.negative_ttl), |value| keep.ttl(value));
        Ok((value.map(Arc::new), ttl))
    }

    fn keep(&self, ticket: &Ticket<T>, value: Option<Arc<T>>, ttl: Ttl) {
        let life = self.life(ttl, ticket.begun);
        if life.end() <= Instant::now() {
            return;
        }
        let entry = self.entry(&ticket.key, value, life, ticket.era);
        if !ticket.keep(&self.memory, entry) {
            self.tally.tell(CacheOutcome::StaleRefused);
        }
    }
}

/// `None` where the load ended without a word, with its runtime.
async fn landed<T>(mut landed: watch::Receiver<Option<Landed<T>>>) -> Option<Landed<T>> {
    let landed = landed.wait_for(Option::is_some).await.ok()?;
    landed.clone()
}
