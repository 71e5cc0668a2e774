//! Stopping without cutting anybody off.
//!
//! Three words are said one after the other, to three listeners: `Shutdown::draining` to the load balancer (by `/health/ready`), `Closing`
//! to each connection, and at the end of `Shutdown::grace` the drop of everything to whoever is left.
//!
//! `Connections::open` counts connections, upgraded ones too, for the tracker's token travels in the `Place` with them. Tasks of requests
//! are counted elsewhere (`context::spawn`), and waited for here: an answer that is sent may have left work behind.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
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
    /// A token each.
    pub(super) open: TaskTracker,
    /// Shared with every connection.
    pub(super) closing: Closing,
}

/// The word to close. Every request asks for it, so that it can be seen without the token's lock.
#[derive(Clone, Debug, Default)]
pub(super) struct Closing {
    pub(super) token: CancellationToken,
    is_cancelled: Arc<AtomicBool>,
}

impl Closing {
    /// Whether the word has been said, for a request that is being answered; it never waits.
    pub(super) fn is_cancelled(&self) -> bool {
        self.is_cancelled.load(Ordering::Acquire)
    }

    /// Resolves once the word has been said. Asked again and again by one task, it looks at the flag alone: the token wakes that task.
    pub(super) async fn said(&self) {
        let (mut said, mut is_awaited) = (pin!(self.token.cancelled()), false);
        poll_fn(|cx| {
            if is_awaited && !self.is_cancelled() {
                return Poll::Pending;
            }
            is_awaited = true;
            said.as_mut().poll(cx)
        })
        .await;
    }

    /// Says it. The flag is set first, so that whoever is woken by the token finds it.
    fn cancel(&self) {
        self.is_cancelled.store(true, Ordering::Release);
        self.token.cancel();
    }
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
