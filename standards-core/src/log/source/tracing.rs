//! From `tracing` to the record.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{self, Attributes, Id};
use tracing::subscriber::Interest;
use tracing::{Dispatch, Event, Level, Metadata, Subscriber};
use tracing_subscriber::filter::Filtered;
use tracing_subscriber::layer::{Context, Filter, Layer};
use tracing_subscriber::registry::LookupSpan;

use super::spans::OfEvent;
use super::{bridged, spans};
use crate::RequestContext;
use crate::context::{self, REQUEST_SPAN_TARGET};
use crate::error_chain::chain_of;
use crate::level::LogLevel;
use crate::log::control::Pipeline;
use crate::log::line::{Draft, ErrorDetails, Origin};
use crate::log::options::LogOptions;
use crate::log::redact::Name;
use crate::log::sink::LineSink;

/// A [`Layer`] that writes each event as one record. [`init`](crate::log::init) installs it; a process with a `tracing` subscriber of
/// its own adds it there.
///
/// Its level filters are its own: what they leave out may still reach another layer of the subscriber. What the `log` crate says comes
/// through `tracing-log`, which `tracing-subscriber`'s `init` installs, and keeps its target; for panics there is
/// [`install_panic_hook`](crate::log::install_panic_hook).
///
/// ```
/// use std::sync::{Arc, Mutex};
/// use standards_core::log::{Line, LineSink, LogOptions, RecordLayer};
/// use tracing_subscriber::layer::SubscriberExt;
///
/// struct Lines(Arc<Mutex<Vec<String>>>);
///
/// impl LineSink for Lines {
///     fn write(&self, line: Line<'_>) {
///         self.0.lock().unwrap().push(String::from_utf8(line.bytes.to_vec()).unwrap());
///     }
/// }
///
/// let lines = Arc::new(Mutex::new(Vec::new()));
/// let layer = RecordLayer::new(&LogOptions::new("ms-pago-service", "1.2.3"), Lines(Arc::clone(&lines)));
/// tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
///     tracing::info!(target: "ms_pago_service::pagos", pago_id = 456, "Pago procesado exitosamente");
/// });
/// let record: serde_json::Value = serde_json::from_str(&lines.lock().unwrap()[0]).unwrap();
/// assert_eq!(record["message"], "Pago procesado exitosamente");
/// assert_eq!(record["context"]["pago_id"], 456);
/// ```
pub struct RecordLayer(Arc<Pipeline>);

/// What a [`RecordLayer`] writes, by target and level. It asks no other layer and decides for none.
pub struct RecordFilter(Arc<Pipeline>);

impl RecordLayer {
    /// A layer that writes to `sink`.
    pub fn new<S>(options: &LogOptions, sink: impl LineSink) -> Filtered<Self, RecordFilter, S> {
        let pipeline = Arc::new(options.pipeline(Arc::new(sink)));
        Filtered::new(Self(Arc::clone(&pipeline)), RecordFilter(pipeline))
    }

    /// The layer of a subscriber that has no other: what its levels switch off is switched off for the process, and costs nothing.
    pub(in crate::log) const fn of(pipeline: Arc<Pipeline>) -> Self {
        Self(pipeline)
    }
}

/// The span of a request is never filtered: where a thread knows no task, it tells whose work this is.
fn wants(pipeline: &Pipeline, metadata: &Metadata<'_>) -> bool {
    is_request_span(metadata) || pipeline.enables(metadata.target(), LevelFilter::from_level(*metadata.level()))
}

fn interest(pipeline: &Pipeline, metadata: &Metadata<'_>) -> Interest {
    if wants(pipeline, metadata) { Interest::always() } else { Interest::never() }
}

impl<S> Filter<S> for RecordFilter {
    fn enabled(&self, metadata: &Metadata<'_>, _: &Context<'_, S>) -> bool {
        wants(&self.0, metadata)
    }

    fn callsite_enabled(&self, metadata: &'static Metadata<'static>) -> Interest {
        interest(&self.0, metadata)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.0.most().max(LevelFilter::ERROR))
    }
}

fn is_request_span(metadata: &Metadata<'_>) -> bool {
    metadata.is_span() && metadata.target() == REQUEST_SPAN_TARGET
}

impl<S: Subscriber + for<'lookup> LookupSpan<'lookup>> Layer<S> for RecordLayer {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        interest(&self.0, metadata)
    }

    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        wants(&self.0, metadata)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.0.most().max(LevelFilter::ERROR))
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let metadata = attributes.metadata();
        if is_request_span(metadata) {
            if let (Some(request), Some(span)) = (context::of_task(), context.span(id)) {
                span.extensions_mut().insert(request);
            }
        } else if self.0.is_of_service(metadata.target(), metadata.file()) && !metadata.fields().is_empty() {
            spans::keep_fields(attributes, context.span(id));
        }
    }

    fn on_record(&self, id: &Id, values: &span::Record<'_>, context: Context<'_, S>) {
        spans::record_fields(values, context.span(id));
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let metadata = event.metadata();
        if tells_the_end_again(metadata) {
            return;
        }
        let spans = OfEvent::new(&context, event);
        if is_bridged(metadata) {
            return bridged::write(&self.0, event, &spans);
        }
        let origin = Origin {
            level: level_of(*metadata.level()),
            target: metadata.target(),
            file: metadata.file(),
            line: metadata.line(),
            metadata: Some(metadata),
        };
        self.0.write(origin, |draft| event.record(&mut EventVisitor { draft, metadata }), &spans);
    }
}

/// Whether tower-http's `TraceLayer` tells how a request ended of which the access record tells it.
fn tells_the_end_again(metadata: &Metadata<'_>) -> bool {
    const ENDS: [&str; 2] = ["tower_http::trace::on_response", "tower_http::trace::on_failure"];
    ENDS.contains(&metadata.target()) && context::with_task(|request| request.is_some_and(RequestContext::has_access_record))
}

/// Hands the pipeline at hand to `work`, and the dispatcher whose spans tell of the request: that in force, else that of the process.
/// `false` where there is neither.
pub(super) fn with_current(work: impl Fn(&Pipeline, &Dispatch)) -> bool {
    let done = tracing::dispatcher::get_default(|dispatch| match context::part_of::<RecordLayer>(dispatch) {
        Some(layer) => {
            work(&layer.0, dispatch);
            true
        }
        None => false,
    });
    if done {
        return true;
    }
    Pipeline::installed().map(|pipeline| work(pipeline, &Dispatch::none())).is_some()
}

/// Whether the event stands for a record of the `log` crate: its own target, file and line are fields of it then.
fn is_bridged(metadata: &Metadata<'_>) -> bool {
    metadata.target() == "log" && metadata.name() == "log event"
}

pub(super) const fn level_of(level: Level) -> LogLevel {
    match level {
        Level::ERROR => LogLevel::Error,
        Level::WARN => LogLevel::Warning,
        Level::INFO => LogLevel::Info,
        _ => LogLevel::Debug,
    }
}

/// Passes each field on to the draft.
struct EventVisitor<'a, 'b> {
    draft: &'a mut Draft<'b>,
    metadata: &'a Metadata<'a>,
}

impl<'a, 'b> EventVisitor<'a, 'b> {
    /// Writes a field, or the message.
    fn field(&mut self, field: &Field, write: impl FnOnce(&mut Draft<'b>, Name<'_>), as_message: fmt::Arguments<'_>) {
        if field.name() == "message" {
            self.draft.message(as_message);
        } else {
            let name = self.draft.name(field.name());
            write(self.draft, name);
        }
    }
}

impl Visit for EventVisitor<'_, '_> {
    fn record_i64(&mut self, field: &Field, value: i64) {
        self.field(field, |draft, name| draft.signed(name, value), format_args!("{value}"));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.field(field, |draft, name| draft.unsigned(name, value), format_args!("{value}"));
    }

    /// A number where it fits into 64 bits, else a text: most readers would round it.
    fn record_i128(&mut self, field: &Field, value: i128) {
        match (i64::try_from(value), u64::try_from(value)) {
            (Ok(value), _) => self.record_i64(field, value),
            (_, Ok(value)) => self.record_u64(field, value),
            _ => self.record_debug(field, &format_args!("{value}")),
        }
    }

    fn record_u128(&mut self, field: &Field, value: u128) {
        match u64::try_from(value) {
            Ok(value) => self.record_u64(field, value),
            Err(_) => self.record_debug(field, &format_args!("{value}")),
        }
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.field(field, |draft, name| draft.float(name, value), format_args!("{value}"));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.field(field, |draft, name| draft.boolean(name, value), format_args!("{value}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.field(field, |draft, name| draft.text(name, value, 0), format_args!("{value}"));
    }

    /// At ERROR an error is the record's `error`; below it, a text with its causes.
    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        let chain = chain_of(&value, value.source());
        if self.draft.level() == LogLevel::Error {
            let mut details = ErrorDetails::of_place("Error", self.metadata.file(), self.metadata.line());
            details.message = Some(chain);
            self.draft.error(&details);
        } else {
            self.record_str(field, &chain);
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let value = format_args!("{value:?}");
        self.field(field, |draft, name| draft.formatted(name, value), value);
    }
}
