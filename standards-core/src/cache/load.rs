//! Bringing what memory does not have.

use std::future::Future;
use std::sync::Arc;

use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};

use super::both::{Asked, ToWrite};
use super::flights::{Entered, Flight, Landed, Ticket};
use super::inner::{AtHand, Inner};
use super::key::KeyText;
use super::memory::{Life, Wanted};
use super::outcome::CacheOutcome;
use super::shared::Mark;
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
        key: Option<KeyText>,
        wanted: Wanted,
        loading: Loading<L, K>,
    ) -> Landed<T> {
        match self.at_hand(key, wanted) {
            AtHand::Fresh(value) => Ok(value),
            AtHand::Aging(value, key, end) => {
                self.refresh(&key, end, loading);
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
                    spawn(Arc::clone(self).fly(ticket, wanted, None, loading));
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

    /// Brings something newer than what is still there, behind everybody's back. Where that fails, what is there stays until its end.
    fn refresh<L: Load<T>, K: Keep<T>>(self: &Arc<Self>, key: &Arc<str>, end: Instant, loading: Loading<L, K>) {
        if let Some(ticket) = self.flights.begin_anew(&self.memory, key) {
            self.tally.tell(CacheOutcome::Refreshed);
            spawn_worker(Arc::clone(self).fly(ticket, Wanted::Any, Some(end), loading));
        }
    }

    /// In a task of its own, which goes on when all who wait have left. Nobody waits for the shared level to take what was loaded.
    async fn fly<L: Load<T>, K: Keep<T>>(
        self: Arc<Self>,
        ticket: Ticket<T>,
        wanted: Wanted,
        end: Option<Instant>,
        loading: Loading<L, K>,
    ) {
        let mark = match self.ask_shared(&ticket, wanted, end).await {
            Asked::Answer(value) => return ticket.land(Ok(value)),
            Asked::Nothing(mark) => mark,
        };
        self.tally.tell(CacheOutcome::Miss);
        let loaded = catch_panic_async(self.load(loading)).await.flatten();
        self.tally.tell(if loaded.is_ok() { CacheOutcome::Loaded } else { CacheOutcome::LoadFailed });
        let life_of = |ttl| self.life(ttl, ticket.begun);
        let to_write = match &loaded {
            Ok((value, ttl)) => self.kept(&ticket, value, life_of(*ttl), mark),
            Err(_) => None,
        };
        ticket.land(loaded.map(|(value, _)| value));
        if let Some(to_write) = to_write {
            self.write_shared(&ticket.key, to_write).await;
        }
    }

    /// Keeps what was loaded, and says what of it the shared level is to have.
    fn kept(&self, ticket: &Ticket<T>, value: &Option<Arc<T>>, life: Life, mark: Option<Mark>) -> Option<ToWrite<T>> {
        let kept = self.keep(ticket, value.clone(), life);
        mark.filter(|_| kept).map(|mark| ToWrite { mark, value: value.clone(), life })
    }

    async fn load<L: Load<T>, K: Keep<T>>(
        &self,
        Loading { loader, keep }: Loading<L, K>,
    ) -> Result<(Option<Arc<T>>, Ttl), Failure> {
        let value = loader.load().await?;
        let ttl = value.as_ref().map_or_else(|| Ttl::changing(self.policy.negative_ttl), |value| keep.ttl(value));
        Ok((value.map(Arc::new), ttl))
    }
}

/// `None` where the load ended without a word, with its runtime.
async fn landed<T>(mut landed: watch::Receiver<Option<Landed<T>>>) -> Option<Landed<T>> {
    let landed = landed.wait_for(Option::is_some).await.ok()?;
    landed.clone()
}
