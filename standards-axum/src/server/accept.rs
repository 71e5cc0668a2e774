//! The accept loop around a service.

use std::convert::Infallible;
use std::io;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use hyper::body::Incoming;
use standards_core::context;
use standards_core::log::{LogLevel, Record};
use tokio::net::TcpListener;
use tower_service::Service;

use super::connection::serve_connection;
use super::drain::{Connections, Shutdown};

/// A pause after an accept error such as "too many open files", which an immediate retry would only meet again.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Serves `listener` until `stop` resolves, then drains it.
///
/// While requests are in flight the listener stays open, so that a load balancer sees "not ready" and not a refused connection.
/// Connections that are still open when the grace period ends are dropped. The tasks that requests have started are waited for as they are.
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
    let drained = tokio::time::timeout(shutdown.grace, connections.drain());
    tokio::select! {
        () = &mut accepting => {}
        in_time = drained => if in_time.is_err() { tell_of_tasks_left() },
    }
}

fn tell_of_tasks_left() {
    let tasks = context::running_tasks();
    if tasks > 0 {
        Record::new(LogLevel::Warning, "Tareas de solicitudes sin terminar al detener el servicio").field("tasks", tasks).emit();
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
            Ok((stream, peer)) => {
                let connection = serve_connection(stream, peer, service.clone(), connections.clone());
                context::spawn(connections.open.track_future(connection));
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
