//! The record under the names of the Elastic Common Schema, nested.
//!
//! What has no name there keeps ours: `context` and, under `labels`, the correlation id, which is no trace id.

use crate::RequestContext;
use crate::context::TraceParent;
use crate::log::line::error_text::ErrorDetails;
use crate::log::line::parts::{Parts, put};

/// The version of the schema whose names these are, and the service that speaks.
const SERVICE: &[u8] = br#"","ecs":{"version":"9.4.0"},"service":{"name":""#;

/// Writes the line.
pub(in crate::log) fn write(out: &mut Vec<u8>, parts: &Parts<'_>) {
    write_log(out, parts);
    put(out, [br#""},"message":""#, parts.message]);
    put(out, [SERVICE, &parts.identity.artifact, br#"","version":""#, &parts.identity.version]);
    put(out, [br#""},"labels":{"correlation_id":""#, parts.correlation_id.as_bytes(), br#""}"#]);
    if let Some(request) = parts.request {
        write_request(out, parts, request);
    }
    if let Some(trace) = parts.request.and_then(RequestContext::trace) {
        write_trace(out, trace);
    }
    if !parts.context.is_empty() {
        put(out, [br#","context":{"#, parts.context, b"}"]);
    }
    if let Some(error) = parts.error {
        write_error(out, parts, error);
    }
    put(out, [b"}\n"]);
}

/// The last text in it is still open.
fn write_log(out: &mut Vec<u8>, parts: &Parts<'_>) {
    let level = parts.level.as_str().as_bytes();
    put(out, [br#"{"@timestamp":""#, &parts.timestamp, br#"","log":{"level":""#, level]);
    if let Some(logger) = parts.logger {
        put(out, [br#"","logger":""#]);
        parts.name(out, logger);
    }
}

/// `method` is an action where the code named the operation.
fn write_request(out: &mut Vec<u8>, parts: &Parts<'_>, request: &RequestContext) {
    if !request.endpoint().is_empty() {
        put(out, [br#","url":{"path":""#]);
        parts.endpoint(out);
        put(out, [br#""}"#]);
    }
    if !request.http_method().is_empty() {
        put(out, [br#","http":{"request":{"method":""#]);
        parts.name(out, request.http_method());
        put(out, [br#""}}"#]);
    }
    if request.method() != request.http_method() {
        put(out, [br#","event":{"action":""#]);
        parts.name(out, request.method());
        put(out, [br#""}"#]);
    }
}

fn write_trace(out: &mut Vec<u8>, trace: &TraceParent) {
    put(out, [br#","trace":{"id":""#, trace.trace_id().as_bytes()]);
    put(out, [br#""},"span":{"id":""#, trace.span_id().as_bytes(), br#""}"#]);
}

fn write_error(out: &mut Vec<u8>, parts: &Parts<'_>, error: &ErrorDetails) {
    put(out, [br#","error":{"type":""#]);
    parts.name(out, &error.type_name);
    put(out, [br#"","message":""#]);
    parts.error_message(out, error);
    if let Some(code) = error.code {
        put(out, [br#"","code":""#]);
        parts.name(out, code);
    }
    put(out, [br#"","stack_trace":""#]);
    parts.traceback(out, error);
    put(out, [br#""}"#]);
}
