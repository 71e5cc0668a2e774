//! Operations on their way into a router.

use std::convert::Infallible;

use axum::Router;
use axum::extract::Request;
use axum::response::IntoResponse;
use axum::routing::{MethodRouter, Route};
use tower_layer::{Identity, Layer};
use tower_service::Service;

use super::gate::Gate;
use crate::layers::{GuardLayer, note_route_layer};

/// A handler and where it is to stand.
// A router of axum's copies, with each request, what is behind the route, one box for each prefix and each layer. So handlers are
// given their whole path before they become routes, and the layer that notes the route goes into one box with the first other one
// (1.08 times as fast as nested routers: `cargo bench -p standards-axum --bench stack`).
pub(super) struct Placed<S> {
    path: String,
    handler: MethodRouter<S>,
    gate: Gate,
    /// Whether the access record learns of the route.
    noted: bool,
}

impl<S: Clone + Send + Sync + 'static> Placed<S> {
    pub(super) const fn new(path: String, handler: MethodRouter<S>, gate: Gate) -> Self {
        Self { path, handler, gate, noted: false }
    }

    /// Somewhere else.
    pub(super) fn at(self, place: impl FnOnce(&str) -> String) -> Self {
        Self { path: place(&self.path), ..self }
    }

    pub(super) fn layer<L>(self, layer: L) -> Self
    where
        L: Layer<Route> + Clone + Send + Sync + 'static,
        L::Service:
            Service<Request, Response: IntoResponse, Error: Into<Infallible>, Future: Send> + Clone + Send + Sync + 'static,
    {
        let Self { path, handler, gate, noted } = self;
        let handler = if noted { handler.layer(layer) } else { handler.layer((note_route_layer(), layer)) };
        Self { path, handler, gate, noted: true }
    }

    pub(super) fn with_state<S2>(self, state: S) -> Placed<S2> {
        let Self { path, handler, gate, noted } = self;
        Placed { path, handler: handler.with_state(state), gate, noted }
    }

    /// All of them as routes, besides those of `router`; those that `gated` says of are behind their gates, which stand outside of all other layers.
    pub(super) fn router(all: Vec<Self>, router: Option<Router<S>>, gated: fn(&Gate) -> bool) -> Router<S> {
        all.into_iter().fold(router.unwrap_or_default(), |router, placed| {
            let gate = Some(placed.gate.clone()).filter(gated).map(GuardLayer::new);
            let placed = if let Some(gate) = gate { placed.layer(gate) } else { placed };
            let Self { path, handler, .. } = if placed.noted { placed } else { placed.layer(Identity::new()) };
            router.route(&path, handler)
        })
    }
}
