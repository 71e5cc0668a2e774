//! One connection, from its first request to its last.

use std::convert::Infallible;
use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::extract::ConnectInfo;
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};
use tokio_util::task::task_tracker::TaskTrackerToken;
use tower::ServiceExt;
use tower_service::Service;

use super::drain::Connections;

/// How long a client may take over a request's head.
const HEADER_LIMIT: Duration = Duration::from_secs(5);

/// The most that a request's head may take, in bytes; a longer one is 431.
const MAX_HEAD: usize = 32 * 1024;

/// Serves one connection until either side ends it. When it is `closing`, it ends with the request at hand; one that comes later is
/// served one request. A request may take the connection over (WebSocket, `CONNECT`): from then on it is the task's that took it.
pub(super) async fn serve_connection<S, B>(stream: TcpStream, peer: SocketAddr, service: S, connections: Connections)
where
    S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    // An answer is written whole; waiting to fill a packet only delays it.
    let _ = stream.set_nodelay(true);
    let (closing, upgraded) = (connections.closing, Upgraded::default());
    let already_closing = closing.is_cancelled();
    let stream = Stream::new(stream, upgraded.clone(), closing.clone(), connections.open.token());
    let answering = service_fn(move |request| answer(service.clone(), peer, upgraded.clone(), request));
    let connection = builder(!already_closing).serve_connection(TokioIo::new(stream), answering).with_upgrades();
    tokio::pin!(connection);
    tokio::select! {
        _ = connection.as_mut() => return,
        () = closing.cancelled(), if !already_closing => connection.as_mut().graceful_shutdown(),
    }
    // A client that breaks its connection is no failure of the service.
    let _ = connection.await;
}

fn builder(keep_alive: bool) -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder
        .keep_alive(keep_alive)
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_LIMIT)
        .half_close(true)
        .max_buf_size(MAX_HEAD);
    builder
}

/// Answers one request, which is told whose it is.
fn answer<S, B>(
    service: S,
    peer: SocketAddr,
    upgraded: Upgraded,
    mut request: Request<Incoming>,
) -> impl Future<Output = Result<Response<B>, Infallible>>
where
    S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible>,
{
    request.extensions_mut().insert(ConnectInfo(peer));
    let is_connect = request.method() == Method::CONNECT;
    let answering = service.oneshot(request);
    async move {
        let response = answering.await?;
        // As hyper sees it (RFC 9110, sections 7.8 and 9.3.6).
        if response.status() == StatusCode::SWITCHING_PROTOCOLS || (is_connect && response.status().is_success()) {
            upgraded.set();
        }
        Ok(response)
    }
}

/// A connection that counts as open until its last owner drops it, be it a task that upgraded it.
///
/// Upgraded, it has nobody who would end it at the request's end. When the server stops, its reader comes to the end of what the client
/// has sent, as if the client had closed its side: a WebSocket's task gets to its last lines. What it writes is still sent.
struct Stream {
    stream: TcpStream,
    upgraded: Upgraded,
    closing: CancellationToken,
    /// Made when an upgraded connection first waits for its client.
    hang_up: Option<Pin<Box<WaitForCancellationFutureOwned>>>,
    _open: TaskTrackerToken,
}

/// Whether a connection has left HTTP; clones share the answer.
#[derive(Clone, Debug, Default)]
struct Upgraded(Arc<AtomicBool>);

impl Upgraded {
    /// It has, with the answer that is being sent.
    fn set(&self) {
        self.0.store(true, Ordering::Release);
    }
}

impl Stream {
    const fn new(stream: TcpStream, upgraded: Upgraded, closing: CancellationToken, open: TaskTrackerToken) -> Self {
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
