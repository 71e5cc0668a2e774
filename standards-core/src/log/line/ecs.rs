//! The record under the names of the Elastic Common Schema, nested but for those of `log`: the specification of ECS logging allows no
//! nesting of `log.level` (`nesting_allowed: false`).
//!
//! What has no name there keeps ours: `context` and, under `labels`, the correlation id, which is no trace id.

use super::draft::{Draft, correlation_id};
use super::error::ErrorDetails;
use super::escape::put;
use crate::RequestContext;
use crate::context::TraceParent;
use crate::timestamp::Written;

/// The version of the schema whose names these are, and the service that speaks.
const SERVICE: &[u8] = br#"","ecs":{"version":"9.4.0"},"service":{"name":""#;

/// Writes the line.
pub(super) fn write(out: &mut Vec<u8>, draft: &Draft<'_>, at: &Written, request: Option<&RequestContext>) {
    let level = draft.origin.level.as_str().as_bytes();
    put(out, [br#"{"@timestamp":""#, at, br#"","log.level":""#, level, br#"","message":""#, &draft.memory.message]);
    put(out, [SERVICE, &draft.form.artifact, br#"","version":""#, &draft.form.version]);
    put(out, [br#""},"labels":{"correlation_id":""#, correlation_id(request).as_bytes(), br#""}"#]);
    write_logger(out, draft);
    if let Some(request) = request {
        write_request(out, draft, request);
    }
    if let Some(trace) = request.and_then(RequestContext::trace) {
        write_trace(out, trace);
    }
    if !draft.memory.context.is_empty() {
        put(out, [br#","context":{"#, &draft.memory.context, b"}"]);
    }
    if let Some(error) = &draft.error {
        write_error(out, draft, error);
    }
    put(out, [b"}\n"]);
}

fn write_logger(out: &mut Vec<u8>, draft: &Draft<'_>) {
    if let Some(logger) = draft.logger() {
        put(out, [br#","log.logger":""#]);
        draft.label(out, logger);
        put(out, [b"\""]);
    }
}

/// `method` is an action where the code named the operation.
fn write_request(out: &mut Vec<u8>, draft: &Draft<'_>, request: &RequestContext) {
    if !request.endpoint().is_empty() {
        put(out, [br#","url":{"path":""#]);
        draft.endpoint(out, request);
        put(out, [br#""}"#]);
    }
    if !request.http_method().is_empty() {
        put(out, [br#","http":{"request":{"method":""#]);
        draft.label(out, request.http_method());
        put(out, [br#""}}"#]);
    }
    if request.method() != request.http_method() {
        put(out, [br#","event":{"action":""#]);
        draft.label(out, request.method());
        put(out, [br#""}"#]);
    }
}

fn write_trace(out: &mut Vec<u8>, trace: &TraceParent) {
    put(out, [br#","trace":{"id":""#, trace.trace_id().as_bytes()]);
    put(out, [br#""},"span":{"id":""#, trace.span_id().as_bytes(), br#""}"#]);
}

fn write_error(out: &mut Vec<u8>, draft: &Draft<'_>, error: &ErrorDetails) {
    put(out, [br#","error":{"type":""#]);
    draft.label(out, &error.type_name);
    put(out, [br#"","message":""#]);
    error.push_message(out, draft);
    if let Some(code) = error.code {
        put(out, [br#"","code":""#]);
        draft.label(out, code);
    }
    put(out, [br#"","stack_trace":""#]);
    error.push_traceback(out, draft);
    put(out, [br#""}"#]);
}
