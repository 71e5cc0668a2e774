//! In a build without spans: nothing is told of a call, and the trace is passed on as it came.

use bytes::Bytes;
use http::{HeaderMap, Request};

use super::record::CallOutcome;

pub(super) struct CallSpan;

impl CallSpan {
    pub(super) const fn begin(_: &'static str, _: &Request<Bytes>) -> Self {
        Self
    }

    pub(super) const fn name(&self, _: &mut HeaderMap) {}

    pub(super) const fn end(&mut self, _: &CallOutcome<'_>) {}
}
