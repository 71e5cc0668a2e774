//! What a process says of its log when it starts.

use std::io::Write;
use std::sync::Arc;

use super::control::{LevelFilters, Pipeline};
use super::line::{Form, LogFormat};
use super::redact::Redaction;
use super::sink::{BackgroundSink, LineSink, report};

const BUFFER_BYTES: usize = 4 * 1024 * 1024;

/// How the log is written. Everything but the name and the version of the service has a default.
///
/// ```
/// use standards_core::log::{LogFormat, LogOptions};
///
/// let options = LogOptions::new("ms-pago-service", "1.2.3")
///     .with_filters("info,sqlx=warn".parse().unwrap())
///     .with_format(LogFormat::Ecs)
///     .with_own_crate("pago_modelos");
/// # let _ = options;
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct LogOptions {
    artifact: String,
    version: String,
    filters: LevelFilters,
    format: LogFormat,
    own_crates: Vec<String>,
    redaction: Redaction,
    buffer_bytes: usize,
}

impl LogOptions {
    /// The log of `artifact` in `version`, at INFO, as JSON. A crate named like the artifact counts as our own.
    ///
    /// ```
    /// use standards_core::log::{BackgroundSink, LogOptions, RecordLayer};
    /// use tracing_subscriber::layer::SubscriberExt;
    ///
    /// let options = LogOptions::new(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"));
    /// let layer = RecordLayer::new(&options, BackgroundSink::start(&options, std::io::sink())?);
    /// # let _ =
    /// tracing_subscriber::registry().with(layer);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn new(artifact: impl Into<String>, version: impl Into<String>) -> Self {
        let artifact = artifact.into();
        Self {
            own_crates: vec![artifact.clone()],
            artifact,
            version: version.into(),
            filters: LevelFilters::default(),
            format: LogFormat::default(),
            redaction: Redaction::default(),
            buffer_bytes: BUFFER_BYTES,
        }
    }

    /// Which levels are written, per module (`LOG_LEVEL`).
    ///
    /// ```
    /// use standards_core::log::{LevelFilters, LogOptions};
    ///
    /// let filters: LevelFilters = "info,sqlx=warn".parse()?;
    /// let options = LogOptions::new("ms-pago-service", "1.2.3").with_filters(filters);
    /// # let _ = options;
    /// # Ok::<(), standards_core::log::FilterError>(())
    /// ```
    pub fn with_filters(mut self, filters: LevelFilters) -> Self {
        self.filters = filters;
        self
    }

    /// In which form (`LOG_FORMAT`).
    ///
    /// ```
    /// use standards_core::log::{LogFormat, LogOptions};
    ///
    /// let options = LogOptions::new("ms-pago-service", "1.2.3").with_format(LogFormat::Pretty);
    /// # let _ = options;
    /// ```
    pub const fn with_format(mut self, format: LogFormat) -> Self {
        self.format = format;
        self
    }

    /// A crate whose records are our own; all others name themselves in `logger`. Usually `env!("CARGO_PKG_NAME")`.
    ///
    /// ```
    /// use std::sync::{Arc, Mutex};
    /// use standards_core::log::{Line, LineSink, LogOptions, RecordLayer};
    /// use tracing_subscriber::layer::SubscriberExt;
    ///
    /// #[derive(Clone, Default)]
    /// struct Lines(Arc<Mutex<String>>);
    ///
    /// impl LineSink for Lines {
    ///     fn write(&self, line: Line<'_>) {
    ///         self.0.lock().unwrap().push_str(std::str::from_utf8(line.bytes).unwrap());
    ///     }
    /// }
    ///
    /// let lines = Lines::default();
    /// let options = LogOptions::new("ms-pago-service", "1.2.3").with_own_crate("pago_modelos");
    /// let log = tracing_subscriber::registry().with(RecordLayer::new(&options, lines.clone()));
    /// tracing::subscriber::with_default(log, || {
    ///     tracing::info!(target: "pago_modelos::monto", "Nuestro");
    ///     tracing::info!(target: "sqlx", "Ajeno");
    /// });
    /// let lines = lines.0.lock().unwrap();
    /// let (ours, foreign) = lines.split_once('\n').unwrap();
    /// assert!(!ours.contains("logger") && foreign.contains(r#""logger":"sqlx""#));
    /// ```
    pub fn with_own_crate(mut self, name: impl Into<String>) -> Self {
        self.own_crates.push(name.into());
        self
    }

    /// How many bytes of records may wait while standard output is slow or blocked; 4 MiB by default. As many again may be on
    /// their way.
    ///
    /// What does not fit is dropped, the least urgent first, and told ([`RecordCounts`](super::RecordCounts)).
    pub const fn with_buffer_bytes(mut self, bytes: usize) -> Self {
        self.buffer_bytes = bytes;
        self
    }

    /// What is never shown.
    ///
    /// ```
    /// use std::sync::{Arc, Mutex};
    /// use standards_core::log::{Line, LineSink, LogOptions, RecordLayer, Redaction};
    /// use tracing_subscriber::layer::SubscriberExt;
    ///
    /// #[derive(Clone, Default)]
    /// struct Lines(Arc<Mutex<String>>);
    ///
    /// impl LineSink for Lines {
    ///     fn write(&self, line: Line<'_>) {
    ///         self.0.lock().unwrap().push_str(std::str::from_utf8(line.bytes).unwrap());
    ///     }
    /// }
    ///
    /// let lines = Lines::default();
    /// let options = LogOptions::new("ms-pago-service", "1.2.3").with_redaction(Redaction::default().with_key("rut"));
    /// let log = tracing_subscriber::registry().with(RecordLayer::new(&options, lines.clone()));
    /// tracing::subscriber::with_default(log, || tracing::info!(rut = "12.345.678-5", "Cliente registrado"));
    /// assert!(!lines.0.lock().unwrap().contains("12.345.678-5"));
    /// ```
    pub fn with_redaction(mut self, redaction: Redaction) -> Self {
        self.redaction = redaction;
        self
    }

    /// What every line of this log is made with.
    pub(super) fn form(&self) -> Form {
        Form::new(self.format, &self.redaction, &self.artifact, &self.version, &self.own_crates)
    }

    pub(super) fn pipeline(&self, sink: Arc<dyn LineSink>) -> Pipeline {
        Pipeline::new(self.form(), self.filters.clone(), sink)
    }
}

impl BackgroundSink {
    /// Starts the thread that writes to `writer`.
    ///
    /// # Errors
    ///
    /// When the system has no thread to give.
    pub fn start(options: &LogOptions, writer: impl Write + Send + 'static) -> std::io::Result<Self> {
        let form = options.form();
        Self::start_with(writer, options.buffer_bytes, Box::new(move |dropped| report(&form, dropped)))
    }
}
