//! The log while it runs: its levels, its losses, its end.

use std::fmt;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tracing::level_filters::LevelFilter;

use super::filter::LevelFilters;
use super::pipeline::Pipeline;
use super::tally::LoggedPlace;
use crate::level::LogLevel;
use crate::log::line::{Draft, Origin};
use crate::log::redact::Name;
use crate::log::sink::RecordCounts;
use crate::timestamp::Timestamp;
use crate::value::Value;

/// The record's `logger` and the name by which its level is filtered.
const TARGET: &str = "standards::log";

const ORIGIN: Origin<'static> =
    Origin { level: LogLevel::Info, target: TARGET, file: Some(file!()), line: Some(line!()), metadata: None };

/// The longest that filters are lent for: whoever wants another level for good says it in `LOG_LEVEL`.
const MOST: Duration = Duration::from_secs(86_400);

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

    /// Puts `filters` in the place of those of the start for `duration`, a day at most, because `by` asked for it. Then those of the start return
    /// by themselves.
    ///
    /// Where others stand there already, the last ones count, and their time. What [`set_level`](Self::set_level) has set stands over them as it
    /// stands over those of the start. A record tells of both changes, whatever the filters leave out: who has silenced the log stands in it.
    ///
    /// ```
    /// use std::time::Duration;
    /// use standards_core::log::{self, LogOptions};
    ///
    /// let log = log::init(&LogOptions::new("ms-pago-service", "1.2.3"))?;
    /// assert_eq!(log.handle().returns_at(), None);
    /// log.handle().lend_filters("warn,sqlx=debug".parse().unwrap(), Duration::from_secs(600), "ana");
    /// assert_eq!(log.handle().filters().to_string(), "warn,sqlx=debug");
    /// assert!(log.handle().returns_at().is_some());
    /// # Ok::<(), log::InitError>(())
    /// ```
    pub fn lend_filters(&self, filters: LevelFilters, duration: Duration, by: &str) {
        let (duration, before) = (duration.min(MOST), self.filters().to_string());
        let returns_at = after(duration);
        self.0.levels.lend(filters, Instant::now() + duration, returns_at);
        announce(&self.0);
        self.tell_of_filters("Filtro de log cambiado", |draft| {
            draft.text(Name::plain("filters_before"), &before, 0);
            draft.text(Name::plain("by"), by, 0);
            draft.unsigned(Name::plain("for_seconds"), duration.as_secs());
            draft.text(Name::plain("returns_at"), &returns_at.to_string(), 0);
        });
        REVERTER.wake(&self.0);
    }

    /// When the filters of the start return by themselves; `None` while they are in force.
    ///
    /// ```
    /// use std::time::Duration;
    /// use standards_core::Timestamp;
    /// use standards_core::log::{self, LogOptions};
    ///
    /// let log = log::init(&LogOptions::new("ms-pago-service", "1.2.3"))?;
    /// log.handle().lend_filters("debug".parse().unwrap(), Duration::from_secs(600), "ana");
    /// assert!(log.handle().returns_at() > Some(Timestamp::now()));
    /// # Ok::<(), log::InitError>(())
    /// ```
    #[must_use]
    pub fn returns_at(&self) -> Option<Timestamp> {
        self.0.levels.returns_at()
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

    /// Each place in the code that has logged since the start, and what that came to, most bytes first.
    ///
    /// A thousand places are told apart; what others have written is one entry without a place. What was [dropped](Self::dropped) is counted as
    /// written.
    ///
    /// ```
    /// use standards_core::log::{self, LogOptions};
    ///
    /// let log = log::init(&LogOptions::new("ms-pago-service", "1.2.3"))?;
    /// for pago_id in 0..3 {
    ///     tracing::info!(pago_id, "Pago procesado exitosamente");
    /// }
    /// let places = log.handle().places();
    /// assert_eq!((places.len(), places[0].records), (1, 3));
    /// assert!(places[0].bytes > 300);
    /// let told = serde_json::to_value(&places[0])?;
    /// assert_eq!(told["metadata"]["fields"], serde_json::json!(["message", "pago_id"]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn places(&self) -> Vec<LoggedPlace> {
        self.0.places()
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

    /// Of the filter as a whole, whatever it leaves out.
    fn tell_of_filters(&self, message: &str, more: impl FnOnce(&mut Draft<'_>)) {
        let filters = self.filters().to_string();
        let fill = |draft: &mut Draft<'_>| {
            draft.message(format_args!("{message}"));
            draft.text(Name::plain("filters"), &filters, 0);
            more(draft);
        };
        self.0.write(ORIGIN, fill, &());
    }

    fn tell(&self, message: &str, target: &str, more: impl FnOnce(&mut Draft<'_>)) {
        let filters = self.filters().to_string();
        let fill = |draft: &mut Draft<'_>| {
            draft.message(format_args!("{message}"));
            draft.text(Name::plain("target"), target, 0);
            more(draft);
            draft.text(Name::plain("filters"), &filters, 0);
        };
        if self.0.enables(TARGET, LevelFilter::INFO) {
            self.0.write(ORIGIN, fill, &());
        }
    }
}

/// So long from now, by the clock on the wall.
fn after(duration: Duration) -> Timestamp {
    let (now, micros) = (Timestamp::now(), i64::try_from(duration.as_micros()).unwrap_or(i64::MAX));
    Timestamp::from_microseconds(now.microseconds().saturating_add(micros)).unwrap_or(now)
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
            end_what_is_over(&LogHandle(Arc::clone(pipeline)));
        }
        *is_running = false;
    }
}

/// Ends the settings whose time is over, and tells so.
fn end_what_is_over(handle: &LogHandle) {
    let (levels, now) = (&handle.0.levels, Instant::now());
    let (ended, returned) = (levels.expire(now), levels.take_back(now));
    if returned || !ended.is_empty() {
        announce(&handle.0);
    }
    for target in ended {
        handle.tell("Nivel de log restablecido", &target, |_| ());
    }
    if returned {
        handle.tell_of_filters("Filtro de log restablecido", |_| ());
    }
}
