//! What a connection's bytes travel by.
//!
//! `Socket` is the TCP connection with one rule, that the client reads; `Transport` is that socket, or TLS on top of it. `Stream` stands on
//! a `Transport` and does not know which it is.
//!
//! What the client takes is what leaves the kernel for it. By itself the kernel takes megabytes in that nobody has asked it for, and more of
//! them whenever it has memory again: bytes that nobody took, and yet progress to who writes them. So it is told to hold little (`bound`).
//!
//! Reading has no time here: what is awaited, a head or the next request, only `stream` knows.

use std::io::{self, IoSlice};
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

#[cfg(target_os = "linux")]
use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::patience::Patience;

/// What the kernel holds of an answer beyond what is on its way to the client, in bytes: enough for one that reads as fast as it can. Two
/// thousand that do not read had it hold gigabytes, until it had no memory for those who do (`cargo bench --bench crowd`).
#[cfg(target_os = "linux")]
const UNSENT: u32 = 128 * 1024;

/// An answer up to so many bytes is copied together, head and body, and sent by the cheaper of two system calls: `send` takes less of
/// the kernel than `writev` by more than the copy costs (`cargo bench-http`).
const COPIED: usize = 2048;

/// A socket whose client has to read: one that for some time takes nothing, or too little for the kernel to take in more, breaks the
/// connection.
///
/// It stands below TLS, which has memory of its own, so that what the client takes is seen.
#[derive(Debug)]
pub(super) struct Socket {
    stream: TcpStream,
    stall: Duration,
    patience: Patience,
}

impl Socket {
    /// A connection that may go `stall` without progress. The time begins anew whenever the kernel takes in a byte more.
    pub(super) fn new(stream: TcpStream, stall: Duration) -> Self {
        // An answer is written whole; waiting to fill a packet only delays it.
        let _ = stream.set_nodelay(true);
        bound(&stream, stall);
        Self { stream, stall, patience: Patience::default() }
    }

    /// Counts from the first write that has to wait; `TimedOut`, and a connection that ends in a reset, once that has lasted too long.
    fn watch<T>(&mut self, written: Poll<io::Result<T>>, cx: &mut Context<'_>) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.patience.end();
            return written;
        }
        ready!(self.patience.poll_expired(self.stall, cx));
        // Else the kernel would go on holding what nobody reads, megabytes of it, and the client would not hear that it is over.
        let _ = self.stream.set_zero_linger();
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

/// Bounds what the kernel holds for the client, and for how long: an answer that it has taken whole is its own to give up, also once
/// the connection is closed here. Elsewhere than on Linux the kernel keeps its ways.
#[cfg(target_os = "linux")]
fn bound(stream: &TcpStream, stall: Duration) {
    let socket = SockRef::from(stream);
    let _ = socket.set_tcp_notsent_lowat(UNSENT);
    let _ = socket.set_tcp_user_timeout(Some(stall));
}

#[cfg(not(target_os = "linux"))]
const fn bound(_stream: &TcpStream, _stall: Duration) {}

impl AsyncRead for Socket {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, into)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.watch(written, cx)
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
        let stream = Pin::new(&mut self.stream);
        let mut memory = [const { MaybeUninit::uninit() }; COPIED];
        let written = match together(bytes, ReadBuf::uninit(&mut memory)) {
            Some(whole) => stream.poll_write(cx, whole.filled()),
            None => stream.poll_write_vectored(cx, bytes),
        };
        self.watch(written, cx)
    }
}

/// All of `parts` in `memory`, where that is more than one of them and there is room.
fn together<'m>(parts: &[IoSlice<'_>], mut memory: ReadBuf<'m>) -> Option<ReadBuf<'m>> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    if parts.len() < 2 || length > memory.capacity() {
        return None;
    }
    parts.iter().for_each(|part| memory.put_slice(part));
    Some(memory)
}

/// A socket, or TLS on one.
///
/// TLS is in a box: a connection's task is as large as its largest state, and a plain one need not pay for it.
pub(super) enum Transport {
    Plain(Socket),
    #[cfg(feature = "tls")]
    Tls(Box<tokio_rustls::server::TlsStream<Socket>>),
}

/// Does the same to either.
macro_rules! either {
    ($transport:expr, $stream:ident => $done:expr) => {
        match $transport {
            Transport::Plain($stream) => $done,
            #[cfg(feature = "tls")]
            Transport::Tls($stream) => $done,
        }
    };
}

impl AsyncRead for Transport {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        either!(self.get_mut(), stream => Pin::new(stream).poll_read(cx, into))
    }
}

impl AsyncWrite for Transport {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        either!(self.get_mut(), stream => Pin::new(stream).poll_write(cx, bytes))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        either!(self.get_mut(), stream => Pin::new(stream).poll_flush(cx))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        either!(self.get_mut(), stream => Pin::new(stream).poll_shutdown(cx))
    }

    fn is_write_vectored(&self) -> bool {
        either!(self, stream => stream.is_write_vectored())
    }

    fn poll_write_vectored(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        either!(self.get_mut(), stream => Pin::new(stream).poll_write_vectored(cx, bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    #[cfg(target_os = "linux")]
    use tokio::net::TcpSocket;
    use tokio::net::{TcpListener, TcpStream};

    /// What a client gets of a head of `head` bytes and a body of `body`, sent at once.
    async fn sent_at_once(head: usize, body: usize) -> (usize, Vec<u8>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let mut socket = Socket::new(listener.accept().await.unwrap().0, Duration::from_secs(5));
        let (head, body) = (vec![b'h'; head], vec![b'b'; body]);
        let taken = socket.write_vectored(&[IoSlice::new(&head), IoSlice::new(&body)]).await.unwrap();
        drop(socket);
        let mut got = Vec::new();
        client.read_to_end(&mut got).await.unwrap();
        (taken, got)
    }

    #[tokio::test]
    async fn an_answer_goes_out_whole_whether_it_is_copied_or_not() {
        for (head, body) in [(200, 0), (0, 70), (200, 70), (COPIED - 1, 1), (COPIED, 1), (200, 3 * COPIED)] {
            let (taken, got) = sent_at_once(head, body).await;
            let whole: Vec<u8> = [vec![b'h'; head], vec![b'b'; body]].concat();
            assert_eq!((taken, got == whole), (head + body, true), "{head} and {body} bytes");
        }
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn regression_the_kernel_takes_little_that_nobody_reads() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = TcpSocket::new_v4().unwrap();
        // Its kernel reads next to nothing for it.
        client.set_recv_buffer_size(4096).unwrap();
        let _client = client.connect(listener.local_addr().unwrap()).await.unwrap();
        let mut socket = Socket::new(listener.accept().await.unwrap().0, Duration::from_millis(500));
        let (bytes, mut taken) = (vec![0; 4 << 20], 0);
        let error = loop {
            match socket.write(&bytes).await {
                Ok(length) => taken += length,
                Err(error) => break error,
            }
        };
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert!(taken < 1 << 20, "{taken} bytes");
    }
}
