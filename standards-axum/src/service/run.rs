//! Running a service until it is told to stop.

use std::io::{self, IsTerminal, Write};
use std::net::SocketAddr;
use std::path::Path;

use axum::Router;
use standards_core::log::{LogLevel, Record};
use standards_core::settings::Environment;
use tokio::net::TcpListener;

use super::{Exit, Service, ServiceInfo, StandardSettings};
use crate::health::Readiness;
use crate::server::{self, Shutdown};

/// Serves `routes` with everything of the standard, until the process is told to stop.
///
/// Settings come from the environment and `.env`; see [`StandardSettings`]. The log is installed first, so that whatever goes wrong is a
/// record: a variable that is not valid ends the service with status 2, an address that is taken with status 1.
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

impl Service {
    /// Listens, serves and stops as the settings say. The log must be installed ([`ServiceInfo::start_log`]).
    ///
    /// Told to stop, by SIGTERM or SIGINT, it is unready at once, takes no new connection, and lets the requests in flight finish for
    /// `SHUTDOWN_GRACE_MS`. It does not return before that, nor before what [`on_stop`](Self::on_stop) was given.
    ///
    /// ```no_run
    /// use standards_axum::core::settings::Environment;
    /// use standards_axum::{Exit, Service, StandardSettings, service_info};
    ///
    /// #[tokio::main]
    /// async fn main() -> Exit {
    ///     let settings: StandardSettings = match Environment::default().settings() {
    ///         Ok(settings) => settings,
    ///         Err(problems) => return Exit::misconfigured(service_info!(), &problems),
    ///     };
    ///     let Ok(_log) = service_info!().start_log(&settings) else { return Exit::Failed };
    ///     Service::new(service_info!(), settings).run().await
    /// }
    /// ```
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
        let (info, prefix) = (self.info, self.settings.api_v1_str.as_str());
        let docs = if self.has_docs() { format!("\n  docs   http://{address}/docs") } else { String::new() };
        let health = if self.readiness.is_some() { format!("\n  health http://{address}/health/ready") } else { String::new() };
        format!("\n  {} {}\n  API    http://{address}{prefix}{docs}{health}\n\n", info.name, info.version)
    }
}
