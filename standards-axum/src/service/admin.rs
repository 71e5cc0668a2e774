//! The second listener, for operators (`ADMIN_ADDR`).
//!
//! It is served beside the service, by the same server and inside the same layers, with small bounds of its own: what clients do to the service
//! must not keep its operators from looking at it. It goes on while the service drains, and ends when that has.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use standards_core::settings::{ListedSetting, Problem};
use tower_layer::Layer;

use super::{LayerEntry, Service, Standardized, StandardsLayer};
use crate::admin::{self, Admin, Gate};
use crate::layers::{BodyLimitLayer, BodyLimited, Guard, GuardLayer, InFlight, noting_routes};
use crate::server::{self, Front, Limits, Listener, Security, Shutdown};

/// How long an operator waits for an answer; no dependency is waited for longer than half a second.
const DEADLINE: Duration = Duration::from_secs(5);

/// The largest body: a filter and a number.
const MAX_BODY: usize = 4 * 1024;

/// How long requests of operators may still take when the service has ended.
const GRACE: Duration = Duration::from_millis(500);

/// A hundred that scrape at once find a place; a client that does not read loses its own soon.
fn limits() -> Limits {
    let (stall, farewell) = (Duration::from_secs(5), Duration::from_millis(50));
    Limits { stall, farewell, connections: 256, at_ease: 32, ..Limits::default() }
}

/// The listener, open.
pub(super) struct AdminFront {
    pub(super) address: SocketAddr,
    front: Front,
}

/// The listener, and what is behind it.
pub(super) struct AdminServer {
    front: Front,
    service: Standardized<Guard<BodyLimited<Router>, Gate>>,
}

impl AdminServer {
    /// Serves until `ended`.
    pub(super) async fn serve(self, ended: impl Future<Output = ()>) {
        let shutdown = Shutdown { draining: Arc::default(), grace: GRACE };
        server::run(self.front, self.service, shutdown, ended).await;
    }
}

impl Service {
    /// Shows operators these settings.
    pub(super) fn listing(mut self, listed: Vec<ListedSetting>) -> Self {
        self.listed = listed;
        self
    }

    /// What keeps operators from being served: nobody could tell who they are.
    pub(super) fn admin_problem(&self) -> Option<Problem> {
        let exposed = self.settings.admin_addr.is_some_and(|address| !address.ip().is_loopback());
        let reason = "debe ser una dirección de loopback mientras el servicio no verifique tokens";
        (exposed && !self.verifies_tokens()).then(|| Problem { variable: "ADMIN_ADDR".to_owned(), reason: reason.to_owned() })
    }

    #[cfg(feature = "auth")]
    fn verifies_tokens(&self) -> bool {
        self.apis.authenticator().is_some()
    }

    #[cfg(not(feature = "auth"))]
    #[expect(clippy::unused_self, reason = "there is nothing to look at")]
    const fn verifies_tokens(&self) -> bool {
        false
    }

    /// Opens the listener, where there is to be one. Beyond this machine it speaks TLS where the service does.
    pub(super) fn open_admin(&self, security: &Security) -> io::Result<Option<AdminFront>> {
        let Some(address) = self.settings.admin_addr else { return Ok(None) };
        let named = |error: io::Error| io::Error::new(error.kind(), format!("ADMIN_ADDR {address}: {error}"));
        let listener = Listener::own(address).map_err(named)?;
        let security = if address.ip().is_loopback() { Security::Plain } else { security.clone() };
        let address = listener.tcp.local_addr()?;
        Ok(Some(AdminFront { address, front: Front { listener, limits: limits(), security } }))
    }

    /// What is served there. The service notes its requests from now on.
    pub(super) fn admin_server(&mut self, AdminFront { address, front }: AdminFront) -> AdminServer {
        AdminServer { front, service: self.admin_service(address.ip().is_loopback()) }
    }

    pub(super) fn admin_service(&mut self, is_local: bool) -> Standardized<Guard<BodyLimited<Router>, Gate>> {
        let routes = noting_routes(admin::routes(self.admin()).merge(self.metering.routes_apart()));
        let gate = if is_local { Gate::local() } else { Gate::closed() };
        #[cfg(feature = "auth")]
        let gate = gate.verifying(self.apis.authenticator());
        let guarded = GuardLayer::new(gate).layer(BodyLimitLayer::new(MAX_BODY).layer(routes));
        StandardsLayer::new().with_deadline(Some(DEADLINE)).layer(guarded)
    }

    fn admin(&mut self) -> Admin {
        let in_flight = Arc::<InFlight>::default();
        self.standards = std::mem::take(&mut self.standards).noting(Some(in_flight.clone()));
        let names = self.standards.inventory().into_iter().map(|LayerEntry { name, .. }| name);
        Admin {
            layers: names.chain(["body_limit"]).collect(),
            settings: std::mem::take(&mut self.listed),
            readiness: self.readiness.clone(),
            in_flight,
            circuits: self.circuits.clone(),
        }
    }
}

#[cfg(test)]
#[cfg(feature = "metrics")]
mod tests;
