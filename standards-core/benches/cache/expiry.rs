//! Sixty-four who read a key all the time, on two threads, while it expires.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use standards_core::cache::{Cache, Namespace};
use standards_core::context::JoinSetExt as _;
use tokio::task::JoinSet;

/// It expires once meanwhile, after 900 to 1100 ms.
const TTL: Duration = Duration::from_millis(1_000);
const READ_FOR: Duration = Duration::from_millis(1_200);

/// The most loads per expiry: the first load of all is none.
pub(crate) fn loads_of_64_readers() -> u32 {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_time().build().expect("a runtime");
    runtime.block_on(async {
        let (cache, loads) = (Cache::in_process(Namespace::new("tasa", 1)), Arc::new(AtomicU32::new(0)));
        read(&cache, &loads).await;
        let mut readers = JoinSet::new();
        for _ in 0..64 {
            let (cache, loads, begun) = (cache.clone(), Arc::clone(&loads), Instant::now());
            readers.spawn_in_context(async move {
                while begun.elapsed() < READ_FOR {
                    read(&cache, &loads).await;
                    tokio::task::yield_now().await;
                }
            });
        }
        readers.join_all().await;
        loads.load(Ordering::SeqCst) - 1
    })
}

/// A load takes as long as a query that is in no hurry.
async fn read(cache: &Cache<u32>, loads: &Arc<AtomicU32>) {
    let loads = Arc::clone(loads);
    let load = || async move {
        let number = loads.fetch_add(1, Ordering::SeqCst);
        tokio::time::sleep(Duration::from_millis(20)).await;
        Ok(number)
    };
    cache.get_or_load("UF", TTL, load).await.expect("it never fails");
}
