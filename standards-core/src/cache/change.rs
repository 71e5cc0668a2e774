//! What is put in place of a value, or in place of none.

use std::sync::Arc;

use tokio::time::Instant;

use super::both::{Asked, ToWrite};
use super::inner::{AtHand, Inner};
use super::key::KeyText;
use super::memory::Wanted;
use super::outcome::CacheOutcome;
use super::ttl::Ttl;
use crate::context::spawn;

impl<T: Send + Sync + 'static> Inner<T> {
    /// What is kept, here or there.
    pub(super) async fn get(&self, key: Option<KeyText>) -> Option<Arc<T>> {
        let key = match self.at_hand(key, Wanted::Value) {
            // The refresh is left to the end: nobody here knows how to load.
            AtHand::Fresh(value) | AtHand::Aging(value, ..) => return value,
            AtHand::Absent(key) => key,
            AtHand::Unkeyed => return None,
        };
        self.shared.as_ref()?;
        let ticket = self.flights.enter_alone(&self.memory, &key);
        match self.ask_shared(&ticket, Wanted::Value, None).await {
            Asked::Answer(value) => value,
            Asked::Nothing(_) => None,
        }
    }

    /// Here at once; there too, whether or not somebody waits for it.
    pub(super) async fn set(self: &Arc<Self>, key: Option<KeyText>, value: T, ttl: Ttl) {
        let Some(key) = key.map(Arc::from) else { return };
        let (life, value) = (self.life(ttl, Instant::now()), Some(Arc::new(value)));
        let number = self.shared.as_ref().map(|side| side.unconfirmed.begin(&key));
        let ticket = self.flights.replace(&self.memory, &key, self.entry(&key, value.clone(), life, self.memory.era()));
        let Some(number) = number else { return };
        let inner = Arc::clone(self);
        let telling = spawn(async move {
            let mark = inner.tell_shared(&key, number).await;
            // What was annulled here meanwhile may have been annulled there already.
            if let Some(mark) = mark.filter(|_| ticket.is_valid(&inner.memory)) {
                inner.write_shared(&key, ToWrite { mark, value, life }).await;
            }
        });
        let _ended_with_the_runtime = telling.await;
    }

    /// Here at once; there too, whether or not somebody waits for it. Says whether it is annulled there as well.
    pub(super) async fn delete(self: &Arc<Self>, key: Option<KeyText>) -> bool {
        let Some(key) = key.map(Arc::from) else { return true };
        let number = self.shared.as_ref().map(|side| side.unconfirmed.begin(&key));
        self.annul(&key);
        self.tally.tell(CacheOutcome::Invalidated);
        let Some(number) = number else { return true };
        let inner = Arc::clone(self);
        spawn(async move { inner.tell_shared(&key, number).await.is_some() }).await.unwrap_or(false)
    }

    /// The same of the namespace.
    pub(super) async fn clear(self: &Arc<Self>) -> bool {
        let number = self.shared.as_ref().map(|side| side.unconfirmed.begin_all());
        self.memory.clear();
        self.tally.tell(CacheOutcome::Invalidated);
        let Some((side, number)) = self.shared.clone().zip(number) else { return true };
        let telling = async move { side.clear(number).await.inspect_err(|_| side.catch_up()).is_ok() };
        spawn(telling).await.unwrap_or(false)
    }
}
