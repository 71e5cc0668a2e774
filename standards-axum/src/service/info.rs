//! Who the service is.

use standards_core::log::{self, InitError, LogGuard, LogOptions};

use super::StandardSettings;
#[cfg(feature = "openapi")]
use crate::openapi::ApiRouter;

/// The name and version of a service, as its log records and its API show them.
///
/// Made by [`service_info!`](crate::service_info), which takes them from the crate that calls it.
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
    /// Installs the log of this process, as `settings` say. Keep the guard until the end of `main`.
    ///
    /// # Errors
    ///
    /// When the process has a log already.
    pub fn start_log(&self, settings: &StandardSettings) -> Result<LogGuard, InitError> {
        let artifact = settings.service_name.as_deref().unwrap_or(self.name);
        let version = settings.service_version.as_deref().unwrap_or(self.version);
        let options = self.log_options(artifact, version).with_filters(settings.log_level.clone());
        log::init(&options.with_format(settings.log_format).with_redaction(settings.log_redaction.clone()))
    }

    /// Installs the log with its defaults: for a process that cannot read its settings and has to say so.
    ///
    /// # Errors
    ///
    /// When the process has a log already.
    pub fn start_default_log(&self) -> Result<LogGuard, InitError> {
        log::init(&self.log_options(self.name, self.version))
    }

    /// Puts `api` under the prefix that `settings` give it, titled as they say; the service names what they leave open.
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
        let title = settings.project_name.as_deref().unwrap_or(self.name);
        let version = settings.version.as_deref().unwrap_or(self.version);
        ApiRouter::new().describe(title, version).nest(settings.api_v1_str.as_str(), api)
    }

    fn log_options(&self, artifact: &str, version: &str) -> LogOptions {
        let own = self.module.split("::").next().unwrap_or(self.name);
        LogOptions::new(artifact, version).with_own_crate(own)
    }
}
