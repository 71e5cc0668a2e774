//! Where finished lines go.
//!
//! A service's lines wait in a bounded [`queue`], from which a thread of its own writes them ([`background`]); what found no room is
//! counted and told by a [`report`](mod@report).
//!
//! 1. A source hands each finished [`Line`] to the [`LineSink`] of the pipeline.
//! 2. [`BackgroundSink`] puts it into the queue, wakes its thread where that sleeps, and returns.
//! 3. The thread gathers for some milliseconds and writes what there is at once; an ERROR does not wait.
//! 4. Where the queue is full the least urgent lines go, and one record tells how many.

mod background;
mod queue;
mod report;

pub use background::BackgroundSink;
pub use queue::RecordCounts;
pub(in crate::log) use report::report;

use std::io::Write;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::level::LogLevel;

/// A finished record.
///
/// ```
/// use standards_core::log::{DirectSink, Line, LineSink, LogLevel};
///
/// let sink = DirectSink::new(std::io::sink());
/// sink.write(Line { bytes: b"{}\n", level: LogLevel::Info, correlation_id: "abc-123" });
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Line<'a> {
    /// The record and its line feed.
    pub bytes: &'a [u8],
    /// Its level.
    pub level: LogLevel,
    /// Its correlation id.
    pub correlation_id: &'a str,
}

/// Takes finished lines, one at a time, from any thread.
///
/// ```
/// use std::sync::Mutex;
/// use standards_core::log::{Line, LineSink, LogLevel};
///
/// /// Keeps what somebody must act on.
/// #[derive(Default)]
/// struct Errors(Mutex<Vec<Vec<u8>>>);
///
/// impl LineSink for Errors {
///     fn write(&self, line: Line<'_>) {
///         if line.level == LogLevel::Error {
///             self.0.lock().unwrap().push(line.bytes.to_vec());
///         }
///     }
/// }
///
/// let errors = Errors::default();
/// errors.write(Line { bytes: b"{}\n", level: LogLevel::Error, correlation_id: "abc" });
/// assert_eq!(errors.0.lock().unwrap().len(), 1);
/// assert!(errors.flush(std::time::Duration::ZERO));
/// ```
pub trait LineSink: Send + Sync + 'static {
    /// Takes a line. It must neither block for long nor log.
    fn write(&self, line: Line<'_>);

    /// Waits until what was taken has arrived, for `patience` at most; whether it has.
    fn flush(&self, patience: Duration) -> bool {
        let _ = patience;
        true
    }

    /// Nobody will flush any more: from now on each line sees for itself that it arrives.
    fn close(&self) {}

    /// How many lines it was given since the start, those that it dropped included; a sink that does not count says none.
    fn records(&self) -> RecordCounts {
        RecordCounts::default()
    }

    /// How many lines were dropped since the start.
    fn dropped(&self) -> RecordCounts {
        RecordCounts::default()
    }
}

/// Writes each line at once, under a lock: for tools and tests. A service's own sink never makes a request wait.
///
/// ```
/// use standards_core::log::{DirectSink, LogOptions, RecordLayer};
/// use tracing_subscriber::layer::SubscriberExt;
///
/// let layer = RecordLayer::new(&LogOptions::new("conciliador", "1.0.0"), DirectSink::new(std::io::stdout()));
/// tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || tracing::info!("Lote conciliado"));
/// ```
#[derive(Debug)]
pub struct DirectSink<W>(Mutex<W>);

impl<W: Write> DirectSink<W> {
    /// Lines go to `writer`.
    pub const fn new(writer: W) -> Self {
        Self(Mutex::new(writer))
    }
}

impl<W: Write + Send + 'static> LineSink for DirectSink<W> {
    fn write(&self, line: Line<'_>) {
        // Nobody is left to tell when the log itself cannot be written.
        let _ = self.0.lock().unwrap_or_else(PoisonError::into_inner).write_all(line.bytes);
    }

    fn flush(&self, _: Duration) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).flush().is_ok()
    }
}
