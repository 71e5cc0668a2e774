//! What is too much.

use super::*;
use crate::cache::{CachePolicy, MAX_KEY};

#[tokio::test(start_paused = true)]
async fn a_key_that_is_too_long_is_loaded_each_time() {
    let (cache, source) = (numbers(), Source::default());
    let key = "k".repeat(MAX_KEY + 1);
    for expected in 1..=2 {
        assert_eq!(*cache.get_or_load(&key, MINUTE, source.load(1)).await.unwrap(), expected);
    }
    cache.set(&key, 9, MINUTE).await;
    cache.delete(&key).await;
    assert_eq!(cache.get(&key).await, None);
    assert!(cache.is_empty());
}

#[tokio::test(start_paused = true)]
async fn entries_are_bounded() {
    let policy = CachePolicy::default().with_max_entries(100);
    let cache: Cache<u32> = Cache::builder(NUMBERS).with_policy(policy).build();
    for key in 0..10_000 {
        cache.set(&key, key, MINUTE).await;
    }
    assert!(cache.len() <= 100, "{}", cache.len());
}

#[tokio::test(start_paused = true)]
async fn bytes_are_bounded() {
    let policy = CachePolicy::default().with_max_bytes(100_000).with_max_entries(1_000);
    let cache: Cache<String> = Cache::builder(NUMBERS).with_policy(policy).weighed_by(String::len).build();
    for key in 0..1_000 {
        cache.set(&key, "x".repeat(10_000), MINUTE).await;
    }
    assert!(cache.len() <= 10, "{}", cache.len());
}

#[tokio::test(start_paused = true)]
async fn what_is_kept_for_no_time_is_not_kept() {
    let (cache, source) = (numbers(), Source::default());
    for expected in 1..=2 {
        assert_eq!(*cache.get_or_load("a", Duration::ZERO, source.load(1)).await.unwrap(), expected);
    }
    cache.set("a", 9, Duration::MAX).await;
    assert_eq!(cache.get("a").await.as_deref(), Some(&9));
    cache.set("a", 9, Duration::ZERO).await;
    assert_eq!(cache.get("a").await, None);
}
