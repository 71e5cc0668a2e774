//! The shared level as one cache uses it: with its values, and what is not believed of it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::time::{Instant, sleep};
use tracing::warn;

use super::Namespace;
use super::outcome::CacheOutcome;
use super::shared::{Found, Mark, NoAnswer, SharedLevel};
use super::unconfirmed::{Trust, Unconfirmed};
use crate::catch_panic;
use crate::context::spawn_worker;

/// The largest value that is written to a shared level, in bytes of JSON.
pub const MAX_SHARED_BYTES: usize = 1 << 20;

/// How often it is told that what is there cannot be read.
const TOLD_EVERY: Duration = Duration::from_secs(60);

/// How often it is tried to annul there what could not be.
const CATCH_UP_EVERY: Duration = Duration::from_secs(1);

pub(super) struct Side<T> {
    namespace: Namespace,
    level: Arc<dyn SharedLevel>,
    codec: Codec<T>,
    pub(super) unconfirmed: Unconfirmed,
    corrupt_told: Mutex<Option<Instant>>,
    /// Whether somebody sees to it that what was annulled here is annulled there.
    is_behind: AtomicBool,
}

/// A value as JSON, and back; what panics cannot be kept, or is none of ours.
pub(super) struct Codec<T> {
    encode: fn(&T) -> Option<Vec<u8>>,
    decode: fn(&[u8]) -> Option<T>,
}

impl<T: Serialize + DeserializeOwned> Codec<T> {
    pub(super) fn json() -> Self {
        let encode = |value: &T| {
            let bytes = catch_panic(|| serde_json::to_vec(value)).ok()?.ok()?;
            (bytes.len() <= MAX_SHARED_BYTES).then_some(bytes)
        };
        Self { encode, decode: |bytes| catch_panic(|| serde_json::from_slice(bytes)).ok()?.ok() }
    }
}

/// What the shared level has of a key.
pub(super) struct Seen<T> {
    /// What is loaded now may be written by this.
    pub(super) mark: Option<Mark>,
    /// A value, or its absence, and how long it is kept from when it was asked for.
    pub(super) value: Option<(Option<T>, Duration)>,
    /// What went wrong.
    pub(super) wrong: Option<CacheOutcome>,
}

impl<T> Seen<T> {
    fn nothing(mark: Mark) -> Self {
        Self { mark: Some(mark), value: None, wrong: None }
    }

    fn no_answer() -> Self {
        Self { mark: None, value: None, wrong: Some(CacheOutcome::SharedFailed) }
    }
}

impl<T> Side<T> {
    pub(super) fn new(namespace: Namespace, level: Arc<dyn SharedLevel>, codec: Codec<T>) -> Self {
        Self {
            namespace,
            level,
            codec,
            unconfirmed: Unconfirmed::default(),
            corrupt_told: Mutex::default(),
            is_behind: AtomicBool::new(false),
        }
    }

    /// Reads a key, once what was annulled here is annulled there.
    pub(super) async fn read(&self, key: &Arc<str>) -> Seen<T> {
        match self.unconfirmed.trust(key) {
            Trust::Full => self.look(key).await,
            Trust::NotOfKey(number) => self.annul(key, number).await.map_or_else(|_| Seen::no_answer(), Seen::nothing),
            Trust::NotAtAll(number) => match self.clear(number).await {
                Ok(()) => self.look(key).await,
                Err(NoAnswer) => Seen::no_answer(),
            },
        }
    }

    async fn look(&self, key: &Arc<str>) -> Seen<T> {
        let Ok(Found { mark, value }) = self.level.read(self.namespace, key).await else { return Seen::no_answer() };
        let Some((bytes, kept)) = value else { return Seen::nothing(mark) };
        // Nothing at all stands for nothing there.
        let value = (!bytes.is_empty()).then(|| (self.codec.decode)(&bytes));
        match value {
            Some(None) => Seen { mark: self.discard(key).await, value: None, wrong: Some(CacheOutcome::Corrupt) },
            value => Seen { mark: Some(mark), value: Some((value.flatten(), kept)), wrong: None },
        }
    }

    async fn discard(&self, key: &Arc<str>) -> Option<Mark> {
        self.tell_corrupt();
        self.level.annul(self.namespace, key).await.ok()
    }

    /// Once a minute at most: what is wrong with one entry is wrong with many.
    fn tell_corrupt(&self) {
        let mut told = self.corrupt_told.lock().unwrap_or_else(PoisonError::into_inner);
        if told.is_none_or(|told| told.elapsed() >= TOLD_EVERY) {
            *told = Some(Instant::now());
            warn!(
                cache = self.namespace.name(),
                version = self.namespace.version(),
                "Valor ilegible en el cache compartido: se descarta"
            );
        }
    }

    /// The bytes of a value or of its absence; `None` of one that is too large, or cannot be written.
    pub(super) fn encode(&self, value: Option<&T>) -> Option<Vec<u8>> {
        value.map_or(Some(Vec::new()), self.codec.encode)
    }

    pub(super) async fn write(&self, key: &str, mark: &Mark, value: Vec<u8>, kept: Duration) -> Result<bool, NoAnswer> {
        self.level.write(self.namespace, key, mark, value, kept).await
    }

    /// Annuls there what was annulled here by this number.
    pub(super) async fn annul(&self, key: &str, number: u64) -> Result<Mark, NoAnswer> {
        let mark = self.level.annul(self.namespace, key).await?;
        self.unconfirmed.confirm(key, number);
        Ok(mark)
    }

    /// The same of the namespace.
    pub(super) async fn clear(&self, number: u64) -> Result<(), NoAnswer> {
        self.level.clear(self.namespace).await?;
        self.unconfirmed.confirm_all(number);
        Ok(())
    }

    async fn annul_pending(&self) -> Result<(), NoAnswer> {
        let (all, keys) = self.unconfirmed.pending();
        if let Some(number) = all {
            return self.clear(number).await;
        }
        for (key, number) in keys {
            self.annul(&key, number).await?;
        }
        Ok(())
    }
}

impl<T: 'static> Side<T> {
    /// Annuls there what was annulled here in vain, once a second until it is done.
    pub(super) fn catch_up(self: &Arc<Self>) {
        if self.is_behind.swap(true, Ordering::AcqRel) {
            return;
        }
        let side = Arc::downgrade(self);
        spawn_worker(async move {
            loop {
                sleep(CATCH_UP_EVERY).await;
                let Some(side) = side.upgrade() else { return };
                if side.annul_pending().await.is_ok() {
                    // What fails from here on begins anew.
                    return side.is_behind.store(false, Ordering::Release);
                }
            }
        });
    }
}
