//! What is annulled while it is being loaded.

use super::*;

/// A load, and half-way through it something else.
async fn halfway<R>(cache: &Cache<u32>, source: &Source, meanwhile: impl AsyncFnOnce() -> R) -> u32 {
    let meanwhile = async {
        pass(50).await;
        meanwhile().await;
    };
    tokio::join!(cache.ask(source), meanwhile).0
}

#[tokio::test(start_paused = true)]
async fn a_load_that_began_before_a_delete_is_not_kept() {
    let (cache, source) = (numbers(), Source::default());
    assert_eq!(halfway(&cache, &source, async || cache.delete("a").await).await, 1);
    assert_eq!(cache.get("a").await, None);
    cache.assert_counted(CacheOutcome::StaleRefused, 1);
}

#[tokio::test(start_paused = true)]
async fn nobody_joins_a_load_that_began_before_a_delete() {
    let (cache, source) = (numbers(), Source::default());
    let after_delete = async || {
        cache.delete("a").await;
        assert_eq!(cache.ask(&source).await, 2);
    };
    assert_eq!(halfway(&cache, &source, after_delete).await, 1);
    assert_eq!((cache.get("a").await.as_deref(), cache.0.flights.len()), (Some(&2), 0));
}

#[tokio::test(start_paused = true)]
async fn a_value_that_is_set_stays_before_an_older_load() {
    let (cache, source) = (numbers(), Source::default());
    assert_eq!(halfway(&cache, &source, async || cache.set("a", 9, MINUTE).await).await, 1);
    assert_eq!(cache.ask(&source).await, 9);
}

#[tokio::test(start_paused = true)]
async fn a_load_that_began_before_a_clear_is_not_kept() {
    let (cache, source) = (numbers(), Source::default());
    let after_clear = async || {
        cache.clear().await;
        assert_eq!(cache.ask(&source).await, 2);
    };
    assert_eq!(halfway(&cache, &source, after_clear).await, 1);
    assert_eq!(cache.get("a").await.as_deref(), Some(&2));
}

#[tokio::test(start_paused = true)]
async fn a_refresh_that_began_before_a_delete_is_not_kept() {
    let (cache, source) = (numbers(), Source::default());
    cache.set("a", 9, Duration::from_secs(10)).await;
    while source.loads() == 0 {
        pass(100).await;
        assert_eq!(cache.ask(&source).await, 9);
        tokio::task::yield_now().await;
    }
    cache.delete("a").await;
    pass(1_000).await;
    assert_eq!(cache.get("a").await, None);
}
