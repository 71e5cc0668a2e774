//! A connection as hyper reads and writes it.
//!
//! The walk of a read: what was held back comes first, then the transport; `Framing` says how many of the bytes belong to the part at hand;
//! the rest is held (`Held`) until hyper asks for the next part. Where nothing comes, `Patience` is asked whether the client has had its
//! time.
//!
//! hyper is never given a byte beyond a request before it has told, by the `Exchange`, what body it takes its head to announce. A body of a
//! plain length goes with its head, and the `Exchange` is told which length that was. So the next request, or a body in chunks, that comes
//! in one read with a head is copied once; a request that comes alone, as most do, copies nothing.
//!
//! Writes are passed on as they are. That a client takes them is watched below TLS, by `transport::Socket`.

use std::future::poll_fn;
use std::io::{self, IoSlice};
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::OwnedSemaphorePermit;
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};
use tokio_util::task::task_tracker::TaskTrackerToken;

use super::exchange::Exchange;
use super::framing::{Awaited, Framing};
use super::limits::Limits;
use super::patience::Patience;
use super::transport::Transport;

/// That a connection is there: it counts as open, and has its place among those that may be, until its last owner drops it, be it a task
/// that upgraded it.
pub(super) struct Place {
    pub(super) open: TaskTrackerToken,
    pub(super) _permit: OwnedSemaphorePermit,
}

/// Gives a client so long for each thing, and hyper one head, one body after the other.
///
/// Upgraded, it has nobody who would end it at the request's end. When the server stops, its reader comes to the end of what the client
/// has sent, as if the client had closed its side: a WebSocket's task gets to its last lines. What it writes is still sent.
pub(super) struct Stream {
    transport: Transport,
    exchange: Exchange,
    framing: Framing,
    held: Held,
    limits: Limits,
    patience: Patience,
    awaited: Awaited,
    closing: CancellationToken,
    /// Made when an upgraded connection first waits for its client.
    hang_up: Option<Pin<Box<WaitForCancellationFutureOwned>>>,
    /// Nothing has come of the request that hyper asks for.
    is_waiting: bool,
    /// Nothing is left that hyper has to write.
    is_flushed: bool,
    place: Place,
}

/// What has come too early: it belongs to the next part.
#[derive(Debug, Default)]
struct Held {
    bytes: Vec<u8>,
    /// So many of them have been given on.
    given: usize,
}

/// What is kept of the memory for what comes too early.
const KEPT: usize = 4096;

/// As much is read of a request before hyper is there to read it: the whole head of most.
const FIRST: usize = 2048;

impl Stream {
    /// A connection of which nothing has been read.
    pub(super) fn new(
        transport: Transport,
        exchange: Exchange,
        limits: Limits,
        closing: CancellationToken,
        place: Place,
    ) -> Self {
        let (framing, held, patience) = (Framing::default(), Held::default(), Patience::default());
        let (awaited, hang_up) = (Awaited::Head, None);
        let (is_waiting, is_flushed) = (false, true);
        Self { transport, exchange, framing, held, limits, patience, awaited, closing, hang_up, is_waiting, is_flushed, place }
    }

    /// Resolves once the client has sent something, or has taken too long over it. Until then nothing else is needed of the connection,
    /// hyper neither.
    pub(super) async fn begun(&mut self) {
        self.is_waiting = false;
        self.tell_rest();
        self.held = Held::default();
        poll_fn(|cx| self.poll_begun(cx)).await;
    }

    /// It reads, for a socket that has just been accepted passes for readable.
    fn poll_begun(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let mut memory = [const { MaybeUninit::uninit() }; FIRST];
        let mut first = ReadBuf::uninit(&mut memory);
        if Pin::new(&mut self.transport).poll_read(cx, &mut first).is_pending() {
            return self.poll_expired(cx);
        }
        self.held.take_back(first.filled());
        Poll::Ready(())
    }

    /// Ends a connection on which nothing is under way.
    pub(super) async fn close(&mut self) {
        let _ = poll_fn(|cx| Pin::new(&mut self.transport).poll_shutdown(cx)).await;
    }

    /// Whether hyper has nothing to do here, and there are so many connections that its memory is dearer than the time to make it anew.
    fn tell_rest(&self) {
        let is_idle = self.is_waiting && self.is_flushed;
        self.exchange.rest(is_idle, self.place.open.task_tracker().len() > self.limits.at_ease);
    }

    /// Reads what has been held, or else from the client.
    fn poll_bytes(&mut self, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.held.give(into) {
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.transport).poll_read(cx, into)
    }

    /// Ready once the client has taken too long over what is awaited.
    fn poll_expired(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let awaited = self.framing.awaited();
        let limit = match awaited {
            Awaited::Head => self.limits.head,
            Awaited::NextRequest => self.limits.idle,
            // The layers' deadline is the body's.
            Awaited::Body | Awaited::Nothing => return Poll::Pending,
        };
        if awaited != self.awaited {
            self.awaited = awaited;
            self.patience.end();
        }
        self.patience.poll_expired(limit, cx)
    }

    /// Leaves to hyper what belongs to the part at hand.
    fn part(&mut self, before: usize, into: &mut ReadBuf<'_>) {
        let bytes = into.filled_mut().get_mut(before..).unwrap_or_default();
        let taken = self.framing.take(bytes);
        self.held.take_back(bytes.get(taken..).unwrap_or_default());
        into.set_filled(before + taken);
        if let Some(length) = self.framing.announced() {
            self.exchange.announce(length);
        }
        if matches!(self.framing.awaited(), Awaited::Body | Awaited::Nothing) {
            self.awaited = Awaited::Nothing;
        }
    }

    /// Ready once the server stops.
    fn poll_hang_up(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let closing = &self.closing;
        let hang_up = self.hang_up.get_or_insert_with(|| Box::pin(closing.clone().cancelled_owned()));
        hang_up.as_mut().poll(cx)
    }

    fn poll_read_upgraded(&mut self, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let read = self.poll_bytes(cx, into);
        if read.is_pending() { self.poll_hang_up(cx).map(Ok) } else { read }
    }
}

impl Held {
    /// Gives on what fits, if there is any.
    fn give(&mut self, into: &mut ReadBuf<'_>) -> bool {
        if self.bytes.is_empty() {
            return false;
        }
        let left = self.bytes.get(self.given..).unwrap_or_default();
        if left.is_empty() {
            self.bytes.clear();
            self.bytes.shrink_to(KEPT);
            self.given = 0;
            return false;
        }
        let given = left.len().min(into.remaining());
        into.put_slice(left.get(..given).unwrap_or_default());
        self.given += given;
        true
    }

    /// Takes back the end of what was given, or takes what came from the client.
    fn take_back(&mut self, bytes: &[u8]) {
        if self.bytes.is_empty() {
            self.bytes.extend_from_slice(bytes);
        } else {
            self.given -= bytes.len();
        }
    }
}

impl AsyncRead for Stream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if this.exchange.has_upgraded() {
            return this.poll_read_upgraded(cx, into);
        }
        this.framing.follow(|| this.exchange.take_extent());
        if this.framing.awaited() == Awaited::Nothing {
            // As if the client had closed its side: what it sends is not read.
            return Poll::Ready(Ok(()));
        }
        let before = into.filled().len();
        this.exchange.noted().reads();
        let read = this.poll_bytes(cx, into);
        this.is_waiting = read.is_pending() && this.framing.awaited() == Awaited::NextRequest;
        this.tell_rest();
        match read {
            Poll::Ready(Ok(())) => this.part(before, into),
            Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
            Poll::Pending => ready!(this.poll_expired(cx)),
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Stream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.is_flushed = false;
        Pin::new(&mut self.transport).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.transport).poll_flush(cx);
        self.is_flushed = flushed.is_ready();
        self.tell_rest();
        flushed
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.transport).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.transport.is_write_vectored()
    }

    fn poll_write_vectored(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        self.is_flushed = false;
        Pin::new(&mut self.transport).poll_write_vectored(cx, bytes)
    }
}
