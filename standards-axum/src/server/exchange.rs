//! What the requests of a connection tell its reader.
//!
//! hyper stands between the two: the reader (`stream`) hands it bytes, the service answers what it makes of them. What the reader has to
//! know of that is told here, past hyper: how long the body of the request is that has just begun, and whether the connection is HTTP's no
//! more. And the reader tells whether hyper has nothing to do.
//!
//! The extent is told before the service is called, so hyper cannot ask for the body's first byte earlier than the reader knows where it
//! ends.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::drain::Closing;
use super::framing::Extent;

/// Clones share what is told. All but the word of an upgrade stays in the connection's own task.
#[derive(Clone, Debug)]
pub(super) struct Exchange(Arc<State>);

/// The numbers are atomic since a service is `Send`; there is never more than one writer.
#[derive(Debug)]
struct State {
    has_upgraded: AtomicBool,
    is_at_rest: AtomicBool,
    extent: AtomicU64,
    closing: Closing,
}

/// No body is that long: hyper keeps these numbers for itself, too.
const UNTOLD: u64 = u64::MAX;
const CHUNKED: u64 = u64::MAX - 1;

impl Exchange {
    /// For a connection on which no request has come.
    pub(super) fn new(closing: Closing) -> Self {
        let (has_upgraded, is_at_rest) = (AtomicBool::new(false), AtomicBool::new(false));
        Self(Arc::new(State { has_upgraded, is_at_rest, extent: AtomicU64::new(UNTOLD), closing }))
    }

    /// Whether the server is being stopped.
    pub(super) fn is_closing(&self) -> bool {
        self.0.closing.is_cancelled()
    }

    /// A request is there, with this body.
    pub(super) fn begin(&self, extent: Extent) {
        let extent = match extent {
            Extent::Length(length) => length.min(CHUNKED - 1),
            Extent::Chunked => CHUNKED,
        };
        self.0.extent.store(extent, Ordering::Relaxed);
    }

    /// The body of the request that has begun, told once.
    pub(super) fn take_extent(&self) -> Option<Extent> {
        match self.0.extent.swap(UNTOLD, Ordering::Relaxed) {
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

    /// Whether the connection waits for its next request and had better do so without hyper, as its reader sees it.
    pub(super) fn rest(&self, is_at_rest: bool) {
        self.0.is_at_rest.store(is_at_rest, Ordering::Relaxed);
    }

    /// The same, for the one who has hyper.
    pub(super) fn is_at_rest(&self) -> bool {
        self.0.is_at_rest.load(Ordering::Relaxed)
    }
}
