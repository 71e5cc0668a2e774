//! Putting a service together, and running it.

use std::io::{self, IsTerminal, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::pin::Pin;

use axum::Router;
use standards_core::log::{LogLevel, Record, Value};
use standards_core::settings::{Environment, Problems};
use tokio::net::TcpListener;
use tower_layer::Layer as _;

use super::StandardSettings;
use super::{Exit, ServiceInfo};
use super::{Standardized, StandardsLayer};
use crate::health::{self, Readiness};
use crate::layers::noting_routes;
use crate::layers::{BodyLimitLayer, BodyLimited};
#[cfg(feature = "openapi")]
use crate::openapi::{ApiRouter, openapi_routes};
use crate::server::{self, Shutdown};

/// Serves `routes` with everything of the standard, until the process is told to stop.
///
/// Settings come from the environment and `.env`; see [`StandardSettings`].
///
/// ```no_run
/// use axum::{Router, routing::get};
/// use standards_axum::{ApiResult, Exit, ok, serve, service_info};
///
/// async fn saludar() -> ApiResult<&'static str> {
///     ok("hola")
/// }
///
/// #[tokio::main]
/// async fn main() -> Exit {
///     serve(service_info!(), Router::new().route("/saludos", get(saludar))).await
/// }
/// ```
pub async fn serve(info: ServiceInfo, routes: Router) -> Exit {
    match Environment::load(Path::new(".env")).settings::<StandardSettings>() {
        Ok(settings) => {
            let Ok(_log) = info.start_log(&settings) else { return Exit::Failed };
            Service::new(info, settings).routes(routes).run().await
        }
        Err(problems) => Exit::misconfigured(info, &problems),
    }
}

impl Exit {
    /// Logs every problem of the configuration, by variable name, and ends with status 2.
    #[must_use]
    pub fn misconfigured(info: ServiceInfo, problems: &Problems) -> Self {
        let _log = info.start_default_log();
        let listed = problems.0.iter().map(|problem| Value::from(problem.to_string())).collect();
        Record::new(LogLevel::Error, "Configuración no válida").field("problems", Value::List(listed)).error(problems).emit();
        Self::Misconfigured
    }
}

/// A service under construction: each part of the standard can be switched, none has to be remembered.
pub struct Service {
    info: ServiceInfo,
    settings: StandardSettings,
    /// Each tells the access record that it was asked for.
    routes: Router,
    readiness: Option<Readiness>,
    closing: Vec<Closing>,
}

/// What is done once no request is being served any more.
type Closing = Box<dyn FnOnce() -> Pin<Box<dyn Future<Output = ()> + Send>> + Send>;

impl Service {
    /// A service with health routes and nothing else.
    #[must_use]
    pub fn new(info: ServiceInfo, settings: StandardSettings) -> Self {
        Self { info, settings, routes: Router::new(), readiness: Some(Readiness::default()), closing: Vec::new() }
    }

    /// Adds routes at the root.
    #[must_use]
    pub fn routes(mut self, routes: Router) -> Self {
        self.routes = self.routes.merge(noting_routes(routes));
        self
    }

    /// Adds an API under the configured prefix, its document at `{prefix}/openapi.json` and Swagger UI at `/docs`.
    #[cfg(feature = "openapi")]
    #[must_use]
    pub fn api(mut self, api: ApiRouter) -> Self {
        let (routes, document) = self.settings.mount(api, self.info).into_parts();
        let json_path = format!("{}/openapi.json", self.settings.api_v1_str.as_str());
        self.routes = self.routes.merge(routes).merge(noting_routes(openapi_routes(&document, &json_path, "/docs")));
        self
    }

    /// Says what must be well for `/health/ready`.
    #[must_use]
    pub fn readiness(mut self, readiness: Readiness) -> Self {
        self.readiness = Some(readiness);
        self
    }

    /// Does something once the last request has been served and before [`run`](Self::run) returns: lets a worker finish, closes a
    /// connection. It has as long as the requests had (`SHUTDOWN_GRACE_MS`).
    #[must_use]
    pub fn on_stop<F: Future<Output = ()> + Send + 'static>(mut self, work: impl FnOnce() -> F + Send + 'static) -> Self {
        self.closing.push(Box::new(move || Box::pin(work())));
        self
    }

    /// Leaves the health routes away.
    #[must_use]
    pub fn without_health(mut self) -> Self {
        self.readiness = None;
        self
    }

    /// The whole service as a router: for tests, and for a server of one's own.
    pub fn into_router(self) -> Router {
        Router::new().fallback_service(self.into_service())
    }

    /// Without the empty router, which costs a server a boxed copy of everything with each request.
    fn into_service(self) -> Standardized<BodyLimited<Router>> {
        let layer = StandardsLayer::new()
            .with_deadline(Some(self.settings.request_timeout))
            .with_cors(self.settings.allowed_hosts.layer());
        let health = self.readiness.map(health::routes).unwrap_or_default();
        let limit = BodyLimitLayer::new(self.settings.max_body_bytes.get());
        layer.layer(limit.layer(self.routes.merge(noting_routes(health))))
    }

    /// Listens, serves and stops as the settings say. The log must be installed.
    pub async fn run(self) -> Exit {
        match self.try_run().await {
            Ok(()) => Exit::Stopped,
            Err(error) => {
                Record::new(LogLevel::Error, "El servicio no pudo iniciar").error(&error).emit();
                Exit::Failed
            }
        }
    }

    async fn try_run(mut self) -> io::Result<()> {
        let stop = server::stop_signal()?;
        let listener = TcpListener::bind(self.settings.address()).await?;
        self.announce(listener.local_addr()?);
        let draining = self.readiness.as_ref().map(Readiness::draining).unwrap_or_default();
        let (closing, grace) = (std::mem::take(&mut self.closing), self.settings.shutdown_grace);
        server::run(listener, self.into_service(), Shutdown { draining, grace }, stop).await;
        for work in closing {
            // What does not end in time is cut off with the process.
            let _ = tokio::time::timeout(grace, work()).await;
        }
        Record::new(LogLevel::Info, "Servicio detenido").emit();
        Ok(())
    }

    /// Says in the log, and to a person at a terminal, where the service listens.
    fn announce(&self, address: SocketAddr) {
        Record::new(LogLevel::Info, "Servicio iniciado")
            .field("address", address.to_string())
            .field("app_env", self.settings.app_env.as_str())
            .emit();
        if io::stderr().is_terminal() {
            // Nobody reads a banner that cannot be written.
            let _ = io::stderr().write_all(self.banner(address).as_bytes());
        }
    }

    fn banner(&self, address: SocketAddr) -> String {
        let prefix = self.settings.api_v1_str.as_str();
        format!(
            "\n  {} {}\n  API    http://{address}{prefix}\n  docs   http://{address}/docs\n  health http://{address}/health/ready\n\n",
            self.info.name, self.info.version
        )
    }
}
