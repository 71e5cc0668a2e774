//! Who the service is.

use std::io::{self, Write};
use std::path::Path;

use standards_core::log::{self, InitError, LogFormat, LogGuard, LogLevel, LogOptions, Record};
use standards_core::settings::{Environment, SettingValue};

use super::{Exit, StandardSettings};
#[cfg(feature = "openapi")]
use crate::openapi::ApiRouter;

/// The name and version of a service, as its log records and its API show them.
///
/// Made by [`service_info!`](crate::service_info), which takes them from the crate that calls it. `SERVICE_NAME` and `SERVICE_VERSION`
/// put others into the log, `PROJECT_NAME` and `VERSION` into the document.
///
/// ```
/// use standards_axum::{ServiceInfo, service_info};
///
/// let info: ServiceInfo = service_info!();
/// assert_eq!((info.name, info.version), (env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION")));
///
/// // A tool that speaks for another service names it itself.
/// let other = ServiceInfo { name: "ms-pagos", ..info };
/// assert_eq!(other.version, info.version);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServiceInfo {
    /// The crate's name.
    pub name: &'static str,
    /// The crate's version.
    pub version: &'static str,
    /// The module that asks, `my_service` or `my_service::app`: records of its crate are the service's own.
    pub module: &'static str,
}

/// Names the service after the crate in which this stands.
///
/// ```
/// let info = standards_axum::service_info!();
/// assert!(!info.name.is_empty());
/// ```
#[macro_export]
macro_rules! service_info {
    () => {
        $crate::ServiceInfo { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION"), module: module_path!() }
    };
}

impl ServiceInfo {
    /// Installs the log of this process, as `settings` say. Keep the guard until the end of `main`: it writes what is still queued.
    ///
    /// [`serve`](crate::serve) does this by itself; it is for a `main` that builds its [`Service`](crate::Service).
    ///
    /// ```
    /// use standards_axum::core::settings::Environment;
    /// use standards_axum::{StandardSettings, service_info};
    ///
    /// let settings: StandardSettings = Environment::default().settings()?;
    /// let _log = service_info!().start_log(&settings).unwrap();
    /// // There is one log per process.
    /// assert!(service_info!().start_log(&settings).is_err());
    /// # Ok::<(), standards_axum::core::settings::Problems>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When the process has a log already.
    pub fn start_log(&self, settings: &StandardSettings) -> Result<LogGuard, InitError> {
        log::init(&self.log_as_set(settings))
    }

    /// The same, or in a process that has a `tracing` subscriber already, that one: what the standard says goes through `tracing` to it, and
    /// its own levels and form hold instead of `LOG_LEVEL` and `LOG_FORMAT`. A record says so.
    ///
    /// ```no_run
    /// use standards_axum::core::settings::Environment;
    /// use standards_axum::{Exit, StandardSettings, service_info};
    ///
    /// fn main() -> Exit {
    ///     let settings: StandardSettings = Environment::default().settings().unwrap();
    ///     let _log = match service_info!().start_or_join_log(&settings) {
    ///         Ok(log) => log,
    ///         Err(exit) => return exit,
    ///     };
    ///     Exit::Stopped
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// Where no log can be had; standard error then says why, since no record can.
    pub fn start_or_join_log(&self, settings: &StandardSettings) -> Result<Option<LogGuard>, Exit> {
        match self.start_log(settings) {
            Ok(log) => Ok(Some(log)),
            Err(InitError::Subscriber) => {
                log::install_panic_hook();
                let message = "El proceso ya tiene un suscriptor de tracing: LOG_LEVEL y LOG_FORMAT no se aplican";
                Record::new(LogLevel::Info, message).emit();
                Ok(None)
            }
            Err(error) => {
                // Nobody is left to tell when standard error cannot be written either.
                let _ = writeln!(io::stderr(), "error: the log cannot be installed: {error}");
                Err(Exit::Failed)
            }
        }
    }

    /// Installs the log with its defaults: for a process that cannot read its settings and has to say so. Its records carry
    /// `SERVICE_NAME` and `SERVICE_VERSION` and have the form of `LOG_FORMAT` nevertheless, where these can be read.
    ///
    /// # Errors
    ///
    /// When the process has a log already.
    pub fn start_default_log(&self) -> Result<LogGuard, InitError> {
        let environment = Environment::load(Path::new(".env"));
        let named = |variable, own: &str| environment.get(variable).and_then(String::parse).unwrap_or_else(|| own.to_owned());
        let options = self.log_options(&named("SERVICE_NAME", self.name), &named("SERVICE_VERSION", self.version));
        let format = environment.get("LOG_FORMAT").and_then(LogFormat::parse).unwrap_or_default();
        log::init(&options.with_format(format))
    }

    /// Puts `api` under the prefix that `settings` give it, titled as they say; what they leave open is as `api` was
    /// [described](ApiRouter::describe), or named as the service.
    ///
    /// ```
    /// use standards_axum::core::settings::Environment;
    /// use standards_axum::openapi::ApiRouter;
    /// use standards_axum::{StandardSettings, service_info};
    ///
    /// let settings: StandardSettings = Environment::default().settings()?;
    /// let (_, document) = service_info!().mount(ApiRouter::<()>::new(), &settings).into_parts();
    /// assert_eq!(document.info.title, service_info!().name);
    /// # Ok::<(), standards_axum::core::settings::Problems>(())
    /// ```
    #[cfg(feature = "openapi")]
    #[must_use]
    pub fn mount<S: Clone + Send + Sync + 'static>(&self, api: ApiRouter<S>, settings: &StandardSettings) -> ApiRouter<S> {
        let title = said(settings.project_name.as_deref(), api.title(), self.name);
        let version = said(settings.version.as_deref(), api.version(), self.version);
        ApiRouter::new().describe(title, version).nest(settings.api_v1_str.as_str(), api)
    }

    /// The same beneath a prefix of its own. `VERSION` is of the configured one, so what the API says of itself goes before it.
    #[cfg(feature = "openapi")]
    pub(super) fn mount_under(&self, prefix: &str, api: ApiRouter, settings: &StandardSettings) -> ApiRouter {
        let title = said(settings.project_name.as_deref(), api.title(), self.name);
        let version = said(Some(api.version()), settings.version.as_deref().unwrap_or_default(), self.version);
        ApiRouter::new().describe(title, version).nest(prefix, api)
    }

    /// The log as the settings have it.
    pub(super) fn log_as_set(&self, settings: &StandardSettings) -> LogOptions {
        let artifact = settings.service_name.as_deref().unwrap_or(self.name);
        let version = settings.service_version.as_deref().unwrap_or(self.version);
        let options = self.log_options(artifact, version).with_filters(settings.log_level.clone());
        options.with_format(settings.log_format).with_redaction(settings.log_redaction.clone())
    }

    fn log_options(&self, artifact: &str, version: &str) -> LogOptions {
        let own = self.module.split("::").next().unwrap_or(self.name);
        LogOptions::new(artifact, version).with_own_crate(own)
    }
}

/// What was said first, what else was said, or the service's own.
#[cfg(feature = "openapi")]
fn said(first: Option<&str>, second: &str, own: &str) -> String {
    let said = [first.unwrap_or_default(), second, own].into_iter().find(|text| !text.is_empty());
    said.unwrap_or_default().to_owned()
}
