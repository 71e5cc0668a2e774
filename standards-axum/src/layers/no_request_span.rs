//! In a build without spans: a request belongs to the trace of its caller.

use http::{Request, Response};
use standards_core::context::TraceParent;
use standards_core::{CorrelationId, RequestContext};

#[derive(Clone, Debug)]
pub(crate) struct Spans;

pub(super) struct RequestSpan;

pub(super) struct SpanGuard;

impl Spans {
    pub(crate) const fn none() -> Self {
        Self
    }

    pub(super) fn begin<B>(
        &self,
        _: &Request<B>,
        _: &CorrelationId,
        caller: Option<TraceParent>,
    ) -> (Option<TraceParent>, RequestSpan) {
        (caller, RequestSpan)
    }
}

impl RequestSpan {
    pub(super) const fn none() -> Self {
        Self
    }

    pub(super) const fn belongs_to(&mut self, _: &RequestContext) {}

    pub(super) const fn enter(&self) -> SpanGuard {
        SpanGuard
    }

    pub(super) const fn end<R>(&mut self, _: &Response<R>) {}
}
