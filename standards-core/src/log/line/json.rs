//! The guideline's record (contract section 4).

use crate::RequestContext;
use crate::log::line::error_text::ErrorDetails;
use crate::log::line::parts::{Parts, put};

/// Writes the line.
pub(in crate::log) fn write(out: &mut Vec<u8>, parts: &Parts<'_>) {
    let (head, id) = (parts.identity.head(parts.level), parts.correlation_id.as_bytes());
    put(out, [br#"{"@timestamp":""#, &parts.timestamp, head, id]);
    if let Some(request) = parts.request {
        write_request(out, parts, request);
    }
    put(out, [br#"","message":""#, parts.message, b"\""]);
    if !parts.context.is_empty() {
        put(out, [br#","context":{"#, parts.context, b"}"]);
    }
    if let Some(error) = parts.error {
        write_error(out, parts, error);
    }
    if let Some(logger) = parts.logger {
        put(out, [br#","logger":""#]);
        parts.name(out, logger);
        put(out, [b"\""]);
    }
    put(out, [b"}\n"]);
}

/// The text before it is still open.
fn write_request(out: &mut Vec<u8>, parts: &Parts<'_>, request: &RequestContext) {
    if !request.endpoint().is_empty() {
        put(out, [br#"","endpoint":""#]);
        parts.endpoint(out);
    }
    if !request.method().is_empty() {
        put(out, [br#"","method":""#]);
        parts.name(out, request.method());
    }
}

fn write_error(out: &mut Vec<u8>, parts: &Parts<'_>, error: &ErrorDetails) {
    put(out, [br#","error":{"type":""#]);
    parts.name(out, &error.type_name);
    put(out, [br#"","message":""#]);
    parts.error_message(out, error);
    put(out, [br#"","traceback":""#]);
    let start = out.len();
    parts.traceback(out, error);
    let end = out.len();
    if let Some(code) = error.code {
        put(out, [br#"","error_code":""#]);
        parts.name(out, code);
    }
    put(out, [br#""},"traceback":""#]);
    out.extend_from_within(start..end);
    put(out, [b"\""]);
}
