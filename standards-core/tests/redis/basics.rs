//! What two instances have of one Redis that is well.

use std::time::{Duration, Instant};

use standards_core::cache::{CacheOutcome, SharedHealth, SharedLevel as _};

use super::server::Server;
use super::trial::{Source, alone, connected, level, level_at, numbers, pause, until};

#[tokio::test(flavor = "multi_thread")]
async fn what_one_instance_loads_another_finds_and_annuls() {
    let Some(server) = Server::start() else { return };
    let _alone = alone().await;
    let (levels, source) = ([level(server.port), level(server.port)], Source::default());
    let caches = levels.each_ref().map(numbers);
    for (cache, level) in caches.iter().zip(&levels) {
        connected(cache, level).await;
    }
    assert_eq!(source.ask(&caches[0], "a").await, 1);
    until("the value there", async || server.tell(&[&["EXISTS", "number:1:a"]]) == ":1\r\n").await;
    assert_eq!((source.ask(&caches[1], "a").await, source.loads()), (1, 1));
    assert_eq!(caches[1].count(CacheOutcome::HitShared), 1);
    assert!(caches[0].delete("a").await);
    until("the message", async || caches[1].count(CacheOutcome::InvalidationReceived) == 1).await;
    assert_eq!(source.ask(&caches[1], "a").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_is_set_and_cleared_for_all() {
    let Some(server) = Server::start() else { return };
    let _alone = alone().await;
    let levels = [level(server.port), level(server.port)];
    let caches = levels.each_ref().map(numbers);
    for (cache, level) in caches.iter().zip(&levels) {
        connected(cache, level).await;
    }
    caches[0].set("a", 7, Duration::from_secs(60)).await;
    assert_eq!(caches[1].get("a").await.as_deref(), Some(&7));
    assert!(caches[1].clear().await);
    until("the message", async || caches[0].count(CacheOutcome::InvalidationReceived) == 1).await;
    assert_eq!((caches[0].get("a").await, caches[1].get("a").await), (None, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_ours_is_a_miss() {
    let Some(server) = Server::start() else { return };
    let _alone = alone().await;
    let (level, source) = (level(server.port), Source::default());
    let cache = numbers(&level);
    connected(&cache, &level).await;
    server.tell(&[
        &["SET", "number:1:corrupt", "  9999999999999\n{\"half"],
        &["SET", "number:1:foreign", "{}"],
        &["LPUSH", "number:1:list", "x"],
    ]);
    for (key, corrupt) in [("corrupt", 1), ("foreign", 2), ("list", 2)] {
        let loads = source.loads();
        assert_eq!(source.ask(&cache, key).await, loads + 1);
        assert_eq!(cache.count(CacheOutcome::Corrupt), corrupt, "{key}");
        let whole = format!("number:1:{key}");
        until("the value there", async || server.tell(&[&["GET", &whole]]).contains(&format!("\n{}\r\n", loads + 1))).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_with_these_rights_and_no_others_suffices() {
    let Some(server) = Server::start() else { return };
    let _alone = alone().await;
    let rules = "on >clave ~* &~annulled +mget +get +set +del +time +publish +subscribe +@connection";
    let command: Vec<_> = ["ACL", "SETUSER", "pagos"].into_iter().chain(rules.split(' ')).collect();
    assert_eq!(server.tell(&[&command]), "+OK\r\n");
    let level = level_at(&format!("redis://pagos:clave@127.0.0.1:{}/0", server.port));
    let cache = numbers(&level);
    connected(&cache, &level).await;
    let failed = cache.count(CacheOutcome::SharedFailed);
    cache.set("a", 7, Duration::from_secs(60)).await;
    assert!(cache.delete("a").await && cache.clear().await);
    assert_eq!((cache.count(CacheOutcome::SharedFailed), level.health()), (failed, SharedHealth::Reachable));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_told_to_connect_is_known_before_anybody_asks() {
    let _alone = alone().await;
    let nowhere = level(1);
    nowhere.connect();
    until("degraded", async || nowhere.health() == SharedHealth::Degraded).await;
    let Some(server) = Server::start() else { return };
    let there = level(server.port);
    there.connect();
    until("reachable", async || there.health() == SharedHealth::Reachable).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_waited_for_where_there_is_no_redis() {
    let _alone = alone().await;
    let (begun, source) = (Instant::now(), Source::default());
    let level = level(1);
    let cache = numbers(&level);
    assert_eq!(level.health(), SharedHealth::Idle);
    assert_eq!(source.ask(&cache, "a").await, 1);
    assert!(!cache.delete("a").await);
    assert!(begun.elapsed() < Duration::from_millis(100), "{:?}", begun.elapsed());
    until("degraded", async || level.health() == SharedHealth::Degraded).await;
    assert_eq!(source.ask(&cache, "a").await, 2);
    pause(10).await;
}
