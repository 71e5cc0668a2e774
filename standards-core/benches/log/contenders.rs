//! Who writes the sample event, and how.

use std::hint::black_box;
use std::io;

use standards_core::context;
use standards_core::log::{BackgroundSink, Line, LineSink, LogOptions, RecordLayer, Redaction};
use standards_core::{CorrelationId, RequestContext};
use tracing::{Dispatch, Span, dispatcher, info, info_span};
use tracing_bunyan_formatter::{BunyanFormattingLayer, JsonStorageLayer};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::SubscriberExt;

/// How many events one piece of work writes.
pub(crate) const EVENTS: u32 = 2_000;

/// A subscriber, and the request that its events belong to.
pub(crate) struct Contender {
    dispatch: Dispatch,
    request: RequestContext,
    /// Peers know the request by a span; ours knows it by the task.
    span: Option<Span>,
}

/// Discards lines, as `io::sink` does.
struct Discard;

impl LineSink for Discard {
    fn write(&self, line: Line<'_>) {
        black_box(line.bytes);
    }
}

fn options() -> LogOptions {
    LogOptions::new("ms-pago-service", "1.2.3").with_own_crate("log")
}

impl Contender {
    pub(crate) fn ours() -> Self {
        Self::ours_with(Redaction::default())
    }

    pub(crate) fn ours_with(redaction: Redaction) -> Self {
        let layer = RecordLayer::new(&options().with_redaction(redaction), Discard);
        Self::new(Dispatch::new(tracing_subscriber::registry().with(layer)), false)
    }

    /// As a service runs it: lines go through the bounded queue to a thread.
    pub(crate) fn ours_queued() -> Self {
        let options = options().with_buffer_bytes(64 << 20);
        let sink = BackgroundSink::start(&options, io::sink()).expect("a thread");
        Self::new(Dispatch::new(tracing_subscriber::registry().with(RecordLayer::new(&options, sink))), false)
    }

    pub(crate) fn fmt_json() -> Self {
        let layer = tracing_subscriber::fmt::layer().json().flatten_event(true).with_span_list(false).with_writer(io::sink);
        Self::new(Dispatch::new(tracing_subscriber::registry().with(LevelFilter::INFO).with(layer)), true)
    }

    pub(crate) fn json_subscriber() -> Self {
        let layer = json_subscriber::fmt::layer().flatten_event(true).with_span_list(false).with_writer(io::sink);
        Self::new(Dispatch::new(tracing_subscriber::registry().with(LevelFilter::INFO).with(layer)), true)
    }

    pub(crate) fn bunyan() -> Self {
        let layer = BunyanFormattingLayer::new("ms-pago-service".to_owned(), io::sink);
        let registry = tracing_subscriber::registry().with(LevelFilter::INFO);
        Self::new(Dispatch::new(registry.with(JsonStorageLayer).with(layer)), true)
    }

    fn new(dispatch: Dispatch, needs_span: bool) -> Self {
        let id = CorrelationId::parse("abc-123-def-456").expect("an id");
        let request = RequestContext::new(id, "/api/v1/pagos", "POST");
        request.set_operation("procesar_pago");
        let span = needs_span.then(|| dispatcher::with_default(&dispatch, request_span));
        Self { dispatch, request, span }
    }

    /// Runs `work` with this subscriber, inside the request.
    pub(crate) fn within(&self, mut work: impl FnMut()) {
        dispatcher::with_default(&self.dispatch, || {
            let _entered = self.span.as_ref().map(Span::enter);
            context::sync_scope(self.request.clone(), || (0..EVENTS).for_each(|_| work()));
        });
    }

    pub(crate) fn work(&self) -> Box<dyn FnMut() + '_> {
        Box::new(|| self.within(sample))
    }
}

fn request_span() -> Span {
    info_span!(
        "request",
        artifact = "ms-pago-service",
        version = "1.2.3",
        correlation_id = "abc-123-def-456",
        endpoint = "/api/v1/pagos",
        method = "procesar_pago"
    )
}

/// The guideline's sample event.
fn sample() {
    let (cliente_id, pago_id, monto) = (black_box(123), black_box(456), black_box("100.50"));
    info!(cliente_id, pago_id, monto, moneda = "CLP", "Pago procesado exitosamente");
}
