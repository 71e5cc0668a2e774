//! `watch`: a proxy that judges what really passes, and changes nothing of it but headers that are each connection's own.
//!
//! A connection of a client has one of its own to the service (`proxy`). Answers are copied as they pass, within bounds (`tap`), and judged in a
//! thread beside (`court`), which keeps what rules came to and not the traffic. Where more passes than can be judged, it passes unjudged, and
//! is counted.

mod court;
mod proxy;
mod tap;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use standards_core::context::spawn_worker;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};

use super::observer::Observed;
use super::target::Target;

pub(super) use court::{Court, open};

/// How many client connections there may be at once.
const CONNECTIONS: usize = 512;
/// How long answers that are on their way may take once the time is over.
const GRACE: Duration = Duration::from_secs(1);
/// How often that is looked at.
const LOOK: Duration = Duration::from_millis(10);

/// What all connections share.
#[derive(Debug)]
pub(super) struct Watch {
    target: Target,
    /// Where answers go to be judged, until the end.
    court: Mutex<Option<SyncSender<Observed>>>,
    /// Bytes that copies of passing answers hold.
    copied: AtomicUsize,
    /// Answers on their way.
    open: AtomicUsize,
    unjudged: AtomicUsize,
}

impl Watch {
    pub(super) fn new(target: Target, court: SyncSender<Observed>) -> Self {
        let [copied, open, unjudged] = [const { AtomicUsize::new(0) }; 3];
        Self { target, court: Mutex::new(Some(court)), copied, open, unjudged }
    }

    /// How many answers were not judged, since too many passed.
    pub(super) fn unjudged(&self) -> usize {
        self.unjudged.load(Ordering::Relaxed)
    }

    fn judge(&self, observed: Observed) {
        let court = self.court.lock().unwrap_or_else(PoisonError::into_inner);
        let full = court.as_ref().is_some_and(|court| matches!(court.try_send(observed), Err(TrySendError::Full(_))));
        self.unjudged.fetch_add(usize::from(full), Ordering::Relaxed);
    }

    /// Nothing more is judged.
    fn close(&self) {
        drop(self.court.lock().unwrap_or_else(PoisonError::into_inner).take());
    }
}

/// Hands on what comes until `end` resolves.
pub(super) async fn serve(listener: TcpListener, watch: &Arc<Watch>, end: impl Future<Output = ()>) {
    tokio::select! {
        () = accept(&listener, watch) => {}
        () = end => {}
    }
    let _ = timeout(GRACE, settled(watch)).await;
    watch.close();
}

async fn accept(listener: &TcpListener, watch: &Arc<Watch>) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    while let Ok(place) = Arc::clone(&places).acquire_owned().await {
        // No descriptors, say: others end meanwhile.
        let Ok((stream, _)) = listener.accept().await else {
            sleep(LOOK).await;
            continue;
        };
        let connection = proxy::connection(stream, Arc::clone(watch));
        drop(spawn_worker(async move {
            connection.await;
            drop(place);
        }));
    }
}

async fn settled(watch: &Watch) {
    while watch.open.load(Ordering::Relaxed) > 0 {
        sleep(LOOK).await;
    }
}
