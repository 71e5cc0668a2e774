//! The bytes of one connection, also once it speaks another protocol than HTTP.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};
use tokio_util::task::task_tracker::TaskTrackerToken;

/// A connection that counts as open until its last owner drops it, be it a task that upgraded it.
///
/// Upgraded, it has nobody who would end it at the request's end. When the server stops, its reader comes to the end of what the client
/// has sent, as if the client had closed its side: a WebSocket's task gets to its last lines. What it writes is still sent.
pub(super) struct Stream {
    stream: TcpStream,
    upgraded: Upgraded,
    closing: CancellationToken,
    /// Made when an upgraded connection first waits for its client.
    hang_up: Option<Pin<Box<WaitForCancellationFutureOwned>>>,
    _open: TaskTrackerToken,
}

/// Whether a connection has left HTTP; clones share the answer.
#[derive(Clone, Debug, Default)]
pub(super) struct Upgraded(Arc<AtomicBool>);

impl Upgraded {
    /// It has, with the answer that is being sent.
    pub(super) fn set(&self) {
        self.0.store(true, Ordering::Release);
    }
}

impl Stream {
    pub(super) const fn new(stream: TcpStream, upgraded: Upgraded, closing: CancellationToken, open: TaskTrackerToken) -> Self {
        Self { stream, upgraded, closing, hang_up: None, _open: open }
    }

    /// Ready once the server stops.
    fn poll_hang_up(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let closing = &self.closing;
        let hang_up = self.hang_up.get_or_insert_with(|| Box::pin(closing.clone().cancelled_owned()));
        hang_up.as_mut().poll(cx)
    }
}

impl AsyncRead for Stream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let read = Pin::new(&mut self.stream).poll_read(cx, into);
        if read.is_pending() && self.upgraded.0.load(Ordering::Acquire) {
            return self.poll_hang_up(cx).map(Ok);
        }
        read
    }
}

impl AsyncWrite for Stream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_write_vectored(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bytes)
    }
}
