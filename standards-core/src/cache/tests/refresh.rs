//! Expiry that nobody feels.

use tokio::time::Instant;

use super::*;

#[tokio::test(start_paused = true)]
async fn a_hot_key_is_loaded_anew_before_its_end_and_nobody_waits() {
    let (cache, source) = (numbers(), Source::default());
    cache.ask(&source).await;
    let (begun, mut waited) = (Instant::now(), Duration::ZERO);
    while begun.elapsed() < MINUTE * 10 {
        pass(500).await;
        let asked = Instant::now();
        cache.ask(&source).await;
        waited += asked.elapsed();
    }
    assert_eq!(waited, Duration::ZERO);
    cache.assert_counted(CacheOutcome::Miss, u64::from(source.loads()));
    assert!((9..=14).contains(&source.loads()), "{}", source.loads());
}

#[tokio::test(start_paused = true)]
async fn a_refresh_that_fails_leaves_what_is_there_and_is_not_repeated() {
    let (cache, source) = (numbers(), Source::default());
    cache.ask(&source).await;
    let mut seen = Vec::new();
    for _ in 0..200 {
        pass(500).await;
        let failing = || async { Err(Failure::unavailable("no database")) };
        seen.push(cache.get_or_load("a", MINUTE, failing).await.is_ok());
    }
    let end = seen.iter().position(|served| !served).unwrap();
    assert!((107..=132).contains(&end), "{end}");
    assert!(!seen[end..].contains(&true));
    cache.assert_counted(CacheOutcome::Refreshed, 1);
}

#[tokio::test(start_paused = true)]
async fn values_of_one_moment_do_not_expire_together() {
    let cache = numbers();
    for key in 0..100 {
        cache.set(&key, key, MINUTE).await;
    }
    let mut left = Vec::new();
    for _ in 0..14 {
        pass(5_000).await;
        let mut count = 0;
        for key in 0..100 {
            count += usize::from(cache.exists(&key).await);
        }
        left.push(count);
    }
    assert_eq!((left[9], left[13]), (100, 0));
    assert!((10..=90).contains(&left[11]), "{left:?}");
}
