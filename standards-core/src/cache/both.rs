//! Memory before a shared level: what is asked there, told there, and heard from there.

use std::sync::Arc;

use tokio::time::Instant;

use super::flights::Ticket;
use super::inner::Inner;
use super::memory::{Life, Wanted};
use super::outcome::CacheOutcome;
use super::shared::{Listener, Mark, NoAnswer, SharedEvent};

/// What the shared level gave: the answer, or at most a mark to write by.
pub(super) enum Asked<T> {
    Answer(Option<Arc<T>>),
    Nothing(Option<Mark>),
}

/// A value, or its absence, that is to be written to the shared level.
pub(super) struct ToWrite<T> {
    pub(super) mark: Mark,
    pub(super) value: Option<Arc<T>>,
    pub(super) life: Life,
}

impl<T: Send + Sync + 'static> Inner<T> {
    /// From the shared level, if it has what is wanted and that ends later than `later_than`; into memory too.
    pub(super) async fn ask_shared(&self, ticket: &Ticket<T>, wanted: Wanted, later_than: Option<Instant>) -> Asked<T> {
        let Some(side) = &self.shared else { return Asked::Nothing(None) };
        let asked = Instant::now();
        let seen = side.read(&ticket.key).await;
        seen.wrong.into_iter().for_each(|wrong| self.tally.tell(wrong));
        let is_wanted = |value: &Option<T>| value.is_some() || wanted == Wanted::Any;
        match seen.value {
            Some((value, kept)) if is_wanted(&value) && later_than.is_none_or(|end| asked + kept > end) => {
                let value = value.map(Arc::new);
                self.tally.tell(CacheOutcome::HitShared);
                self.keep(ticket, value.clone(), Life { begun: asked, kept });
                Asked::Answer(value)
            }
            _ => Asked::Nothing(seen.mark),
        }
    }

    /// Writes to the shared level; what was annulled there meanwhile is not kept here either.
    pub(super) async fn write_shared(&self, key: &Arc<str>, ToWrite { mark, value, life }: ToWrite<T>) {
        let Some(side) = &self.shared else { return };
        let Some(bytes) = side.encode(value.as_deref()) else { return self.tally.tell(CacheOutcome::TooLarge) };
        let kept = life.end().saturating_duration_since(Instant::now());
        match side.write(key, &mark, bytes, kept).await {
            Ok(true) => {}
            Ok(false) => {
                self.annul(key);
                self.tally.tell(CacheOutcome::StaleRefused);
            }
            Err(_) => self.tally.tell(CacheOutcome::SharedFailed),
        }
    }

    /// Annuls a key in the shared level, as it was here by this number; `None` where that has to be done later.
    pub(super) async fn tell_shared(&self, key: &str, number: u64) -> Option<Mark> {
        let side = self.shared.as_ref()?;
        let mark = side.annul(key, number).await;
        let later = |_: &NoAnswer| {
            self.tally.tell(CacheOutcome::SharedFailed);
            side.catch_up();
        };
        mark.inspect_err(later).ok()
    }
}

impl<T: Send + Sync + 'static> Listener for Inner<T> {
    fn hear(&self, event: &SharedEvent<'_>) {
        match *event {
            SharedEvent::Annulled(whole) => {
                let Some(key) = self.namespace.own_part(whole) else { return };
                self.annul(&key.into());
                self.tally.tell(CacheOutcome::InvalidationReceived);
            }
            SharedEvent::Cleared(namespace) if self.namespace.to_string() == namespace => {
                self.memory.clear();
                self.tally.tell(CacheOutcome::InvalidationReceived);
            }
            SharedEvent::Cleared(_) => {}
            // What others annulled meanwhile was not heard of.
            SharedEvent::Restored => self.memory.clear(),
        }
    }
}
