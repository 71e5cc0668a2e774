//! From `tracing` to the record.

use std::sync::Arc;

use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id};
use tracing::subscriber::Interest;
use tracing::{Dispatch, Event, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Layer};
use tracing_subscriber::registry::{LookupSpan, Registry, SpanRef};

use crate::RequestContext;
use crate::context::{self, REQUEST_SPAN_TARGET};
use crate::log::control::pipeline::Pipeline;
use crate::log::line::draft::Origin;
use crate::log::options::LogOptions;
use crate::log::sink::LineSink;
use crate::log::source::visit::EventVisitor;

/// A [`Layer`] that writes each event as one record. [`init`](crate::log::init) installs it; a process with a `tracing` subscriber of
/// its own adds it there. Its level filters hold for the whole subscriber: what they switch off costs nothing, and no other layer
/// sees it.
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

impl RecordLayer {
    /// A layer that writes to `sink`.
    pub fn new(options: &LogOptions, sink: impl LineSink) -> Self {
        Self::of(Arc::new(Pipeline::new(options, Arc::new(sink))))
    }

    pub(in crate::log) const fn of(pipeline: Arc<Pipeline>) -> Self {
        Self(pipeline)
    }

    pub(in crate::log) fn pipeline(&self) -> &Pipeline {
        &self.0
    }

    /// The span of a request is never filtered: where a thread knows no task, it tells whose work this is.
    fn wants(&self, metadata: &Metadata<'_>) -> bool {
        is_request_span(metadata) || self.0.enables(metadata.target(), LevelFilter::from_level(*metadata.level()))
    }
}

fn is_request_span(metadata: &Metadata<'_>) -> bool {
    metadata.is_span() && metadata.target() == REQUEST_SPAN_TARGET
}

impl<S: Subscriber + for<'lookup> LookupSpan<'lookup>> Layer<S> for RecordLayer {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        if self.wants(metadata) { Interest::always() } else { Interest::never() }
    }

    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        self.wants(metadata)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.0.levels.filters().most().max(LevelFilter::ERROR))
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if is_request_span(attributes.metadata())
            && let (Some(request), Some(span)) = (context::current(), context.span(id))
        {
            span.extensions_mut().insert(request);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let metadata = event.metadata();
        let origin =
            Origin { level: metadata.level().into(), target: metadata.target(), file: metadata.file(), line: metadata.line() };
        self.0.write(
            origin,
            |draft| event.record(&mut EventVisitor::new(draft, metadata)),
            || context.event_span(event).and_then(|span| request_of(&span)),
        );
    }
}

/// The request whose span this is, or is within.
fn request_of<'a, R: LookupSpan<'a>>(span: &SpanRef<'a, R>) -> Option<RequestContext> {
    span.scope().find_map(|span| span.extensions().get::<RequestContext>().cloned())
}

/// The request of the span that this thread is in, for records that are no `tracing` events.
pub(in crate::log) fn request_of_current_span(dispatch: &Dispatch) -> Option<RequestContext> {
    let registry = dispatch.downcast_ref::<Registry>()?;
    let span = registry.current_span();
    request_of(&registry.span(span.id()?)?)
}
