//! The span of a request, as the correlation layer sees it begin and end.

use http::{HeaderName, Request, Response};
use opentelemetry::ContextGuard;
use standards_core::context::TraceParent;
use standards_core::{CorrelationId, RequestContext};

use super::access_log::Probe;
use super::correlation::only;
use crate::answer::code_of;
use crate::otel::{self, Caller, Tracing};

/// What else the caller says of the trace (W3C Trace Context, section 3.3).
const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");

/// Who is told of spans, if anybody is.
#[derive(Clone, Debug)]
pub(crate) struct Spans(Option<Tracing>);

/// A request's span until it has ended; none of one that is not traced. In a box, since a request is moved from layer to layer.
pub(super) struct RequestSpan(Option<Box<otel::RequestSpan>>);

/// Held while something is within the span.
pub(super) type SpanGuard = Option<ContextGuard>;

impl Spans {
    pub(crate) const fn none() -> Self {
        Self(None)
    }

    pub(crate) const fn of(tracing: Tracing) -> Self {
        Self(Some(tracing))
    }

    #[cfg(feature = "metrics")]
    pub(crate) fn counts(&self) -> Option<std::sync::Arc<otel::SpanCounts>> {
        self.0.as_ref().map(Tracing::counts)
    }

    /// Begins the span of a request, and the trace that it belongs to from here on: that of the `caller` where nobody is told.
    pub(super) fn begin<B>(
        &self,
        request: &Request<B>,
        id: &CorrelationId,
        caller: Option<TraceParent>,
    ) -> (Option<TraceParent>, RequestSpan) {
        let Some(tracing) = &self.0 else { return (caller, RequestSpan::none()) };
        let called = [request.method().as_str(), request.uri().path()];
        let caller = &Caller { parent: caller.as_ref(), state: only(request.headers(), &TRACESTATE) };
        let span = otel::RequestSpan::begin(tracing, called, id, caller);
        (span.trace(), RequestSpan(Some(Box::new(span))))
    }
}

impl RequestSpan {
    pub(super) const fn none() -> Self {
        Self(None)
    }

    /// What is done for `request` is within it.
    pub(super) fn belongs_to(&mut self, request: &RequestContext) {
        if let Some(span) = &mut self.0 {
            span.belongs_to(request);
        }
    }

    /// Makes it what OpenTelemetry's API takes for current while the guard is held.
    pub(super) fn enter(&self) -> SpanGuard {
        self.0.as_ref().map(|span| span.enter())
    }

    /// Ends it with the answer.
    pub(super) fn end<R>(&mut self, response: &Response<R>) {
        if let Some(span) = self.0.take() {
            let is_probe = response.extensions().get::<Probe>().is_some();
            span.end(response.status().as_u16(), code_of(response), is_probe);
        }
    }
}
