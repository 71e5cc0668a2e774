//! A log of its own for a test, whose lines are compared whole.

use std::sync::{Arc, Mutex};

use serde_json::Value as Json;
use standards_core::log::capture::problems_of;
use standards_core::log::{Line, LineSink, LogOptions, RecordLayer};
use standards_core::{CorrelationId, RequestContext, context};
use tracing_subscriber::layer::SubscriberExt;

/// What the log of a test has written.
#[derive(Clone, Default)]
pub(crate) struct Lines(Arc<Mutex<Vec<String>>>);

impl Lines {
    pub(crate) fn all(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

impl LineSink for Lines {
    fn write(&self, line: Line<'_>) {
        self.0.lock().unwrap().push(String::from_utf8(line.bytes.to_vec()).unwrap());
    }
}

/// The options of the guideline's sample.
pub(crate) fn options() -> LogOptions {
    LogOptions::new("ms-pago-service", "1.2.3").with_filters("trace".parse().unwrap())
}

/// The lines that `work` writes on this thread, as they are.
pub(crate) fn lines_with(options: &LogOptions, work: impl FnOnce()) -> Vec<String> {
    let lines = Lines::default();
    let layer = RecordLayer::new(options, lines.clone());
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), work);
    lines.all()
}

/// The one line that `work` writes, with a fixed timestamp.
#[track_caller]
pub(crate) fn line(work: impl FnOnce()) -> String {
    line_with(&options(), work)
}

/// The same, with other options.
#[track_caller]
pub(crate) fn line_with(options: &LogOptions, work: impl FnOnce()) -> String {
    let mut lines = lines_with(options, work);
    assert_eq!(lines.len(), 1, "{lines:#?}");
    let line = lines.remove(0);
    assert_eq!(problems_of(line.as_bytes()), Vec::<String>::new(), "{line}");
    with_fixed_time(line.strip_suffix('\n').unwrap())
}

/// The one record that `work` writes.
#[track_caller]
pub(crate) fn record(work: impl FnOnce()) -> Json {
    let line = line(work);
    serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error} in {line}"))
}

/// The guideline's instant in the place of the present one, whose form is checked.
pub(crate) fn with_fixed_time(line: &str) -> String {
    const SAMPLE: &str = "2025-07-04T10:30:45.123Z";
    let (before, rest) = line.split_once("20").unwrap();
    let (time, after) = rest.split_at(SAMPLE.len() - 2);
    let same_form =
        |(actual, sample): (char, char)| if sample.is_ascii_digit() { actual.is_ascii_digit() } else { actual == sample };
    assert!(time.chars().zip(SAMPLE[2..].chars()).all(same_form), "{time}");
    format!("{before}{SAMPLE}{after}")
}

/// Runs `work` inside the request of the guideline's sample.
pub(crate) fn in_sample_request(work: impl FnOnce()) {
    let request = request("abc-123-def-456");
    request.set_operation("procesar_pago");
    context::sync_scope(request, work);
}

/// A request to the guideline's endpoint.
pub(crate) fn request(id: &str) -> RequestContext {
    RequestContext::new(CorrelationId::parse(id).unwrap(), "/api/v1/pagos", "POST")
}
