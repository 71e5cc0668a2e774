//! What a cache in memory promises, by a clock that stands still.

mod bounds;
mod fake;
mod interleavings;
mod loads;
mod races;
mod refresh;
mod shared;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tokio::time::sleep;

use super::{Cache, CacheOutcome, Namespace};
use crate::Failure;

pub(super) const NUMBERS: Namespace = Namespace::new("number", 1);
pub(super) const MINUTE: Duration = Duration::from_secs(60);

pub(super) fn numbers() -> Cache<u32> {
    Cache::in_process(NUMBERS)
}

type Loading = Pin<Box<dyn Future<Output = Result<u32, Failure>> + Send>>;

/// What is cached: a number that grows with each load.
#[derive(Clone, Default)]
pub(super) struct Source(Arc<AtomicU32>);

impl Source {
    /// A load that takes so many milliseconds.
    pub(super) fn load(&self, milliseconds: u64) -> impl FnOnce() -> Loading + Send + use<> {
        let source = self.clone();
        move || {
            Box::pin(async move {
                let number = source.0.fetch_add(1, Ordering::SeqCst) + 1;
                sleep(Duration::from_millis(milliseconds)).await;
                Ok(number)
            })
        }
    }

    pub(super) fn loads(&self) -> u32 {
        self.0.load(Ordering::SeqCst)
    }
}

impl Cache<u32> {
    /// Loads from `source` what takes a tenth of a second.
    pub(super) async fn ask(&self, source: &Source) -> u32 {
        *self.get_or_load("a", MINUTE, source.load(100)).await.unwrap()
    }

    #[track_caller]
    pub(super) fn assert_counted(&self, outcome: CacheOutcome, times: u64) {
        assert_eq!(self.count(outcome), times, "{outcome:?} of {self:?}");
    }
}

pub(super) async fn pass(milliseconds: u64) {
    sleep(Duration::from_millis(milliseconds)).await;
}
