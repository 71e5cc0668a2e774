//! Putting a service together.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::response::IntoResponse;
use axum::routing::Route;
use standards_core::resilience::CircuitBreaker;
use standards_core::settings::{ListedSetting, Problems};
use tower_layer::Layer;

use super::apis::Apis;
use super::metering::Metering;
use super::tracing::SpanExport;
use super::{ServiceInfo, StandardSettings, Standardized, StandardsLayer};
use crate::health::{self, Readiness};
use crate::layers::{AdmissionLayer, BodyLimitLayer, BodyLimited, CorrelationLayer, RateLimitLayer, noting_routes};
#[cfg(feature = "openapi")]
use crate::openapi::ApiRouter;

/// A service under construction: each part of the standard can be switched, none has to be remembered.
///
/// | part | unless it is switched | switch |
/// |---|---|---|
/// | health routes | `/health/live`, `/health/ready` | [`readiness`](Self::readiness), [`without_health`](Self::without_health) |
/// | the API's document and page | `{prefix}/openapi.json`, `/docs` | [`without_docs`](Self::without_docs) |
/// | metrics, with the feature `metrics` | `/metrics` | `metrics`, `without_metrics`, `without_metrics_route` |
/// | circuit breakers that are told of | none | [`circuit`](Self::circuit) |
/// | spans, with the feature `otel` | exported to `OTEL_EXPORTER_OTLP_ENDPOINT`, where it is set | `traced_by` |
/// | routes that fail on purpose | none; `FAULT_ROUTE` | |
/// | largest body | `MAX_BODY_BYTES` | [`body_limit`](Self::body_limit) |
/// | the client's own id | `X-Correlation-ID` | [`with_correlation`](StandardsLayer::with_correlation) |
/// | deadline | `REQUEST_TIMEOUT_MS` | [`with_deadline`](StandardsLayer::with_deadline) |
/// | requests in flight | `MAX_IN_FLIGHT` | [`with_admission`](StandardsLayer::with_admission) |
/// | requests of one client | any number; `RATE_LIMIT` | [`with_rate_limit`](StandardsLayer::with_rate_limit) |
/// | proxies that are believed | none; `TRUSTED_PROXIES` | [`with_trusted_proxies`](StandardsLayer::with_trusted_proxies) |
/// | CORS | `ALLOWED_HOSTS` | [`with_cors`](StandardsLayer::with_cors) |
/// | access records | at `INFO`, failures at their own level | [`with_access_log`](StandardsLayer::with_access_log) |
/// | envelope around other people's failures | on | [`with_envelope`](StandardsLayer::with_envelope) |
///
/// The last eight are switches of the layer: [`standards`](Self::standards). Correlation and caught panics cannot be switched off.
///
/// ```no_run
/// use standards_axum::core::log::LogLevel;
/// use standards_axum::layers::AccessLogLayer;
/// use standards_axum::prelude::*;
/// use standards_axum::Service;
///
/// #[tokio::main]
/// async fn main() -> Exit {
///     let build = async |settings: StandardSettings| {
///         Ok(Service::new(service_info!(), settings)
///             .routes(Router::new().route("/saludos", get(async || ok("hola"))))
///             .readiness(Readiness::default().with_check("cola", async || Ok(())))
///             .standards(|layer| layer.with_access_log(AccessLogLayer::new().with_level(LogLevel::Debug))))
///     };
///     serve_with(service_info!(), build).await
/// }
/// ```
pub struct Service {
    pub(super) info: ServiceInfo,
    pub(super) settings: StandardSettings,
    pub(super) readiness: Option<Arc<Readiness>>,
    pub(super) closing: Vec<Closing>,
    /// Each tells the access record that it was asked for.
    routes: Router,
    pub(super) apis: Apis,
    pub(super) metering: Metering,
    pub(super) spans: SpanExport,
    pub(super) standards: StandardsLayer,
    body_limit: BodyLimitLayer,
    pub(super) circuits: Vec<CircuitBreaker>,
    /// What operators are shown.
    pub(super) listed: Vec<ListedSetting>,
}

/// What is done once no request is being served any more.
type Closing = Box<dyn FnOnce() -> Pin<Box<dyn Future<Output = ()> + Send>> + Send>;

impl Service {
    /// A service with health routes and nothing else.
    ///
    /// The settings say where it listens, how long a request may take and how many there may be, how large a body may be and which other
    /// origins may call; the methods
    /// below have the last word.
    ///
    /// ```
    /// use axum::body::Body;
    /// use http::Request;
    /// use standards_axum::core::settings::Environment;
    /// use standards_axum::{Service, service_info};
    /// use tower::ServiceExt;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), standards_axum::core::settings::Problems> {
    /// let app = Service::new(service_info!(), Environment::default().settings()?).into_router();
    /// let status = async |path| app.clone().oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap().status();
    /// assert_eq!(status("/health/live").await, 200);
    /// assert_eq!(status("/nada").await, 404);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn new(info: ServiceInfo, settings: StandardSettings) -> Self {
        let standards = standards_of(&settings);
        let body_limit = BodyLimitLayer::new(settings.max_body_bytes.get());
        Self {
            info,
            settings,
            readiness: Some(Arc::default()),
            closing: Vec::new(),
            routes: Router::new(),
            apis: Apis::default(),
            metering: Metering::new(),
            spans: SpanExport::none(),
            standards,
            body_limit,
            circuits: Vec::new(),
            listed: Vec::new(),
        }
    }

    /// Adds routes at the root. It may be called more than once.
    ///
    /// ```
    /// use axum::body::Body;
    /// use axum::{Router, routing::get};
    /// use http::Request;
    /// use standards_axum::core::settings::Environment;
    /// use standards_axum::{Service, ok, service_info};
    /// use tower::ServiceExt;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), standards_axum::core::settings::Problems> {
    /// let app = Service::new(service_info!(), Environment::default().settings()?)
    ///     .routes(Router::new().route("/saludos", get(async || ok("hola"))))
    ///     .routes(Router::new().route("/adioses", get(async || ok("adiós"))))
    ///     .into_router();
    /// let status = async |path| app.clone().oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap().status();
    /// assert_eq!(status("/saludos").await, 200);
    /// assert_eq!(status("/adioses").await, 200);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// As [`Router::merge`] does, when a route is there already.
    #[must_use]
    pub fn routes(mut self, routes: Router) -> Self {
        self.routes = self.routes.merge(noting_routes(routes));
        self
    }

    /// Adds an API under the configured prefix, its document at `{prefix}/openapi.json` and Swagger UI at `/docs`.
    ///
    /// ```
    /// use axum::body::Body;
    /// use http::Request;
    /// use standards_axum::core::settings::Environment;
    /// use standards_axum::openapi::{ApiRouter, Operation};
    /// use standards_axum::{Service, ok, service_info};
    /// use tower::ServiceExt;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), standards_axum::core::settings::Problems> {
    /// let api = ApiRouter::new().operation(Operation::get("/saludos", "saludar"), async || ok("hola"));
    /// let app = Service::new(service_info!(), Environment::default().settings()?).api(api).into_router();
    /// let status = async |path| app.clone().oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap().status();
    /// for path in ["/api/v1/saludos", "/api/v1/openapi.json", "/docs"] {
    ///     assert_eq!(status(path).await, 200, "{path}");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// What its operations state is enforced: [`scope`](crate::openapi::Operation::scope) once the service is authenticated (feature `auth`),
    /// [`priority`](crate::openapi::Operation::priority) where requests in flight are limited. Whether its routes are there already, and its
    /// operations have names of their own, is found when the service is run or made a [router](Self::into_router).
    #[cfg(feature = "openapi")]
    #[must_use]
    pub fn api(mut self, api: ApiRouter) -> Self {
        self.apis.add(self.info.mount(api, &self.settings));
        self
    }

    /// Adds an API under a prefix of its own, such as the next version beside the one of today: its document is at `{prefix}/openapi.json` and its
    /// page at `{prefix}/docs`. The names of its operations are its own; those of [`api`](Self::api) may stand in it too.
    ///
    /// ```
    /// use axum::body::Body;
    /// use http::Request;
    /// use standards_axum::core::settings::Environment;
    /// use standards_axum::openapi::{ApiRouter, Operation};
    /// use standards_axum::{Service, ok, service_info};
    /// use tower::ServiceExt;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), standards_axum::core::settings::Problems> {
    /// let v1 = ApiRouter::new().operation(Operation::get("/saludos", "saludar"), async || ok("hola"));
    /// let v2 = ApiRouter::new().operation(Operation::get("/saludos", "saludar"), async || ok(vec!["hola"])).describe("Saludos", "2.0.0");
    /// let app = Service::new(service_info!(), Environment::default().settings()?).api(v1).api_under("/api/v2", v2).into_router();
    /// let status = async |path| app.clone().oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap().status();
    /// for path in ["/api/v1/saludos", "/docs", "/api/v2/saludos", "/api/v2/openapi.json", "/api/v2/docs"] {
    ///     assert_eq!(status(path).await, 200, "{path}");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// What its operations state is enforced as it is for [`api`](Self::api).
    ///
    /// # Panics
    ///
    /// When the service is run or made a [router](Self::into_router), as [`Router::route`] does: when the prefix is no path, or a route is there already.
    #[cfg(feature = "openapi")]
    #[must_use]
    pub fn api_under(mut self, prefix: &str, api: ApiRouter) -> Self {
        self.apis.add_under(prefix, self.info.mount_under(prefix, api, &self.settings));
        self
    }

    /// Serves no document and no page, of APIs that are there or come later. The APIs themselves are served.
    #[must_use]
    pub fn without_docs(mut self) -> Self {
        self.apis.hide();
        self
    }

    /// Puts a layer around each of the routes and operations that are there. Those that come later, health and the documents' are not
    /// meant, nor is a request that matches no route.
    ///
    /// The layer stands inside the standard's own: what it answers is dressed, and it is logged under the request's id.
    ///
    /// ```
    /// use axum::body::Body;
    /// use axum::{Router, routing::get};
    /// use http::Request;
    /// use http::header::{HeaderValue, SERVER};
    /// use standards_axum::core::settings::Environment;
    /// use standards_axum::{Service, ok, service_info};
    /// use tower::ServiceExt;
    /// use tower_http::set_header::SetResponseHeaderLayer;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), standards_axum::core::settings::Problems> {
    /// let app = Service::new(service_info!(), Environment::default().settings()?)
    ///     .routes(Router::new().route("/saludos", get(async || ok("hola"))))
    ///     .layer(SetResponseHeaderLayer::overriding(SERVER, HeaderValue::from_static("saludos")))
    ///     .into_router();
    /// let answer = async |path| app.clone().oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap();
    /// assert_eq!(answer("/saludos").await.headers()[SERVER], "saludos");
    /// assert!(!answer("/health/live").await.headers().contains_key(SERVER));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn layer<L>(mut self, layer: L) -> Self
    where
        L: Layer<Route> + Clone + Send + Sync + 'static,
        L::Service: tower_service::Service<Request, Response: IntoResponse, Error: Into<Infallible>, Future: Send>
            + Clone
            + Send
            + Sync
            + 'static,
    {
        self.apis = self.apis.layer(&layer);
        self.routes = self.routes.layer(layer);
        self
    }

    /// Switches parts of the layer that stands around everything; the settings have had their say.
    ///
    /// ```
    /// use standards_axum::core::settings::Environment;
    /// use standards_axum::layers::AccessLogLayer;
    /// use standards_axum::{Service, service_info};
    ///
    /// let service = Service::new(service_info!(), Environment::default().settings()?)
    ///     .standards(|layer| layer.with_deadline(None).with_access_log(AccessLogLayer::failures_only()));
    /// # Ok::<(), standards_axum::core::settings::Problems>(())
    /// ```
    #[must_use]
    pub fn standards(mut self, switch: impl FnOnce(StandardsLayer) -> StandardsLayer) -> Self {
        self.standards = switch(self.standards);
        self
    }

    /// Allows bodies of so many bytes, whatever the settings say; a route may set another limit with a
    /// [`BodyLimitLayer`](crate::layers::BodyLimitLayer) of its own.
    ///
    /// ```
    /// use axum::body::Body;
    /// use axum::{Router, routing::post};
    /// use garde::Validate;
    /// use http::Request;
    /// use serde::Deserialize;
    /// use standards_axum::core::settings::Environment;
    /// use standards_axum::extract::Json;
    /// use standards_axum::{Service, ok, service_info};
    /// use tower::ServiceExt;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), standards_axum::core::settings::Problems> {
    /// #[derive(Deserialize, Validate)]
    /// struct Saludo {
    ///     #[garde(length(chars, min = 1))]
    ///     nombre: String,
    /// }
    ///
    /// let routes = Router::new().route("/", post(async |Json(saludo): Json<Saludo>| ok(saludo.nombre)));
    /// let app = Service::new(service_info!(), Environment::default().settings()?).routes(routes).body_limit(16).into_router();
    /// let status = async |body: &'static str| {
    ///     let request = Request::post("/").header("content-type", "application/json").body(Body::from(body)).unwrap();
    ///     app.clone().oneshot(request).await.unwrap().status()
    /// };
    /// assert_eq!(status(r#"{"nombre":"Ana"}"#).await, 200);
    /// assert_eq!(status(r#"{"nombre":"Anastasia"}"#).await, 413);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.body_limit = BodyLimitLayer::new(bytes);
        self
    }

    /// Says what must be well for `/health/ready`; see [`Readiness`].
    #[must_use]
    pub fn readiness(mut self, readiness: Readiness) -> Self {
        self.readiness = Some(Arc::new(readiness));
        self
    }

    /// Leaves the health routes away, for a process that something else watches over.
    ///
    /// ```
    /// use axum::body::Body;
    /// use http::Request;
    /// use standards_axum::core::settings::Environment;
    /// use standards_axum::{Service, service_info};
    /// use tower::ServiceExt;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), standards_axum::core::settings::Problems> {
    /// let app = Service::new(service_info!(), Environment::default().settings()?).without_health().into_router();
    /// let answer = app.oneshot(Request::get("/health/live").body(Body::empty()).unwrap()).await.unwrap();
    /// assert_eq!(answer.status(), 404);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn without_health(mut self) -> Self {
        self.readiness = None;
        self
    }

    /// Does something once the last request has been served and before [`run`](Self::run) returns: lets a worker finish, closes a
    /// connection. It has as long as the requests had (`SHUTDOWN_GRACE_MS`), and what was given first is done first.
    ///
    /// ```no_run
    /// use standards_axum::core::settings::Environment;
    /// use standards_axum::{Service, service_info};
    /// use tokio::sync::oneshot;
    ///
    /// # async fn example() -> Result<(), standards_axum::core::settings::Problems> {
    /// let (stop, stopped) = oneshot::channel::<()>();
    /// let worker = standards_axum::core::context::spawn(async move {
    ///     // Works until it is told to stop.
    ///     let _ = stopped.await;
    /// });
    /// let exit = Service::new(service_info!(), Environment::default().settings()?)
    ///     .on_stop(move || async move {
    ///         drop(stop);
    ///         let _ = worker.await;
    ///     })
    ///     .run()
    ///     .await;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn on_stop<F: Future<Output = ()> + Send + 'static>(mut self, work: impl FnOnce() -> F + Send + 'static) -> Self {
        self.closing.push(Box::new(move || Box::pin(work())));
        self
    }

    /// The whole service as a router: for tests, and for a server of one's own.
    ///
    /// All layers are in place, but nothing of the settings' address or shutdown; what [`on_stop`](Self::on_stop) was given is not done.
    ///
    /// ```
    /// use axum::body::Body;
    /// use axum::{Router, routing::get};
    /// use http::Request;
    /// use standards_axum::core::settings::Environment;
    /// use standards_axum::{Service, ok, service_info};
    /// use tower::ServiceExt;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), standards_axum::core::settings::Problems> {
    /// let routes = Router::new().route("/saludos", get(async || ok("hola")));
    /// let app = Service::new(service_info!(), Environment::default().settings()?).routes(routes).into_router();
    /// let answer = app.oneshot(Request::get("/saludos").body(Body::empty()).unwrap()).await.unwrap();
    /// assert_eq!(answer.status(), 200);
    /// assert!(answer.headers().contains_key("x-correlation-id"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// As [`ApiRouter::into_parts`](crate::openapi::ApiRouter::into_parts) does for each API, and as [`Router::merge`] does, when two routes are
    /// the same. And with the sentence that a record would tell, when an operation [states](crate::openapi::Operation::scope) not whom it is for
    /// and the service is authenticated.
    #[track_caller]
    pub fn into_router(self) -> Router {
        let problems = Problems(self.apis.problems());
        assert!(problems.0.is_empty(), "{problems}");
        Router::new().fallback_service(self.into_service())
    }

    /// Its log as its settings have it.
    #[cfg(feature = "testkit")]
    pub(crate) fn log_options(&self) -> standards_core::log::LogOptions {
        self.info.log_as_set(&self.settings)
    }

    /// The whole service as it is served.
    // Without the empty router of `into_router`, which would cost a boxed copy of everything with each request.
    pub(super) fn into_service(self) -> Standardized<BodyLimited<Router>> {
        let health = self.readiness.map(health::routes).unwrap_or_default();
        let standards = self.spans.around(self.standards);
        self.metering.tell_of(&self.circuits);
        let standards = self.metering.around(standards, self.info, &self.settings);
        let routes = self.routes.merge(noting_routes(health.merge(self.metering.routes()))).merge(self.settings.fault_routes());
        let routes = routes.merge(self.apis.into_routes(&standards, self.settings.api_v1_str.as_str()));
        // With its state, or axum makes each route anew for each request.
        standards.layer(self.body_limit.layer(routes.with_state(())))
    }
}

/// The layers as the settings have them.
impl From<Service> for Router {
    /// As [`Service::into_router`] does.
    #[track_caller]
    fn from(service: Service) -> Self {
        service.into_router()
    }
}

fn standards_of(settings: &StandardSettings) -> StandardsLayer {
    StandardsLayer::new()
        .with_correlation(CorrelationLayer::new())
        .with_deadline(Some(settings.request_timeout))
        .with_admission(Some(AdmissionLayer::new(settings.max_in_flight)))
        .with_rate_limit(settings.rate_limit.map(RateLimitLayer::new))
        .with_trusted_proxies(settings.trusted_proxies.clone())
        .with_cors(settings.allowed_hosts.layer())
}
