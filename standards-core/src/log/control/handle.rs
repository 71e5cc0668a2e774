//! The log while it runs: its levels, its losses, its end.

use std::fmt;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tracing::level_filters::LevelFilter;

use super::filter::LevelFilters;
use super::pipeline::Pipeline;
use crate::level::LogLevel;
use crate::log::line::{Draft, Origin};
use crate::log::redact::Name;
use crate::log::sink::RecordCounts;
use crate::value::Value;

/// The record's `logger` and the name by which its level is filtered.
const TARGET: &str = "standards::log";

/// A handle on the log of this process; cheap to clone.
///
/// ```
/// use std::time::Duration;
/// use standards_core::log::{self, LevelFilter, LogOptions};
///
/// let _log = log::init(&LogOptions::new("ms-pago-service", "1.2.3"))?;
/// let handle = log::handle().unwrap();
/// handle.set_level("ms_pago_service::pagos", LevelFilter::DEBUG, Some(Duration::from_secs(600)));
/// assert_eq!(handle.filters().to_string(), "info,ms_pago_service::pagos=debug");
/// # Ok::<(), log::InitError>(())
/// ```
#[derive(Clone)]
pub struct LogHandle(Arc<Pipeline>);

/// The handle on the log of this process, once it is installed.
///
/// ```
/// assert!(standards_core::log::handle().is_none(), "nothing is installed yet");
/// ```
#[must_use]
pub fn handle() -> Option<LogHandle> {
    Pipeline::installed().cloned().map(LogHandle)
}

impl LogHandle {
    pub(in crate::log) const fn new(pipeline: Arc<Pipeline>) -> Self {
        Self(pipeline)
    }

    /// Sets the level of the modules under `target` (an empty one: of all that are not named), for `duration` or for good. Then it
    /// returns by itself to what it was at the start. A record tells of both.
    ///
    /// ```
    /// use std::time::Duration;
    /// use standards_core::log::{self, LevelFilter, LogOptions};
    ///
    /// let log = log::init(&LogOptions::new("ms-pago-service", "1.2.3"))?;
    /// log.handle().set_level("sqlx", LevelFilter::TRACE, Some(Duration::from_secs(60)));
    /// log.handle().set_level("", LevelFilter::WARN, None);
    /// assert_eq!(log.handle().filters().to_string(), "warn,sqlx=trace");
    /// log.handle().reset_level("sqlx");
    /// assert_eq!(log.handle().filters().to_string(), "warn");
    /// # Ok::<(), log::InitError>(())
    /// ```
    pub fn set_level(&self, target: &str, level: LevelFilter, duration: Option<Duration>) {
        let until = duration.and_then(|duration| Instant::now().checked_add(duration));
        self.0.levels.set(target, level, until);
        announce(&self.0);
        let seconds = Value::from(duration.map(|duration| duration.as_secs()));
        self.tell("Nivel de log cambiado", target, |draft| draft.value(Name::plain("for_seconds"), &seconds));
        if until.is_some() {
            REVERTER.wake(&self.0);
        }
    }

    /// Returns the modules under `target` to the level of the start.
    ///
    /// ```
    /// use standards_core::log::{self, LevelFilter, LogOptions};
    ///
    /// let log = log::init(&LogOptions::new("ms-pago-service", "1.2.3"))?;
    /// log.handle().set_level("sqlx", LevelFilter::WARN, None);
    /// log.handle().reset_level("sqlx");
    /// assert_eq!(log.handle().filters().to_string(), "info");
    /// # Ok::<(), log::InitError>(())
    /// ```
    pub fn reset_level(&self, target: &str) {
        self.0.levels.reset(target);
        announce(&self.0);
        self.tell("Nivel de log restablecido", target, |_| ());
    }

    /// The filters in force: those of the start and what [`set_level`](Self::set_level) has changed since.
    ///
    /// ```
    /// use standards_core::log::{self, LogOptions};
    ///
    /// let options = LogOptions::new("ms-pago-service", "1.2.3").with_filters("info,sqlx=warn".parse().unwrap());
    /// let log = log::init(&options)?;
    /// assert_eq!(log.handle().filters().to_string(), "info,sqlx=warn");
    /// # Ok::<(), log::InitError>(())
    /// ```
    #[must_use]
    pub fn filters(&self) -> LevelFilters {
        self.0.levels.filters()
    }

    /// How many records were written since the start, those that were dropped afterwards included.
    ///
    /// ```
    /// use standards_core::log::{self, LogOptions};
    ///
    /// let log = log::init(&LogOptions::new("ms-pago-service", "1.2.3"))?;
    /// tracing::info!("Lote conciliado");
    /// tracing::debug!("not enabled, not written, not counted");
    /// assert_eq!((log.handle().records().info, log.handle().records().total()), (1, 1));
    /// # Ok::<(), log::InitError>(())
    /// ```
    #[must_use]
    pub fn records(&self) -> RecordCounts {
        self.0.sink().records()
    }

    /// How many records were dropped since the start.
    ///
    /// ```
    /// use standards_core::log::{self, LogOptions};
    ///
    /// let log = log::init(&LogOptions::new("ms-pago-service", "1.2.3"))?;
    /// assert_eq!(log.handle().dropped().total(), 0);
    /// # Ok::<(), log::InitError>(())
    /// ```
    #[must_use]
    pub fn dropped(&self) -> RecordCounts {
        self.0.sink().dropped()
    }

    /// Waits until every record written so far has arrived; `false` when that takes longer than `patience`.
    ///
    /// For a moment when what was logged must be seen: before a core dump, at the end of a job. [`LogGuard`](super::super::LogGuard) does it
    /// at the end of the process.
    ///
    /// ```
    /// use std::time::Duration;
    /// use standards_core::log::{self, LogOptions};
    ///
    /// let log = log::init(&LogOptions::new("ms-pago-service", "1.2.3"))?;
    /// tracing::info!("Lote conciliado");
    /// assert!(log.handle().flush(Duration::from_secs(2)));
    /// # Ok::<(), log::InitError>(())
    /// ```
    #[must_use]
    pub fn flush(&self, patience: Duration) -> bool {
        self.0.sink().flush(patience)
    }

    fn tell(&self, message: &str, target: &str, more: impl FnOnce(&mut Draft<'_>)) {
        let origin = Origin { level: LogLevel::Info, target: TARGET, file: None, line: None };
        let filters = self.filters().to_string();
        let fill = |draft: &mut Draft<'_>| {
            draft.message(format_args!("{message}"));
            draft.text(Name::plain("target"), target, 0);
            more(draft);
            draft.text(Name::plain("filters"), &filters, 0);
        };
        if self.0.enables(TARGET, LevelFilter::INFO) {
            self.0.write(origin, fill, &());
        }
    }
}

impl fmt::Debug for LogHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogHandle").field("filters", &self.filters()).field("dropped", &self.dropped()).finish_non_exhaustive()
    }
}

/// Lets every place in the code that logs ask anew whether it is enabled.
fn announce(pipeline: &Pipeline) {
    announce_to_log(pipeline.most());
    tracing::callsite::rebuild_interest_cache();
}

/// Tells the `log` crate what it need not even format.
pub(in crate::log) fn announce_to_log(most: LevelFilter) {
    log::set_max_level(most.into_level().map_or(log::LevelFilter::Off, |level| match level {
        tracing::Level::ERROR => log::LevelFilter::Error,
        tracing::Level::WARN => log::LevelFilter::Warn,
        tracing::Level::INFO => log::LevelFilter::Info,
        tracing::Level::DEBUG => log::LevelFilter::Debug,
        tracing::Level::TRACE => log::LevelFilter::Trace,
    }));
}

/// The thread that ends settings when their time is over. It lives as long as there are any.
static REVERTER: Reverter = Reverter { is_running: Mutex::new(false), changed: Condvar::new() };

struct Reverter {
    is_running: Mutex<bool>,
    changed: Condvar,
}

impl Reverter {
    fn wake(&'static self, pipeline: &Arc<Pipeline>) {
        let mut is_running = self.is_running.lock().unwrap_or_else(PoisonError::into_inner);
        if !*is_running {
            let pipeline = Arc::clone(pipeline);
            let thread = std::thread::Builder::new().name("log-levels".to_owned());
            *is_running = thread.spawn(move || self.run(&pipeline)).is_ok();
        }
        self.changed.notify_all();
    }

    fn run(&self, pipeline: &Arc<Pipeline>) {
        let mut is_running = self.is_running.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(end) = pipeline.levels.next_end() {
            let left = end.saturating_duration_since(Instant::now());
            is_running = self.changed.wait_timeout(is_running, left).unwrap_or_else(PoisonError::into_inner).0;
            let ended = pipeline.levels.expire(Instant::now());
            if !ended.is_empty() {
                announce(pipeline);
            }
            for target in ended {
                LogHandle(Arc::clone(pipeline)).tell("Nivel de log restablecido", &target, |_| ());
            }
        }
        *is_running = false;
    }
}
