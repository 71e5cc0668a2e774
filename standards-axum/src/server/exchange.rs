//! What the requests of a connection tell its reader.
//!
//! hyper stands between the two: the reader (`stream`) hands it bytes, the service answers what it makes of them. What the reader has to
//! know of that is told here, past hyper: how long the body of the request is that has just begun, and whether the connection is HTTP's no
//! more. And the reader tells whether hyper has nothing to do.
//!
//! The extent is told before the service is called, so hyper cannot ask for the body's first byte earlier than the reader knows where it
//! ends. Where the reader has given hyper a body together with its head, it has announced here how long it took that to be, and what hyper
//! tells is compared with it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::drain::Closing;
use super::framing::Extent;
use super::waking::Noted;

/// Clones share what is told. All but the word of an upgrade stays in the connection's own task.
#[derive(Clone, Debug)]
pub(super) struct Exchange(Arc<State>);

/// The numbers are atomic since a service is `Send`; there is never more than one writer.
#[derive(Debug)]
struct State {
    has_upgraded: AtomicBool,
    is_idle: AtomicBool,
    is_at_rest: AtomicBool,
    extent: AtomicU64,
    announced: AtomicU64,
    closing: Closing,
    noted: Noted,
}

/// No body is that long: hyper keeps these numbers for itself, too.
const UNTOLD: u64 = u64::MAX;
const CHUNKED: u64 = u64::MAX - 1;

impl Exchange {
    /// For a connection on which no request has come.
    pub(super) fn new(closing: Closing) -> Self {
        let [has_upgraded, is_idle, is_at_rest] = [false; 3].map(AtomicBool::new);
        let (extent, announced) = (AtomicU64::new(UNTOLD), AtomicU64::new(UNTOLD));
        Self(Arc::new(State { has_upgraded, is_idle, is_at_rest, extent, announced, closing, noted: Noted::default() }))
    }

    /// Whether the server is being stopped.
    pub(super) fn is_closing(&self) -> bool {
        self.0.closing.is_cancelled()
    }

    /// The reader has taken the body of the request that comes to be this long.
    pub(super) fn announce(&self, length: u64) {
        self.0.announced.store(length.min(CHUNKED - 1), Ordering::Relaxed);
    }

    /// A request is there, with this body, as hyper reads it. Whether that is what was announced, if anything was.
    pub(super) fn begin(&self, extent: Extent) -> bool {
        let extent = match extent {
            Extent::Length(length) => length.min(CHUNKED - 1),
            Extent::Chunked => CHUNKED,
        };
        self.0.extent.store(extent, Ordering::Relaxed);
        let announced = take(&self.0.announced);
        announced == UNTOLD || announced == extent
    }

    /// The body of the request that has begun, told once.
    pub(super) fn take_extent(&self) -> Option<Extent> {
        match take(&self.0.extent) {
            UNTOLD => None,
            CHUNKED => Some(Extent::Chunked),
            length => Some(Extent::Length(length)),
        }
    }

    /// The connection has left HTTP, with the answer that is being sent.
    pub(super) fn upgrade(&self) {
        self.0.has_upgraded.store(true, Ordering::Release);
    }

    /// Whether it has.
    pub(super) fn has_upgraded(&self) -> bool {
        self.0.has_upgraded.load(Ordering::Acquire)
    }

    /// Whether the connection waits for its next request, as its reader sees it, and had better do so without hyper.
    pub(super) fn rest(&self, is_idle: bool, without_hyper: bool) {
        self.0.is_idle.store(is_idle, Ordering::Relaxed);
        self.0.is_at_rest.store(is_idle && without_hyper, Ordering::Relaxed);
    }

    /// Whether it waits for its next request.
    pub(super) fn is_idle(&self) -> bool {
        self.0.is_idle.load(Ordering::Relaxed)
    }

    /// What has woken it.
    pub(super) fn noted(&self) -> &Noted {
        &self.0.noted
    }

    /// Whether it had, for the one who has hyper.
    pub(super) fn is_at_rest(&self) -> bool {
        self.0.is_at_rest.load(Ordering::Relaxed)
    }
}

/// What has been told, which is told once. Both sides are in one task: a swap would be a fence for nothing.
fn take(told: &AtomicU64) -> u64 {
    let value = told.load(Ordering::Relaxed);
    told.store(UNTOLD, Ordering::Relaxed);
    value
}
