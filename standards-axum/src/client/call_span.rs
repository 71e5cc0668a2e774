//! The span of a call, within that of the request at hand.

use bytes::Bytes;
use http::uri::Authority;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Uri};
use opentelemetry::trace::{SpanBuilder, SpanKind, Status, TraceContextExt};
use opentelemetry::{Context, KeyValue};

use super::record::CallOutcome;
use crate::layers::TRACEPARENT;
use crate::otel::{attribute, bounded, child_span, span_name, traceparent, verb};

/// What else the caller's caller says of the trace (W3C Trace Context, section 3.3).
const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");

/// The span of a call, if its request is traced.
pub(super) struct CallSpan(Option<Context>);

impl CallSpan {
    /// Begins it.
    pub(super) fn begin(upstream: &'static str, request: &Request<Bytes>) -> Self {
        Self(child_span(|| span_of(upstream, request)))
    }

    /// Says in the request's headers whose span is above the other service's.
    pub(super) fn name(&self, headers: &mut HeaderMap) {
        let Some(context) = &self.0 else { return };
        let (span, mut tell) = (context.span(), |name, text: &str| {
            // Ids and states of the grammar are headers.
            if let Ok(value) = HeaderValue::from_str(text) {
                headers.insert(name, value);
            }
        });
        tell(TRACEPARENT, &traceparent(span.span_context()));
        let state = span.span_context().trace_state().header();
        if !state.is_empty() {
            tell(TRACESTATE, &state);
        }
    }

    /// Ends it as the call ended.
    pub(super) fn end(&mut self, call: &CallOutcome<'_>) {
        let Some(context) = self.0.take() else { return };
        let (span, status) = (context.span(), call.status.map(|status| status.as_u16()));
        let answered = status.map(|status| KeyValue::new(attribute::STATUS, i64::from(status)));
        let resent = call.attempts.saturating_sub(1);
        let resent = (resent > 0).then(|| KeyValue::new(attribute::RESEND_COUNT, i64::from(resent)));
        span.set_attributes(answered.into_iter().chain(resent));
        if let Some(kind) = error_type(call, status) {
            span.set_attribute(KeyValue::new(attribute::ERROR_TYPE, kind));
            span.set_status(Status::error(""));
        }
        span.end();
    }
}

fn span_of(upstream: &'static str, request: &Request<Bytes>) -> SpanBuilder {
    let (method, uri) = (verb(request.method().as_str()), request.uri());
    let mut span = SpanBuilder::from_name(span_name(method)).with_kind(SpanKind::Client);
    let port = uri.port_u16().unwrap_or(if uri.scheme_str() == Some("https") { 443 } else { 80 });
    span.attributes = Some(vec![
        KeyValue::new(attribute::METHOD, method),
        KeyValue::new(attribute::PEER, upstream),
        KeyValue::new(attribute::SERVER_ADDRESS, uri.host().unwrap_or_default().to_owned()),
        KeyValue::new(attribute::SERVER_PORT, i64::from(port)),
        KeyValue::new(attribute::URL_FULL, without_query(uri)),
    ]);
    span
}

/// The word for how the call failed; of an answer that only its caller can judge the status.
fn error_type(call: &CallOutcome<'_>, status: Option<u16>) -> Option<String> {
    match (call.outcome(), status) {
        ("ok", Some(status @ 400..)) => Some(status.to_string()),
        ("ok", _) => None,
        (outcome, _) => Some(outcome.to_owned()),
    }
}

/// A query is not for everybody's eyes.
fn without_query(uri: &Uri) -> String {
    let told = [uri.scheme_str(), uri.authority().map(Authority::as_str)];
    let [scheme, authority] = told.map(Option::unwrap_or_default);
    format!("{scheme}://{authority}{}", bounded(uri.path()))
}
