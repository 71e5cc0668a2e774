//! What operators ask of a running service, on a listener of their own (`ADMIN_ADDR`, contract section 7).
//!
//! | route | what it tells |
//! |---|---|
//! | `GET /metrics` | what Prometheus reads |
//! | `GET /admin/log-level`, `PUT` | the log's filter, and when it returns by itself; another one for a while |
//! | `GET /admin/logs` | each place that has logged, and what that cost |
//! | `GET /admin/layers` | the layers around the service, from the outside in |
//! | `GET /admin/config` | each setting and where it comes from, no secret among them |
//! | `GET /admin/health` | each dependency, since when it is so, and why it last was not well |
//! | `GET /admin/requests` | what is in flight, the oldest first |
//! | `GET /admin/circuits` | each circuit breaker, its state and since when, and what it judges by |
//!
//! The walk: `service::admin` opens the listener and puts the [`routes`] inside the standard; the [`Gate`] lets operators in; each route stands in
//! a file of its own. Who only looks is logged at `DEBUG`, as probes are; a change is a record at `INFO` that says who made it.

mod circuits;
mod gate;
mod inventory;
mod log_level;
mod logs;
mod requests;
mod who;

use std::sync::Arc;

use axum::Router;
use axum::response::Response;
use axum::routing::{MethodRouter, get};
use standards_core::resilience::CircuitBreaker;
use standards_core::settings::ListedSetting;
use tower::util::MapResponseLayer;

pub(crate) use self::gate::Gate;
use crate::health::Readiness;
use crate::layers::{InFlight, Probe};

/// What there is to be told of a service.
pub(crate) struct Admin {
    /// The names of its layers, from the outside in.
    pub(crate) layers: Vec<&'static str>,
    /// Its settings; none where nobody knows where they came from.
    pub(crate) settings: Vec<ListedSetting>,
    /// What it asks before it says that it is ready.
    pub(crate) readiness: Option<Arc<Readiness>>,
    /// Its requests.
    pub(crate) in_flight: Arc<InFlight>,
    /// Its circuit breakers.
    pub(crate) circuits: Vec<CircuitBreaker>,
}

/// The routes, which ask nobody who they are.
pub(crate) fn routes(admin: Admin) -> Router {
    Router::new()
        .route("/admin/log-level", quiet(get(log_level::log_level)).put(log_level::change))
        .route("/admin/logs", quiet(get(logs::logs)))
        .route("/admin/layers", quiet(get(inventory::layers)))
        .route("/admin/config", quiet(get(inventory::config)))
        .route("/admin/health", quiet(get(inventory::health)))
        .route("/admin/requests", quiet(get(requests::requests)))
        .route("/admin/circuits", quiet(get(circuits::circuits)))
        .with_state(Arc::new(admin))
}

/// Whoever only looks leaves a record at `DEBUG`, unless it is refused.
fn quiet<S: Clone + Send + Sync + 'static>(route: MethodRouter<S>) -> MethodRouter<S> {
    route.layer(MapResponseLayer::new(|mut response: Response| {
        if response.status().is_success() {
            response.extensions_mut().insert(Probe);
        }
        response
    }))
}
