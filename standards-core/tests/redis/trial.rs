//! Readers of a cache before a Redis behind a proxy, while something fails.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use standards_core::cache::redis::{RedisLevel, RedisOptions, RedisUrl};
use standards_core::cache::{Cache, CachePolicy, Namespace, SharedHealth, SharedLevel};
use standards_core::log::capture::Capture;
use standards_core::settings::SettingValue as _;
use tokio::sync::{Mutex, MutexGuard};
use tokio::task::JoinSet;

use super::proxy::Proxy;
use super::server::Server;

pub(crate) const NUMBERS: Namespace = Namespace::new("number", 1);
/// More than a question that is answered takes on a busy machine, and less than one that is not.
const SLOW: Duration = Duration::from_millis(40);
const READERS: u32 = 8;

/// What a test hears of the log is of its own trial only.
static ALONE: Mutex<()> = Mutex::const_new(());

pub(crate) async fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().await
}

pub(crate) async fn pause(milliseconds: u64) {
    tokio::time::sleep(Duration::from_millis(milliseconds)).await;
}

pub(crate) fn level(port: u16) -> Arc<RedisLevel> {
    level_at(&format!("redis://127.0.0.1:{port}"))
}

pub(crate) fn level_at(url: &str) -> Arc<RedisLevel> {
    Arc::new(RedisLevel::new(&RedisUrl::parse(url).unwrap(), RedisOptions::default()))
}

/// Entries live for a tenth of a second, so that Redis is asked all the time.
pub(crate) fn numbers(level: &Arc<RedisLevel>) -> Cache<u32> {
    let policy = CachePolicy::default().with_staleness(Duration::from_millis(100));
    Cache::builder(NUMBERS).with_policy(policy).shared_by(Arc::<RedisLevel>::clone(level)).build()
}

/// Waits until it is so.
pub(crate) async fn until(what: &str, holds: impl AsyncFn() -> bool) -> Duration {
    let begun = Instant::now();
    while !holds().await {
        assert!(begun.elapsed() < Duration::from_secs(15), "not within 15 s: {what}");
        pause(10).await;
    }
    begun.elapsed()
}

/// Connected, with a first answer.
pub(crate) async fn connected(cache: &Cache<u32>, level: &RedisLevel) {
    until("a connection", async || {
        cache.get("first").await;
        level.health() == SharedHealth::Reachable
    })
    .await;
}

#[derive(Clone, Copy)]
struct Call {
    at: Instant,
    took: Duration,
}

pub(crate) struct Trial {
    pub(crate) proxy: Proxy,
    pub(crate) level: Arc<RedisLevel>,
    pub(crate) cache: Cache<u32>,
    log: Capture,
    calls: Arc<std::sync::Mutex<Vec<Call>>>,
    ends: Arc<AtomicBool>,
    readers: JoinSet<()>,
    _alone: MutexGuard<'static, ()>,
}

impl Trial {
    /// Eight readers of forty keys.
    pub(crate) async fn begin(server: &Server) -> Self {
        let alone = alone().await;
        let proxy = Proxy::to(server.port).await;
        let level = level(proxy.port);
        let (cache, log) = (numbers(&level), Capture::of_process());
        let (calls, ends) = (Arc::default(), Arc::new(AtomicBool::new(false)));
        let mut trial = Self { proxy, cache, level, log, calls, ends, readers: JoinSet::new(), _alone: alone };
        connected(&trial.cache, &trial.level).await;
        for reader in 0..READERS {
            let (cache, calls, ends) = (trial.cache.clone(), Arc::clone(&trial.calls), Arc::clone(&trial.ends));
            trial.readers.spawn(read(cache, calls, ends, reader * 5));
        }
        pause(500).await;
        trial
    }

    /// Calls that began since then.
    fn since(&self, from: Instant) -> Vec<Duration> {
        let calls = self.calls.lock().unwrap();
        calls.iter().filter(|call| call.at >= from).map(|call| call.took).collect()
    }

    /// While a fault lasts: few calls are slow before nobody asks any more, then none is.
    pub(crate) async fn assert_unfelt(&self, name: &str, for_seconds: u64) {
        let (begun, connections) = (Instant::now(), self.proxy.accepted());
        pause(for_seconds * 1_000).await;
        let slow = self.since(begun).iter().filter(|took| **took > SLOW).count();
        let mut late = self.since(begun + Duration::from_secs(for_seconds) / 2);
        late.sort();
        let p99 = late[late.len() * 99 / 100];
        let connections = self.proxy.accepted() - connections;
        eprintln!("{name}: {} calls, {slow} slow, then p99 {p99:.1?}, {connections} connections", self.since(begun).len());
        assert!(slow <= 10, "{slow} slow calls");
        assert!(p99 < Duration::from_millis(15), "p99 {p99:?}");
        assert!(connections <= usize::try_from(for_seconds).unwrap() + 1, "{connections} connections in {for_seconds} s");
    }

    pub(crate) async fn assert_degraded(&self) {
        until("degraded", async || self.level.health() == SharedHealth::Degraded).await;
    }

    /// When the fault is over: it is used again by itself. Another instance's memory is empty, so what it has is Redis'.
    pub(crate) async fn assert_recovers(&self) {
        let (other, key) = (numbers(&self.level), AtomicU32::new(0));
        let took = until("something that is there", async || {
            other.get(&(key.fetch_add(1, Ordering::Relaxed) % 40)).await.is_some()
                && self.level.health() == SharedHealth::Reachable
        });
        eprintln!("  used again after {:.1?}", took.await);
    }

    /// Everybody was answered, and the log was told each change once.
    pub(crate) async fn end(mut self) {
        self.ends.store(true, Ordering::Relaxed);
        while let Some(ended) = self.readers.join_next().await {
            ended.unwrap();
        }
        let mut told: Vec<_> =
            self.log.messages().into_iter().filter(|message| message.starts_with("Cache compartido")).collect();
        let all = told.len();
        told.dedup();
        assert_eq!(told.len(), all, "{told:?}");
    }
}

/// Reads forty keys, and panics when one is not answered or not what it is.
async fn read(cache: Cache<u32>, calls: Arc<std::sync::Mutex<Vec<Call>>>, ends: Arc<AtomicBool>, mut key: u32) {
    while !ends.load(Ordering::Relaxed) {
        key = (key + 1) % 40;
        let (at, expected) = (Instant::now(), key);
        let value = cache.get_or_load(&key, Duration::from_secs(60), move || async move { Ok(expected) }).await.unwrap();
        assert_eq!(*value, key);
        calls.lock().unwrap().push(Call { at, took: at.elapsed() });
        pause(2).await;
    }
}

/// Counts what it loads.
#[derive(Clone, Default)]
pub(crate) struct Source(Arc<AtomicU32>);

impl Source {
    pub(crate) async fn ask(&self, cache: &Cache<u32>, key: &str) -> u32 {
        let source = self.clone();
        let load = || async move { Ok(source.0.fetch_add(1, Ordering::SeqCst) + 1) };
        *cache.get_or_load(key, Duration::from_secs(60), load).await.unwrap()
    }

    pub(crate) fn loads(&self) -> u32 {
        self.0.load(Ordering::SeqCst)
    }
}
