//! The one place that orders the layers.

use std::time::Duration;

use axum::Router;
use http::HeaderValue;
use http::header::X_CONTENT_TYPE_OPTIONS;
use tower_http::cors::CorsLayer;
use tower_http::set_header::{SetResponseHeader, SetResponseHeaderLayer};
use tower_layer::Layer;

use crate::layers::access_log::{AccessLog, AccessLogLayer};
use crate::layers::catch_panic::{CatchPanic, CatchPanicLayer};
use crate::layers::correlation::{Correlation, CorrelationLayer};
use crate::layers::deadline::{Deadline, DeadlineLayer};
use crate::layers::envelope::{Envelope, EnvelopeLayer};
use crate::layers::framing::{Framing, FramingLayer};
use crate::layers::preflight::{Preflight, PreflightLayer};
use crate::layers::route::noting_routes;

/// Everything of the standard that a layer can enforce, around any service.
///
/// From the outside in: security header, correlation, access record, CORS, envelope, framing, panic, deadline. CORS stands outside the
/// envelope so that a browser may read failures too; the deadline stands innermost, so that its answer is dressed and logged like
/// any other. (Admission, where overload is refused, will stand between deadline and router.)
///
/// ```
/// use axum::{Router, routing::get};
/// use standards_axum::StandardsLayer;
///
/// let app: Router = Router::new().route("/", get(|| async { "hola" })).layer(StandardsLayer::new());
/// ```
#[derive(Clone, Debug)]
pub struct StandardsLayer {
    deadline: DeadlineLayer,
    cors: CorsLayer,
}

impl Default for StandardsLayer {
    fn default() -> Self {
        Self { deadline: DeadlineLayer::new(Duration::from_secs(10)), cors: CorsLayer::new() }
    }
}

impl StandardsLayer {
    /// Ten seconds to answer, and no other origin allowed.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Allows `limit` for each answer's head; `None` allows any time.
    #[must_use]
    pub fn with_deadline(mut self, limit: Option<Duration>) -> Self {
        self.deadline = limit.map_or(DeadlineLayer::unlimited(), DeadlineLayer::new);
        self
    }

    /// Answers other origins as `cors` says.
    #[must_use]
    pub fn with_cors(mut self, cors: CorsLayer) -> Self {
        self.cors = cors;
        self
    }
}

/// A service inside the standard.
pub type Standardized<S> =
    SetResponseHeader<Correlation<AccessLog<Preflight<Envelope<Framing<CatchPanic<Deadline<S>>>>>>>, HeaderValue>;

impl<S: Clone> Layer<S> for StandardsLayer {
    type Service = Standardized<S>;

    fn layer(&self, inner: S) -> Standardized<S> {
        let timed = self.deadline.layer(inner);
        let dressed = EnvelopeLayer.layer(FramingLayer.layer(CatchPanicLayer.layer(timed)));
        let named = CorrelationLayer.layer(AccessLogLayer.layer(PreflightLayer(self.cors.clone()).layer(dressed)));
        SetResponseHeaderLayer::overriding(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")).layer(named)
    }
}

/// Puts an axum service that exists already inside the standard, its unknown routes included.
///
/// Unlike the bare layer it knows the router, so the access record names each route's template.
///
/// ```
/// use axum::{Router, routing::get};
///
/// let app = standards_axum::standardize(Router::new().route("/", get(|| async { "hola" })));
/// ```
pub fn standardize(router: Router) -> Router {
    standardize_with(router, &StandardsLayer::new())
}

/// The same, with a layer of one's own settings.
pub fn standardize_with(router: Router, layer: &StandardsLayer) -> Router {
    // A router's own layers do not see the requests that match no route, hence the empty router around it.
    Router::new().fallback_service(layer.layer(noting_routes(router)))
}
