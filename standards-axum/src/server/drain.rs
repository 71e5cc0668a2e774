//! Stopping without cutting anybody off.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use standards_core::context;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How a server stops.
#[derive(Clone, Debug)]
pub(crate) struct Shutdown {
    /// Set at once when the stop is asked for; `/health/ready` reads it.
    pub(crate) draining: Arc<AtomicBool>,
    /// How long requests in flight may still take.
    pub(crate) grace: Duration,
}

/// The connections that are open, and the word to close them.
#[derive(Clone, Default)]
pub(super) struct Connections {
    pub(super) open: TaskTracker,
    pub(super) closing: CancellationToken,
}

impl Connections {
    /// Asks every connection to end with the request at hand, and waits until none is left, nor any task that a request has started.
    pub(super) async fn drain(&self) {
        self.closing.cancel();
        self.open.close();
        loop {
            self.open.wait().await;
            context::tasks_ended().await;
            // Meanwhile somebody may have come.
            if self.open.is_empty() {
                break;
            }
        }
    }
}
