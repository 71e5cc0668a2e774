//! How a service ends.

use std::process::{ExitCode, Termination};

use standards_core::log::{LogLevel, Record, Value};
use standards_core::settings::Problems;

use super::ServiceInfo;

/// What `main` returns. The reason stands in the log, that of a command on standard error.
///
/// | | status | when |
/// |---|---|---|
/// | [`Stopped`](Self::Stopped) | 0 | SIGTERM or SIGINT came, and the requests in flight were served; a command was done |
/// | [`Failed`](Self::Failed) | 1 | the address is taken, what the service stands on cannot be had, a command failed |
/// | [`Misconfigured`](Self::Misconfigured) | 2 | a variable is missing or not valid; each is named in one record; the command line is not valid |
///
/// ```
/// use std::process::{ExitCode, Termination};
///
/// use standards_axum::Exit;
///
/// assert_eq!(Exit::Stopped.report(), ExitCode::SUCCESS);
/// assert_eq!(Exit::Misconfigured.report(), ExitCode::from(2));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// The service was told to stop and did: status 0.
    Stopped,
    /// It could not start or go on: status 1.
    Failed,
    /// Its configuration is not valid: status 2.
    Misconfigured,
}

/// What is to blame for a variable: no line of the service, and no way that the code went.
const CONFIGURATION: &str = "<configuration>";

impl Exit {
    /// Logs every problem of the configuration, by variable name, and ends with status 2.
    ///
    /// The record's `traceback` is `<configuration>`, with `RUST_BACKTRACE` too: a mistake in a variable is none in the code.
    ///
    /// ```
    /// use standards_axum::core::settings::Environment;
    /// use standards_axum::{Exit, StandardSettings, service_info};
    ///
    /// fn settings(environment: Environment) -> Result<StandardSettings, Exit> {
    ///     environment.settings().map_err(|problems| Exit::misconfigured(service_info!(), &problems))
    /// }
    ///
    /// assert!(settings(Environment::default()).is_ok());
    /// ```
    #[must_use]
    pub fn misconfigured(info: ServiceInfo, problems: &Problems) -> Self {
        let _log = info.start_default_log();
        let listed = problems.0.iter().map(|problem| Value::from(problem.to_string())).collect();
        let record = Record::new(LogLevel::Error, "Configuración no válida").field("problems", Value::List(listed));
        record.error(problems).traceback(CONFIGURATION).emit();
        Self::Misconfigured
    }
}

impl Termination for Exit {
    fn report(self) -> ExitCode {
        match self {
            Self::Stopped => ExitCode::SUCCESS,
            Self::Failed => ExitCode::from(1),
            Self::Misconfigured => ExitCode::from(2),
        }
    }
}
