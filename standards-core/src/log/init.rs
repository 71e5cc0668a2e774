//! Installing the log.

use std::fmt;
use std::io::{Stdout, Write};
use std::sync::Arc;
use std::time::Duration;

use tracing::Subscriber;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;

use super::control::{LogHandle, Pipeline, announce_to_log};
use super::options::LogOptions;
use super::sink::{BackgroundSink, LineSink};
use super::source::{Bridge, RecordLayer, install_hook};
use crate::context::LazySpans;

/// How long the end of the process waits for the last records.
const PATIENCE: Duration = Duration::from_secs(2);

/// Installs the log of this process on standard output: the subscriber of `tracing`, the logger of the `log` crate and the panic
/// hook.
///
/// ```
/// use standards_core::log::{self, LogOptions};
///
/// let _log = log::init(&LogOptions::new("ms-pago-service", "1.2.3"))?;
/// tracing::info!("Servicio iniciado");
/// # Ok::<(), log::InitError>(())
/// ```
///
/// # Errors
///
/// When a `tracing` subscriber or a logger of the `log` crate is installed already, or the system has no thread for the writer.
///
/// # Example: a second log is refused
///
/// ```
/// use standards_core::log::{self, InitError, LogOptions};
///
/// let options = LogOptions::new("ms-pago-service", "1.2.3");
/// let _log = log::init(&options)?;
/// assert_eq!(log::init(&options).unwrap_err(), InitError::Subscriber);
/// # Ok::<(), InitError>(())
/// ```
pub fn init(options: &LogOptions) -> Result<LogGuard, InitError> {
    let sink = BackgroundSink::start(options, standard_output()).map_err(|_| InitError::Thread)?;
    let pipeline = install(options, Arc::new(sink), tracing_subscriber::registry())?;
    install_hook(|_| ());
    Ok(LogGuard { pipeline })
}

/// Everything but the panic hook, over a registry of spans.
pub(super) fn install<S>(options: &LogOptions, sink: Arc<dyn LineSink>, spans: S) -> Result<Arc<Pipeline>, InitError>
where
    S: Subscriber + for<'lookup> LookupSpan<'lookup> + Send + Sync,
{
    let pipeline = Arc::new(options.pipeline(sink));
    let subscriber = LazySpans::around(spans.with(RecordLayer::of(Arc::clone(&pipeline))));
    tracing::subscriber::set_global_default(subscriber).map_err(|_| InitError::Subscriber)?;
    pipeline.install();
    log::set_logger(&Bridge).map_err(|_| InitError::Logger)?;
    announce_to_log(pipeline.most());
    Ok(pipeline)
}

/// Standard output without a buffer of its own: what was written partly must not be written again later.
#[cfg(unix)]
fn standard_output() -> Box<dyn Write + Send> {
    use std::os::fd::AsFd;
    let stdout: Stdout = std::io::stdout();
    match stdout.as_fd().try_clone_to_owned() {
        Ok(descriptor) => Box::new(std::fs::File::from(descriptor)),
        Err(_) => Box::new(stdout),
    }
}

#[cfg(not(unix))]
fn standard_output() -> Box<dyn Write + Send> {
    let stdout: Stdout = std::io::stdout();
    Box::new(stdout)
}

/// Keeps the promise that the last records arrive: when it is dropped, it waits for them, for two seconds at most.
///
/// Keep it in `main` until the end. Dropped too early it costs speed but no record: from then on each record is waited for.
#[must_use = "keep it until the end of `main`; without it, each record is waited for"]
pub struct LogGuard {
    pipeline: Arc<Pipeline>,
}

impl LogGuard {
    /// The handle on the log that this guards.
    ///
    /// ```
    /// use std::time::Duration;
    /// use standards_core::log::{self, LogOptions};
    ///
    /// let log = log::init(&LogOptions::new("ms-pago-service", "1.2.3"))?;
    /// assert_eq!(log.handle().dropped(), log::RecordCounts::default());
    /// # Ok::<(), log::InitError>(())
    /// ```
    #[must_use]
    pub fn handle(&self) -> LogHandle {
        LogHandle::new(Arc::clone(&self.pipeline))
    }
}

impl Drop for LogGuard {
    fn drop(&mut self) {
        self.pipeline.sink().flush(PATIENCE);
        self.pipeline.sink().close();
    }
}

impl fmt::Debug for LogGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogGuard").finish_non_exhaustive()
    }
}

/// Why the log could not be installed.
///
/// ```
/// use standards_core::log::{self, InitError, LogOptions};
///
/// let options = LogOptions::new("ms-pago-service", "1.2.3");
/// let _log = log::init(&options)?;
/// assert_eq!(log::init(&options).unwrap_err(), InitError::Subscriber);
/// # Ok::<(), InitError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InitError {
    /// The process has a `tracing` subscriber already.
    Subscriber,
    /// The process has a logger of the `log` crate already.
    Logger,
    /// The system has no thread for the writer.
    Thread,
}

impl fmt::Display for InitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Subscriber => "a tracing subscriber is installed already",
            Self::Logger => "a logger of the log crate is installed already",
            Self::Thread => "there is no thread for the log's writer",
        })
    }
}

impl std::error::Error for InitError {}
