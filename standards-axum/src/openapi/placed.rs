//! Operations on their way into a router.

use std::convert::Infallible;

use axum::Router;
use axum::extract::Request;
use axum::handler::Handler;
use axum::response::IntoResponse;
use axum::routing::{MethodFilter, MethodRouter, Route};
use tower_layer::Layer;
use tower_service::Service;

use super::gate::Gate;
use crate::layers::{GuardLayer, note_route_layer};

/// A handler and where it is to stand.
// A router of axum's copies, with each request, what is behind the route, one box for each prefix and each layer. So handlers are
// given their whole path before they become routes, and note the route themselves; what notes it before a layer, which may answer
// in the handler's place, goes into one box with that layer (`cargo bench -p standards-axum --bench stack`).
pub(super) struct Placed<S> {
    path: String,
    handler: MethodRouter<S>,
    gate: Gate,
    /// Whether the access record learns of the route before the first layer.
    noted: bool,
}

impl<S: Clone + Send + Sync + 'static> Placed<S> {
    /// The handler of requests of one kind. Of the others nothing but the route is known.
    pub(super) fn new<T: 'static>(path: String, method: MethodFilter, handler: impl Handler<T, S>, gate: Gate) -> Self {
        let others: MethodRouter<S> = MethodRouter::<S, Infallible>::new().layer(note_route_layer());
        Self { path, handler: others.on(method, handler), gate, noted: false }
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
            let Self { path, handler, .. } = if let Some(gate) = gate { placed.layer(gate) } else { placed };
            router.route(&path, handler)
        })
    }
}
