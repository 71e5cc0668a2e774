//! Who keeps the connection: one attempt a second at most, one at a time, and nobody waits for it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, ErrorKind, Pipeline, PushInfo, RedisError, RedisResult};
use tokio::time::{Instant, sleep_until, timeout};

use super::level::{RedisLevel, Shared};
use super::messages;
use crate::cache::SharedEvent;
use crate::catch_panic_async;
use crate::context::spawn_worker;

/// How often a connection is tried, and how often it is looked at.
const EVERY: Duration = Duration::from_secs(1);

/// Says that there is no keeper any more, however it ended: with its runtime, say.
struct Ended(Weak<Shared>);

impl Drop for Ended {
    fn drop(&mut self) {
        if let Some(shared) = self.0.upgrade() {
            shared.is_kept.store(false, Ordering::Release);
        }
    }
}

/// Sees to it that somebody keeps the connection from now on.
pub(super) fn ensure(shared: &Arc<Shared>) {
    if is_first(&shared.is_kept) {
        let ended = Ended(Arc::downgrade(shared));
        spawn_worker(keep(ended));
    }
}

fn is_first(is_kept: &AtomicBool) -> bool {
    !is_kept.load(Ordering::Acquire) && !is_kept.swap(true, Ordering::AcqRel)
}

/// For as long as anybody has the level.
async fn keep(ended: Ended) {
    let mut tried: Option<Instant> = None;
    while let Some(shared) = ended.0.upgrade() {
        let now = Instant::now();
        if !shared.link.is_up() && tried.is_none_or(|tried| now >= tried + EVERY) {
            tried = Some(now);
            attempt(&shared).await;
        }
        ping(&shared).await;
        shared.tell();
        let next = if shared.link.is_up() { Instant::now() + EVERY } else { tried.unwrap_or(now) + EVERY };
        let link = Arc::clone(&shared.link);
        drop(shared);
        tokio::select! {
            () = sleep_until(next) => {}
            () = link.lost() => {}
        }
    }
}

/// A connection that died in silence is found out before somebody waits for it, and a circuit is tried where nobody asks.
async fn ping(shared: &Arc<Shared>) {
    let mut question = Pipeline::with_capacity(1);
    question.cmd("PING");
    let _told_to_the_circuit = RedisLevel(Arc::clone(shared)).ask(&question).await;
}

/// A panic within is a failed attempt, and not the last one.
async fn attempt(shared: &Arc<Shared>) {
    let permit = shared.breaker.acquire().ok();
    let connected = catch_panic_async(connect(shared)).await;
    let failed = match connected {
        Ok(Ok(())) => None,
        Ok(Err(error)) => Some(error.to_string()),
        Err(panic) => Some(panic.cause_chain()),
    };
    match (permit, failed.is_some()) {
        (Some(permit), true) => permit.failure(),
        (Some(permit), false) => permit.ignore(),
        (None, _) => {}
    }
    if let Some(reason) = failed {
        shared.link.failed(reason);
    }
}

/// Connects, and hears what others annul before anything is read.
async fn connect(shared: &Arc<Shared>) -> RedisResult<()> {
    let number = shared.link.next_number();
    let connecting = timeout(shared.options.connect_timeout, open(shared, number));
    let connection = connecting.await.map_err(|_| late())??;
    shared.link.set(number, connection);
    shared.tell_listeners(&SharedEvent::Restored);
    Ok(())
}

async fn open(shared: &Arc<Shared>, number: u64) -> RedisResult<MultiplexedConnection> {
    let pushed_to = Arc::downgrade(shared);
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(shared.options.connect_timeout))
        .set_response_timeout(Some(shared.options.response_timeout))
        .set_push_sender(move |push: PushInfo| -> Result<(), redis::aio::SendError> {
            if let Some(shared) = pushed_to.upgrade() {
                messages::hear(&shared, number, &push);
            }
            Ok(())
        });
    let mut connection = shared.client.get_multiplexed_async_connection_with_config(&config).await?;
    connection.subscribe(&shared.channel).await?;
    Ok(connection)
}

fn late() -> RedisError {
    RedisError::from((ErrorKind::Io, "no connection in time"))
}
