//! One connection, from its first request to its last.

use std::convert::Infallible;
use std::future::poll_fn;
use std::pin::pin;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use standards_core::__private::holding;
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;
use tower_service::Service;

/// How long a client may take over a request's head.
const HEADER_LIMIT: Duration = Duration::from_secs(5);

/// The most that a request's head may take, in bytes; a longer one is 431.
const MAX_HEAD: usize = 32 * 1024;

/// Serves one connection until either side ends it. When `closing`, it ends with the request at hand; one that comes later is
/// served one request.
pub(super) async fn serve_connection<S, B>(stream: TcpStream, service: S, closing: CancellationToken)
where
    S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    // An answer is written whole; waiting to fill a packet only delays it.
    let _ = stream.set_nodelay(true);
    let already_closing = closing.is_cancelled();
    let connection = http1::Builder::new()
        .keep_alive(!already_closing)
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_LIMIT)
        .half_close(true)
        .max_buf_size(MAX_HEAD)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
    tokio::pin!(connection);
    tokio::select! {
        _ = connection.as_mut() => return,
        () = closing.cancelled(), if !already_closing => connection.as_mut().graceful_shutdown(),
    }
    // A client that breaks its connection is no failure of the service.
    let _ = connection.await;
}

/// Polls the connection; what it defers meanwhile is done after each poll, when it has written what it could.
pub(super) async fn holding_back(connection: impl Future<Output = ()>) {
    let mut connection = pin!(connection);
    poll_fn(|cx| holding(|| connection.as_mut().poll(cx))).await;
}
