//! One connection, from its first request to its last.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Duration;

use axum::extract::ConnectInfo;
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tower::ServiceExt;
use tower_service::Service;

use super::drain::Connections;
use super::stream::{Stream, Upgraded};

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
