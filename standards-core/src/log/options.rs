//! What a process says of its log when it starts.

use std::time::Duration;

use crate::log::control::filter::LevelFilters;
use crate::log::line::format::LogFormat;
use crate::log::redact::Redaction;

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
    pub(super) artifact: String,
    pub(super) version: String,
    pub(super) filters: LevelFilters,
    pub(super) format: LogFormat,
    pub(super) own_crates: Vec<String>,
    pub(super) redaction: Redaction,
    pub(super) buffer_bytes: usize,
    pub(super) repeat_window: Option<Duration>,
}

impl LogOptions {
    /// The log of `artifact` in `version`, at INFO, as JSON. A crate named like the artifact counts as our own.
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
            repeat_window: None,
        }
    }

    /// Which levels are written, per module (`LOG_LEVEL`).
    pub fn with_filters(mut self, filters: LevelFilters) -> Self {
        self.filters = filters;
        self
    }

    /// In which form (`LOG_FORMAT`).
    pub const fn with_format(mut self, format: LogFormat) -> Self {
        self.format = format;
        self
    }

    /// A crate whose records are our own; all others name themselves in `logger`. Usually `env!("CARGO_PKG_NAME")`.
    pub fn with_own_crate(mut self, name: impl Into<String>) -> Self {
        self.own_crates.push(name.into());
        self
    }

    /// How many bytes of records may wait while standard output is slow or blocked; 4 MiB by default. As many again may be on
    /// their way.
    pub const fn with_buffer_bytes(mut self, bytes: usize) -> Self {
        self.buffer_bytes = bytes;
        self
    }

    /// Writes identical records (same level, module, message and context) once per `window`. `context.repeated` of the next one
    /// tells how many were held back; if none comes, a record after the window does. ERROR records are never held back, and by
    /// default none is.
    pub const fn with_repeats_held_back(mut self, window: Duration) -> Self {
        self.repeat_window = Some(window);
        self
    }

    pub(super) const fn with_every_repeat(mut self) -> Self {
        self.repeat_window = None;
        self
    }

    /// What is never shown.
    pub fn with_redaction(mut self, redaction: Redaction) -> Self {
        self.redaction = redaction;
        self
    }
}
