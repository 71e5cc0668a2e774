//! A service on a port of its own.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use standards_core::context;
use tokio::net::TcpListener;
use tokio::sync::oneshot::{self, Sender};

use crate::server::{Front, Limits, Security, Shutdown, run};

/// The service of a [`TestApp`](super::TestApp) on a free port of this machine, served as in production, until it is dropped.
///
/// ```
/// use axum::{Router, routing::get};
/// use standards_axum::testing::TestApp;
/// use standards_axum::{ok, standardize};
/// use tokio::io::{AsyncReadExt, AsyncWriteExt};
/// use tokio::net::TcpStream;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let server = TestApp::new(standardize(Router::new().route("/", get(async || ok("hola"))))).listen().await;
/// let mut connection = TcpStream::connect(server.address()).await?;
/// connection.write_all(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await?;
/// let mut answer = String::new();
/// connection.read_to_string(&mut answer).await?;
/// assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with(r#""data":"hola","errors":[]}"#));
/// # Ok(())
/// # }
/// ```
///
/// Its connections have the limits of every service (five seconds for a head, ..), but TLS. The records of a request that comes by the port
/// are those of the correlation id that its client sends: `Capture::of` has them.
#[derive(Debug)]
pub struct TestServer {
    address: SocketAddr,
    /// Dropped, it stops the server.
    _stop: Sender<()>,
}

impl TestServer {
    pub(super) async fn start(router: Router) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("this machine has a free port");
        let address = listener.local_addr().expect("a listener has an address");
        let (stop, stopped) = oneshot::channel::<()>();
        let front = Front { listener: listener.into(), limits: Limits::default(), security: Security::Plain };
        let shutdown = Shutdown { draining: Arc::default(), grace: Duration::ZERO };
        drop(context::spawn_worker(run(front, router, shutdown, async { drop(stopped.await) })));
        Self { address, _stop: stop }
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The same as the beginning of a URL, without a slash at its end: `http://127.0.0.1:49152`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}
