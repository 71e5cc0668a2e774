//! The accept loop around a service.
//!
//! There is one loop, in `Door::serve`, and it never does anything slow: TLS, HTTP and the service run in the connection's own task. It is
//! run twice, while the server serves and while it drains, with the same count of places.
//!
//! An error of `accept` is one of two kinds. What concerns the one connection (it was reset before it was taken) is passed over. What
//! concerns the process (no descriptors left) is a record, at most one a second, and a pause; there is none that ends the server.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use hyper::body::Incoming;
use standards_core::context;
use standards_core::log::{LogLevel, Record};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout_at};
use tower_service::Service;

use super::connection::{Serving, serve_connection};
use super::drain::{Connections, Shutdown};
use super::limits::Limits;
use super::listener::Listener;
use super::security::Security;
use super::seldom::Seldom;
use super::stream::Place;
use super::transport::Socket;

/// A pause after an accept error such as "too many open files", which an immediate retry would only meet again.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// What stands before a service.
///
/// Made by `service::front` and `Service::run_at` from the settings, and by tests by hand.
pub(crate) struct Front {
    /// Where connections come from.
    pub(crate) listener: Listener,
    /// How long clients may take, and how many there may be.
    pub(crate) limits: Limits,
    /// Plain connections, or TLS.
    pub(crate) security: Security,
}

/// Serves what comes to `front` until `stop` resolves, then drains it.
///
/// While requests are in flight the listener stays open, so that a load balancer sees "not ready" and not a refused connection; one that is
/// shared is left to whoever shares it. Connections that are still open when the grace period ends are dropped. The tasks that requests have
/// started are waited for as they are.
pub(crate) async fn run<S, B>(front: Front, service: S, shutdown: Shutdown, stop: impl Future<Output = ()>)
where
    S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let Front { listener: Listener { tcp, is_shared }, limits, security } = front;
    let connections = Connections::default();
    let mut door = Door::new(&tcp, limits, &security, &connections);
    tokio::select! {
        () = door.serve(service.clone()) => {}
        () = security.keep_fresh() => {}
        () = stop => {}
    }
    shutdown.draining.store(true, Ordering::Relaxed);
    let end = Instant::now() + shutdown.grace;
    tokio::select! {
        () = door.serve(service), if !is_shared => {}
        _ = timeout_at(end, connections.drain()) => {}
    }
    // One may have come in as the last one left.
    let _ = timeout_at(end, connections.drain()).await;
}

/// Tasks that outlive the grace period are cut off with the process: whoever reads the log is told how many.
pub(crate) fn tell_of_tasks_left() {
    let tasks = context::running_tasks();
    if tasks > 0 {
        Record::new(LogLevel::Warning, "Tareas de solicitudes sin terminar al detener el servicio").field("tasks", tasks).emit();
    }
}

/// Lets connections in.
///
/// It is the only one who knows how many places there are. A connection takes one before it is accepted and gives it back when its last
/// owner drops it, so `places` never has to be corrected.
struct Door<'a> {
    listener: &'a TcpListener,
    limits: Limits,
    security: &'a Security,
    connections: &'a Connections,
    places: Arc<Semaphore>,
    failures: Seldom,
    fullness: Seldom,
}

impl<'a> Door<'a> {
    fn new(listener: &'a TcpListener, limits: Limits, security: &'a Security, connections: &'a Connections) -> Self {
        let places = Arc::new(Semaphore::new(limits.connections.min(Semaphore::MAX_PERMITS)));
        let failures = Seldom::new("No se pudo aceptar una conexión");
        let fullness = Seldom::new("Hay tantas conexiones como se admiten; las demás esperan");
        Self { listener, limits, security, connections, places, failures, fullness }
    }

    /// Takes connections for ever, each once there is a place for it.
    async fn serve<S, B>(&mut self, service: S)
    where
        S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible> + Clone + Send + 'static,
        S::Future: Send,
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        loop {
            let Some(permit) = self.place().await else { return };
            let (stream, peer) = self.accept().await;
            let place = Place { open: self.connections.open.token(), _permit: permit };
            let (limits, closing) = (self.limits, self.connections.closing.clone());
            let serving = Serving { service: Box::new(service.clone()), peer, limits, closing, place };
            let (socket, security) = (Socket::new(stream, limits.stall), self.security.clone());
            context::spawn(async move {
                if let Some(transport) = security.secure(socket).await {
                    serve_connection(transport, serving).await;
                }
            });
        }
    }

    /// A place for one more connection, unless there will never be one.
    async fn place(&mut self) -> Option<OwnedSemaphorePermit> {
        if self.places.available_permits() == 0 {
            self.fullness.warn(&format!("MAX_CONNECTIONS = {}", self.limits.connections));
        }
        self.places.clone().acquire_owned().await.ok()
    }

    /// The next connection, whatever comes in between.
    async fn accept(&mut self) -> (TcpStream, SocketAddr) {
        loop {
            match self.listener.accept().await {
                Ok(accepted) => return accepted,
                Err(error) if concerns_one_connection(&error) => {}
                Err(error) => {
                    self.failures.warn(&error.to_string());
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }
}

/// Whether the client has gone before it was let in: nothing is wrong with the listener then.
fn concerns_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}
