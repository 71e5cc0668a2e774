//! The span of a request, from when it came until its answer's head is ready.

use opentelemetry::trace::{SpanBuilder, SpanContext, SpanId, SpanKind, Status, TraceContextExt, TraceFlags, TraceId, Tracer};
use opentelemetry::{Context, ContextGuard, KeyValue};
use standards_core::context::TraceParent;
use standards_core::{CorrelationId, RequestContext};

use super::conventions::{attribute, bounded, span_name, verb};
use super::handle::Tracing;
use super::own::{Traced, traceparent};

/// The longest `tracestate` that is carried on, in bytes (W3C Trace Context, section 3.3.1.5).
const LONGEST_STATE: usize = 512;

/// The span of a request. Dropped before it is ended, the request was given up.
pub(crate) struct RequestSpan {
    traced: Traced,
    request: Option<RequestContext>,
    method: &'static str,
}

impl RequestSpan {
    /// Begins it, within the caller's where there is one.
    pub(crate) fn begin(tracing: &Tracing, [method, path]: [&str; 2], id: &CorrelationId, caller: &Caller<'_>) -> Self {
        let method = verb(method);
        let mut span = SpanBuilder::from_name(span_name(method)).with_kind(SpanKind::Server);
        span.attributes = Some(vec![
            KeyValue::new(attribute::METHOD, method),
            KeyValue::new(attribute::URL_PATH, bounded(path)),
            KeyValue::new(attribute::CORRELATION_ID, id.as_str().to_owned()),
        ]);
        let tracer = tracing.tracer().clone();
        let context = Context::new().with_span(tracer.build_with_context(span, &caller.context()));
        Self { traced: Traced { tracer, context }, request: None, method }
    }

    /// The trace that the request belongs to from here on: the caller's trace id, and this span's id.
    pub(crate) fn trace(&self) -> Option<TraceParent> {
        TraceParent::parse(&traceparent(self.traced.context.span().span_context()))
    }

    /// Whose span it is: what is done for the request finds it there.
    pub(crate) fn belongs_to(&mut self, request: &RequestContext) {
        request.attach(Traced { tracer: self.traced.tracer.clone(), context: self.traced.context.clone() });
        self.request = Some(request.clone());
    }

    /// Makes it what OpenTelemetry's API takes for current, on this thread, until the guard is dropped.
    pub(crate) fn enter(&self) -> ContextGuard {
        self.traced.context.clone().attach()
    }

    /// Ends it with what was answered; a probe's is not exported.
    pub(crate) fn end(mut self, status: u16, error_code: Option<&'static str>, is_probe: bool) {
        let Some(request) = self.request.take() else { return };
        let span = self.traced.context.span();
        if let Some(route) = request.route() {
            span.update_name(format!("{} {route}", span_name(self.method)));
            span.set_attribute(KeyValue::new(attribute::ROUTE, route.to_owned()));
        }
        let failed = error_code.map(|code| KeyValue::new(attribute::ERROR_CODE, code));
        let probe = is_probe.then(|| KeyValue::new(attribute::PROBE, true));
        span.set_attributes([KeyValue::new(attribute::STATUS, i64::from(status))].into_iter().chain(failed).chain(probe));
        if status >= 500 {
            let kind = error_code.map_or_else(|| status.to_string().into(), opentelemetry::Value::from);
            span.set_attribute(KeyValue::new(attribute::ERROR_TYPE, kind));
            span.set_status(Status::error(""));
        }
        span.end();
    }
}

impl Drop for RequestSpan {
    fn drop(&mut self) {
        if self.request.take().is_some() {
            let span = self.traced.context.span();
            span.set_attribute(KeyValue::new(attribute::ERROR_TYPE, "abandoned"));
            span.end();
        }
    }
}

/// What the caller says of the trace.
pub(crate) struct Caller<'r> {
    pub(crate) parent: Option<&'r TraceParent>,
    pub(crate) state: Option<&'r str>,
}

impl Caller<'_> {
    fn context(&self) -> Context {
        self.span().map_or_else(Context::new, |span| Context::new().with_remote_span_context(span))
    }

    fn span(&self) -> Option<SpanContext> {
        let parent = self.parent?;
        let (trace, span) = (TraceId::from_hex(parent.trace_id()).ok()?, SpanId::from_hex(parent.span_id()).ok()?);
        let flags = TraceFlags::default().with_sampled(parent.is_sampled());
        let state = self.state.filter(|state| state.len() <= LONGEST_STATE).and_then(|state| state.parse().ok());
        Some(SpanContext::new(trace, span, flags, true, state.unwrap_or_default()))
    }
}
