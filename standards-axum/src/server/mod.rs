//! Listen, serve and stop: the accept loop around a service.

mod own;
mod repoll;

use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use standards_core::context;
use standards_core::log::{LogLevel, Record};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower_service::Service;

use self::own::Own;
use self::repoll::Repoll;

/// How long a client may take over a request's head.
const HEADER_LIMIT: Duration = Duration::from_secs(5);

/// The most that a request's head may take, in bytes; a longer one is 431.
const MAX_HEAD: usize = 32 * 1024;

/// A pause after an accept error such as "too many open files", which an immediate retry would only meet again.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// How a server stops.
#[derive(Clone, Debug)]
pub(crate) struct Shutdown {
    /// Set at once when the stop is asked for; `/health/ready` reads it.
    pub(crate) draining: Arc<AtomicBool>,
    /// How long requests in flight may still take.
    pub(crate) grace: Duration,
}

/// Serves `listener` until `stop` resolves, then drains it.
///
/// While requests are in flight the listener stays open, so that a load balancer sees "not ready" and not a refused connection.
/// Connections that are still open when the grace period ends are dropped.
pub(crate) async fn run<S, B>(listener: TcpListener, service: S, shutdown: Shutdown, stop: impl Future<Output = ()>)
where
    S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let connections = Connections::default();
    let accepting = accept(&listener, service, &connections);
    tokio::pin!(accepting);
    tokio::select! {
        () = &mut accepting => {}
        () = stop => {}
    }
    shutdown.draining.store(true, Ordering::Relaxed);
    let drained = connections.drain();
    tokio::select! {
        () = &mut accepting => {}
        _ = tokio::time::timeout(shutdown.grace, drained) => {}
    }
}

/// The connections that are open, and the word to close them.
#[derive(Clone, Default)]
struct Connections {
    open: TaskTracker,
    closing: CancellationToken,
}

impl Connections {
    /// Asks every connection to end with the request at hand, and waits until none is left.
    async fn drain(&self) {
        self.closing.cancel();
        self.open.close();
        self.open.wait().await;
    }
}

/// Takes connections for ever.
async fn accept<S, B>(listener: &TcpListener, service: S, connections: &Connections)
where
    S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let connection = serve_connection(stream, service.clone(), connections.closing.clone());
                context::spawn(connections.open.track_future(Repoll::new(connection)));
            }
            Err(error) if concerns_one_connection(&error) => {}
            Err(error) => {
                Record::new(LogLevel::Warning, "No se pudo aceptar una conexión").field("cause", error.to_string()).emit();
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

fn concerns_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

/// Serves one connection until either side ends it. When `closing`, it ends with the request at hand; one that comes later is
/// served one request.
async fn serve_connection<S, B>(stream: TcpStream, service: S, closing: CancellationToken)
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
        .serve_connection(TokioIo::new(stream), Own::new(service));
    tokio::pin!(connection);
    tokio::select! {
        _ = connection.as_mut() => return,
        () = closing.cancelled(), if !already_closing => connection.as_mut().graceful_shutdown(),
    }
    // A client that breaks its connection is no failure of the service.
    let _ = connection.await;
}

/// Resolves when the process is told to stop: SIGTERM or SIGINT.
///
/// # Errors
///
/// When the signals cannot be watched.
pub(crate) fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::Full;
    use std::net::SocketAddr;
    use std::time::Instant;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::sync::oneshot;
    use tokio::task::JoinHandle;
    use tower::service_fn;

    const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n";

    /// A server whose answers take `work`, and the word to stop it.
    async fn start(work: Duration, grace: Duration) -> (SocketAddr, oneshot::Sender<()>, JoinHandle<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let service = service_fn(move |_: Request<Incoming>| async move {
            tokio::time::sleep(work).await;
            Ok::<_, Infallible>(Response::new(Full::new(Bytes::from("hecho"))))
        });
        let (stop, stopped) = oneshot::channel();
        let shutdown = Shutdown { draining: Arc::default(), grace };
        let running = context::spawn(run(listener, service, shutdown, async { drop(stopped.await) }));
        (address, stop, running)
    }

    async fn connect(address: SocketAddr, bytes: &[u8]) -> TcpStream {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        tokio::time::sleep(Duration::from_millis(50)).await;
        stream
    }

    async fn read(mut stream: TcpStream) -> String {
        let mut text = String::new();
        stream.read_to_string(&mut text).await.unwrap();
        text
    }

    #[tokio::test]
    async fn requests_in_flight_finish_and_the_listener_stays_open_meanwhile() {
        let (address, stop, running) = start(Duration::from_millis(1500), Duration::from_secs(30)).await;
        let in_flight = connect(address, REQUEST).await;
        stop.send(()).unwrap();
        let late = connect(address, REQUEST).await;
        assert!(read(in_flight).await.ends_with("hecho"));
        assert!(read(late).await.ends_with("hecho"));
        running.await.unwrap();
    }

    #[tokio::test]
    async fn idle_connections_do_not_hold_the_server() {
        let (address, stop, running) = start(Duration::ZERO, Duration::from_secs(10)).await;
        let idle = connect(address, REQUEST).await;
        let started = Instant::now();
        stop.send(()).unwrap();
        running.await.unwrap();
        assert!(started.elapsed() < Duration::from_secs(5));
        drop(idle);
    }

    #[tokio::test]
    async fn a_client_that_never_finishes_does_not_hold_it_past_the_grace() {
        let (address, stop, running) = start(Duration::from_secs(3600), Duration::from_millis(200)).await;
        let _stuck = connect(address, REQUEST).await;
        let _half = connect(address, b"GET / HT").await;
        stop.send(()).unwrap();
        running.await.unwrap();
    }
}
