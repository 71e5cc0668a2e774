//! The one place that orders the layers.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tower_http::cors::CorsLayer;
use tower_layer::Layer;

use super::sheltered::{Entrance, Sheltered};
use super::standardized::{Origins, Standardized};
use crate::forwarded::TrustedProxies;
use crate::layers::{
    AccessLogLayer, AdmissionLayer, CorrelationLayer, DeadlineLayer, EnvelopeLayer, InFlight, PreflightLayer, RateLimitLayer,
    RequestObserver, Spans, noting_routes,
};

/// Everything of the standard that a layer can enforce, around any service.
///
/// From the outside in: security header, correlation, access record, CORS, envelope, framing, trusted proxies, rate limit, admission, panic,
/// deadline. CORS stands outside the envelope so that a browser may read failures too; who asks too often takes no place in flight; the
/// deadline stands innermost, so that its answer is dressed and logged like any other.
///
/// ```
/// use axum::body::Body;
/// use axum::{Router, routing::get};
/// use http::{HeaderValue, Request};
/// use standards_axum::StandardsLayer;
/// use tower::ServiceExt;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let app: Router = Router::new().route("/", get(|| async { "hola" })).layer(StandardsLayer::new());
/// let answer = app.oneshot(Request::new(Body::empty())).await.unwrap();
/// assert_eq!((answer.status().as_u16(), &answer.headers()["x-content-type-options"]), (200, &HeaderValue::from_static("nosniff")));
/// assert!(answer.headers().contains_key("x-correlation-id"));
/// # }
/// ```
///
/// A router's layer does not see what matches no route: [`standardize`] does.
///
/// # Example: each part switched
///
/// ```
/// use standards_axum::StandardsLayer;
/// use standards_axum::layers::{AccessLogLayer, EnvelopeLayer};
/// use tower_http::cors::CorsLayer;
///
/// let layer = StandardsLayer::new()
///     .with_deadline(Some(std::time::Duration::from_secs(10)))
///     .with_cors(Some(CorsLayer::permissive()))
///     .with_access_log(AccessLogLayer::failures_only())
///     .with_envelope(EnvelopeLayer::off());
/// ```
#[derive(Clone, Debug)]
pub struct StandardsLayer {
    correlation: CorrelationLayer,
    pub(super) deadline: DeadlineLayer,
    pub(super) cors: Option<PreflightLayer>,
    access_log: AccessLogLayer,
    pub(super) envelope: EnvelopeLayer,
    pub(super) admission: Option<AdmissionLayer>,
    pub(super) entrance: Entrance,
    in_flight: Option<Arc<InFlight>>,
    pub(super) spans: Spans,
}

impl Default for StandardsLayer {
    fn default() -> Self {
        Self {
            correlation: CorrelationLayer::new().giving_request_id(),
            deadline: DeadlineLayer::unlimited(),
            cors: None,
            access_log: AccessLogLayer::new(),
            envelope: EnvelopeLayer::new(),
            admission: None,
            entrance: Entrance::default(),
            in_flight: None,
            spans: Spans::none(),
        }
    }
}

impl StandardsLayer {
    /// Every request correlated and logged, every failure dressed. Any time to answer, any size of body, no CORS: what would change an
    /// existing service is off unless it is asked for.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Notes the requests there while they are in flight.
    pub(super) fn noting(self, in_flight: Option<Arc<InFlight>>) -> Self {
        Self { in_flight, ..self }
    }

    /// Names requests as `correlation` says.
    #[must_use]
    pub fn with_correlation(mut self, correlation: CorrelationLayer) -> Self {
        self.correlation = correlation;
        self
    }

    /// Allows `limit` for each answer's head; `None` allows any time.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use axum::body::Body;
    /// use axum::{Router, routing::get};
    /// use http::Request;
    /// use standards_axum::{StandardsLayer, standardize_with};
    /// use tower::ServiceExt;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let layer = StandardsLayer::new().with_deadline(Some(Duration::from_millis(5)));
    /// let app = standardize_with(Router::new().route("/", get(async || std::future::pending::<()>().await)), &layer);
    /// assert_eq!(app.oneshot(Request::new(Body::empty())).await.unwrap().status(), 503);
    /// # }
    /// ```
    #[must_use]
    pub fn with_deadline(mut self, limit: Option<Duration>) -> Self {
        self.deadline = limit.map_or(DeadlineLayer::unlimited(), DeadlineLayer::new);
        self
    }

    /// Answers other origins as `cors` says; `None` allows none, and then CORS takes no part in requests.
    ///
    /// ```
    /// use axum::body::Body;
    /// use axum::{Router, routing::get};
    /// use http::Request;
    /// use standards_axum::{StandardsLayer, standardize_with};
    /// use tower::ServiceExt;
    /// use tower_http::cors::CorsLayer;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let layer = StandardsLayer::new().with_cors(Some(CorsLayer::permissive()));
    /// let app = standardize_with(Router::new().route("/", get(async || "hola")), &layer);
    /// let request = Request::get("/").header("origin", "https://a.cl").body(Body::empty()).unwrap();
    /// assert_eq!(app.oneshot(request).await.unwrap().headers()["access-control-allow-origin"], "*");
    /// # }
    /// ```
    #[must_use]
    pub fn with_cors(mut self, cors: Option<CorsLayer>) -> Self {
        self.cors = cors.map(PreflightLayer::new);
        self
    }

    /// Logs requests as `access_log` says: at another level, or failures only.
    ///
    /// ```
    /// use standards_axum::StandardsLayer;
    /// use standards_axum::core::log::LogLevel;
    /// use standards_axum::layers::AccessLogLayer;
    ///
    /// let quiet = StandardsLayer::new().with_access_log(AccessLogLayer::new().with_level(LogLevel::Debug));
    /// ```
    #[must_use]
    pub fn with_access_log(mut self, access_log: AccessLogLayer) -> Self {
        self.access_log = access_log.observed_as(self.access_log);
        self
    }

    /// Tells `observer` of every request, beside those that are told already; see [`RequestObserver`].
    #[must_use]
    pub fn observed_by(mut self, observer: Arc<dyn RequestObserver>) -> Self {
        self.access_log = self.access_log.observed_by(observer);
        self
    }

    /// Exports a span of each request; see [`otel`](crate::otel).
    #[cfg(feature = "otel")]
    #[must_use]
    pub fn traced_by(mut self, tracing: crate::otel::Tracing) -> Self {
        self.spans = Spans::of(tracing);
        self
    }

    /// Allows so many requests in flight as `admission` says; `None` allows any number.
    ///
    /// ```
    /// use std::num::NonZeroUsize;
    ///
    /// use standards_axum::StandardsLayer;
    /// use standards_axum::layers::AdmissionLayer;
    ///
    /// let layer = StandardsLayer::new().with_admission(NonZeroUsize::new(512).map(AdmissionLayer::new));
    /// ```
    #[must_use]
    pub fn with_admission(mut self, admission: Option<AdmissionLayer>) -> Self {
        self.admission = admission;
        self
    }

    /// Refuses who asks more often than `limit` says; `None` refuses nobody for that.
    ///
    /// ```
    /// use std::num::NonZeroU32;
    ///
    /// use standards_axum::StandardsLayer;
    /// use standards_axum::layers::{Rate, RateLimitLayer};
    ///
    /// let layer = StandardsLayer::new().with_rate_limit(NonZeroU32::new(50).map(Rate::new).map(RateLimitLayer::new));
    /// ```
    #[must_use]
    pub fn with_rate_limit(mut self, limit: Option<RateLimitLayer>) -> Self {
        self.entrance.rate_limit = limit.map(RateLimitLayer::check);
        self
    }

    /// Takes the word of `proxies` for whom a request is from; where there are none, it is from whom the connection is with.
    ///
    /// ```
    /// use standards_axum::core::settings::SettingValue;
    /// use standards_axum::{StandardsLayer, TrustedProxies};
    ///
    /// let layer = StandardsLayer::new().with_trusted_proxies(TrustedProxies::parse("10.0.0.0/8").unwrap());
    /// ```
    #[must_use]
    pub fn with_trusted_proxies(mut self, proxies: TrustedProxies) -> Self {
        self.entrance.proxies = Some(proxies).filter(|proxies| !proxies.is_empty());
        self
    }

    /// Dresses other people's failures as `envelope` says.
    ///
    /// ```
    /// use axum::body::Body;
    /// use axum::Router;
    /// use http::Request;
    /// use standards_axum::layers::EnvelopeLayer;
    /// use standards_axum::{StandardsLayer, standardize_with};
    /// use tower::ServiceExt;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let layer = StandardsLayer::new().with_envelope(EnvelopeLayer::off());
    /// let app = standardize_with(Router::new(), &layer);
    /// let bare = app.oneshot(Request::get("/nada").body(Body::empty()).unwrap()).await.unwrap();
    /// assert_eq!(bare.status(), 404);
    /// assert!(!bare.headers().contains_key("content-type"));
    /// # }
    /// ```
    #[must_use]
    pub fn with_envelope(mut self, envelope: EnvelopeLayer) -> Self {
        self.envelope = envelope;
        self
    }
}

impl<S> Layer<S> for StandardsLayer {
    type Service = Standardized<S>;

    fn layer(&self, inner: S) -> Standardized<S> {
        let naming = self.correlation.naming(self.in_flight.clone(), self.spans.clone());
        let sheltered = Sheltered::new(inner, self);
        let answered = match &self.cors {
            Some(cors) => Origins::Some(cors.layer(sheltered)),
            None => Origins::None(sheltered),
        };
        Standardized::new(answered, naming, self.access_log.clone())
    }
}

/// Puts an axum service that exists already inside the standard, its unknown routes included.
///
/// Unlike the bare layer it knows the router, so the access record names each route's template. Around a service that is inside the
/// standard already it adds nothing: one id, one access record.
///
/// ```
/// use axum::body::Body;
/// use axum::{Router, routing::get};
/// use http::{HeaderValue, Request};
/// use tower::ServiceExt;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let app = standards_axum::standardize(Router::new().route("/", get(|| async { "hola" })));
/// let unknown = app.oneshot(Request::get("/nada").body(Body::empty()).unwrap()).await.unwrap();
/// assert_eq!((unknown.status().as_u16(), &unknown.headers()["content-type"]), (404, &HeaderValue::from_static("application/json")));
/// # }
/// ```
pub fn standardize(router: Router) -> Router {
    standardize_with(router, &StandardsLayer::new())
}

/// The same, with a layer of one's own settings.
///
/// ```
/// use std::time::Duration;
///
/// use axum::Router;
/// use standards_axum::{StandardsLayer, standardize_with};
///
/// let app = standardize_with(Router::new(), &StandardsLayer::new().with_deadline(Some(Duration::from_secs(2))));
/// ```
pub fn standardize_with(router: Router, layer: &StandardsLayer) -> Router {
    // With its state, or axum makes each route anew for each request.
    let router = noting_routes(router).with_state(());
    // A router's own layers do not see the requests that match no route, hence the empty router around it.
    Router::new().fallback_service(layer.layer(router))
}
