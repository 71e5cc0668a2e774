//! Installing the log.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tracing_subscriber::layer::SubscriberExt;

use super::layer::RecordLayer;
use super::options::LogOptions;
use super::pipeline::Pipeline;
use super::sink::{DirectSink, LineSink};
use super::{bridge, panic};

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
/// When a `tracing` subscriber or a logger of the `log` crate is installed already.
pub fn init(options: &LogOptions) -> Result<LogGuard, InitError> {
    let pipeline = install(options, Arc::new(DirectSink::new(std::io::stdout())))?;
    panic::install_hook(|_| ());
    Ok(LogGuard { pipeline })
}

/// Everything but the panic hook.
pub(super) fn install(options: &LogOptions, sink: Arc<dyn LineSink>) -> Result<Arc<Pipeline>, InitError> {
    let pipeline = Arc::new(Pipeline::new(options, sink));
    let subscriber = tracing_subscriber::registry().with(RecordLayer::of(Arc::clone(&pipeline)));
    tracing::subscriber::set_global_default(subscriber).map_err(|_| InitError::Subscriber)?;
    pipeline.install();
    log::set_logger(&bridge::Bridge).map_err(|_| InitError::Logger)?;
    bridge::announce(pipeline.levels.most());
    Ok(pipeline)
}

/// Keeps the promise that the last records arrive: when it is dropped, it waits for them.
///
/// Keep it in `main` until the end. Dropped too early it costs speed but no record.
#[must_use = "records may be lost at the end of the process unless the guard lives until then"]
pub struct LogGuard {
    pipeline: Arc<Pipeline>,
}

impl LogGuard {
    /// Waits until every record written so far has arrived; `false` when that takes longer than `patience`.
    #[must_use]
    pub fn flush(&self, patience: Duration) -> bool {
        self.pipeline.sink().flush(patience)
    }
}

impl Drop for LogGuard {
    fn drop(&mut self) {
        self.pipeline.sink().flush(PATIENCE);
    }
}

impl fmt::Debug for LogGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogGuard").finish_non_exhaustive()
    }
}

/// Why the log could not be installed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InitError {
    /// The process has a `tracing` subscriber already.
    Subscriber,
    /// The process has a logger of the `log` crate already.
    Logger,
}

impl fmt::Display for InitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Subscriber => "a tracing subscriber is installed already",
            Self::Logger => "a logger of the log crate is installed already",
        })
    }
}

impl std::error::Error for InitError {}
