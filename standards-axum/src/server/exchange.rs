//! What the requests of a connection tell its reader.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::drain::Closing;
use super::framing::Extent;

/// Clones share what is told. All but the word of an upgrade stays in the connection's own task.
#[derive(Clone, Debug)]
pub(super) struct Exchange(Arc<State>);

#[derive(Debug)]
struct State {
    has_upgraded: AtomicBool,
    extent: AtomicU64,
    closing: Closing,
}

/// No body is that long: hyper keeps these numbers for itself, too.
const UNTOLD: u64 = u64::MAX;
const CHUNKED: u64 = u64::MAX - 1;

impl Exchange {
    pub(super) fn new(closing: Closing) -> Self {
        Self(Arc::new(State { has_upgraded: AtomicBool::new(false), extent: AtomicU64::new(UNTOLD), closing }))
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
}
