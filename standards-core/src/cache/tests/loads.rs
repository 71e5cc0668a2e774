//! One load, whoever asks.

use std::future::pending;

use tokio::task::JoinSet;
use tokio::time::Instant;

use super::*;
use crate::context::{JoinSetExt as _, spawn};

async fn readers(count: usize, cache: &Cache<u32>, source: &Source) -> Vec<u32> {
    let mut readers = JoinSet::new();
    for _ in 0..count {
        let (cache, source) = (cache.clone(), source.clone());
        readers.spawn_in_context(async move { cache.ask(&source).await });
    }
    readers.join_all().await
}

#[tokio::test(start_paused = true)]
async fn readers_of_one_key_load_it_once() {
    let (cache, source) = (numbers(), Source::default());
    assert_eq!(readers(64, &cache, &source).await, [1; 64]);
    assert_eq!((cache.ask(&source).await, source.loads()), (1, 1));
    cache.assert_counted(CacheOutcome::Miss, 1);
    cache.assert_counted(CacheOutcome::HitMemory, 1);
    assert_eq!(cache.0.flights.len(), 0);
}

#[tokio::test(start_paused = true)]
async fn readers_of_an_expired_key_load_it_once() {
    let (cache, source) = (numbers(), Source::default());
    cache.ask(&source).await;
    pass(67_000).await;
    assert_eq!(readers(64, &cache, &source).await, [2; 64]);
    assert_eq!(source.loads(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_failure_reaches_all_who_wait_and_is_not_kept() {
    let cache = numbers();
    let failing = || async {
        pass(100).await;
        Err(Failure::unavailable("no database"))
    };
    let (one, other) = tokio::join!(cache.get_or_load("a", MINUTE, failing), cache.get_or_load("a", MINUTE, failing));
    assert_eq!([one, other].map(|failed| failed.unwrap_err().cause_chain()), ["no database", "no database"]);
    cache.assert_counted(CacheOutcome::LoadFailed, 1);
    assert_eq!(cache.ask(&Source::default()).await, 1);
}

#[tokio::test(start_paused = true)]
async fn a_panic_reaches_all_who_wait_as_a_failure() {
    let cache = numbers();
    let panicking = || async {
        pass(100).await;
        panic!("no such number")
    };
    let (one, other) = tokio::join!(cache.get_or_load("a", MINUTE, panicking), cache.get_or_load("a", MINUTE, panicking));
    for failed in [one.unwrap_err(), other.unwrap_err()] {
        assert_eq!((failed.error_type(), failed.cause_chain().as_str()), ("panic", "no such number"));
    }
    assert_eq!((cache.ask(&Source::default()).await, cache.0.flights.len()), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_load_goes_on_when_who_asked_first_leaves() {
    let (cache, source) = (numbers(), Source::default());
    let first = tokio::time::timeout(Duration::from_millis(50), cache.ask(&source));
    assert!(first.await.is_err());
    assert_eq!((cache.ask(&source).await, source.loads()), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_load_that_hangs_holds_its_key_for_five_seconds() {
    let (cache, begun) = (numbers(), Instant::now());
    let hanging = cache.clone();
    let hanging = spawn(async move { hanging.get_or_load("a", MINUTE, pending::<Result<u32, Failure>>).await });
    pass(1_000).await;
    assert_eq!(cache.ask(&Source::default()).await, 1);
    assert_eq!(begun.elapsed().as_millis() / 100, 51);
    cache.assert_counted(CacheOutcome::Overtaken, 1);
    hanging.abort();
}

#[tokio::test(start_paused = true)]
async fn a_load_that_was_overtaken_is_kept_all_the_same() {
    let (cache, source) = (numbers(), Source::default());
    let slow = cache.get_or_load("a", MINUTE, source.load(8_000));
    let other = cache.get_or_load("a", MINUTE, source.load(8_000));
    let asked_later = async {
        pass(8_001).await;
        cache.get("a").await
    };
    let (slow, other, kept) = tokio::join!(slow, other, asked_later);
    assert_eq!((*slow.unwrap(), *other.unwrap(), kept.as_deref()), (1, 2, Some(&1)));
}

#[tokio::test(start_paused = true)]
async fn what_is_not_there_is_remembered_for_its_own_time() {
    let (cache, source) = (numbers(), Source::default());
    let absent = || cache.find_or_load("a", MINUTE, || async { Ok(None) });
    assert_eq!(absent().await.unwrap(), None);
    assert_eq!(absent().await.unwrap(), None);
    cache.assert_counted(CacheOutcome::Loaded, 1);
    cache.assert_counted(CacheOutcome::HitNegative, 1);
    pass(6_000).await;
    absent().await.unwrap();
    cache.assert_counted(CacheOutcome::Loaded, 2);
    // Who needs a value is not told that there is none.
    assert_eq!((cache.get("a").await, cache.ask(&source).await), (None, 1));
}

#[tokio::test(start_paused = true)]
async fn a_load_works_for_the_request_that_asked() {
    use crate::{CorrelationId, RequestContext, context};
    let request = RequestContext::new(CorrelationId::parse("abc").unwrap(), "/pagos", "GET");
    let known = || async { Ok(context::current().is_some_and(|request| request.correlation_id().as_str() == "abc")) };
    let cache: Cache<bool> = Cache::in_process(NUMBERS);
    assert!(*context::scope(request, cache.get_or_load("a", MINUTE, known)).await.unwrap());
}
