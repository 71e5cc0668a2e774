//! Who the service is.

use standards_core::log::{self, InitError, LogGuard, LogOptions};

use super::StandardSettings;

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
        log::init(&options.with_format(settings.log_format))
    }

    /// Installs the log with its defaults: for a process that cannot read its settings and has to say so.
    ///
    /// # Errors
    ///
    /// When the process has a log already.
    pub fn start_default_log(&self) -> Result<LogGuard, InitError> {
        log::init(&self.log_options(self.name, self.version))
    }

    fn log_options(&self, artifact: &str, version: &str) -> LogOptions {
        let own = self.module.split("::").next().unwrap_or(self.name);
        LogOptions::new(artifact, version).with_own_crate(own)
    }
}
