//! The router on a port of its own.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use standards_core::context;
use tokio::net::TcpListener;
use tokio::sync::oneshot::{self, Sender};
use tokio::task::JoinHandle;

use crate::server::{Front, Limits, Security, Shutdown, run};

/// How long requests may go on after the last one was answered.
const GRACE: Duration = Duration::from_secs(5);

/// A router that is served until it is stopped or dropped.
#[derive(Debug)]
pub(super) struct Served {
    address: SocketAddr,
    stop: Sender<()>,
    server: JoinHandle<()>,
}

impl Served {
    #[expect(clippy::expect_used, reason = "a machine without a free port tests nothing")]
    pub(super) async fn start(router: Router) -> Self {
        #[cfg(feature = "testkit")]
        super::captured::begin();
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("this machine has a free port");
        let address = listener.local_addr().expect("a listener has an address");
        let (stop, stopped) = oneshot::channel::<()>();
        let front = Front { listener: listener.into(), limits: Limits::default(), security: Security::Plain };
        let shutdown = Shutdown { draining: Arc::default(), grace: GRACE };
        let server = context::spawn_worker(run(front, router, shutdown, async { drop(stopped.await) }));
        Self { address, stop, server }
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Waits until every request has written what it had to.
    pub(super) async fn stop(self) {
        drop(self.stop);
        let _ = self.server.await;
    }
}
