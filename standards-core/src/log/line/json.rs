//! The guideline's record (contract section 4).

use super::draft::{Draft, correlation_id};
use super::error::ErrorDetails;
use super::escape::put;
use crate::RequestContext;
use crate::timestamp::Written;

/// Writes the line.
pub(super) fn write(out: &mut Vec<u8>, draft: &Draft<'_>, at: &Written, request: Option<&RequestContext>) {
    let (head, id) = (draft.form.head(draft.origin.level), correlation_id(request).as_bytes());
    put(out, [br#"{"@timestamp":""#, at, head, id]);
    if let Some(request) = request {
        write_request(out, draft, request);
    }
    put(out, [br#"","message":""#, &draft.memory.message, b"\""]);
    if !draft.memory.context.is_empty() {
        put(out, [br#","context":{"#, &draft.memory.context, b"}"]);
    }
    if let Some(error) = &draft.error {
        write_error(out, draft, error);
    }
    if let Some(logger) = draft.logger() {
        put(out, [br#","logger":""#]);
        draft.label(out, logger);
        put(out, [b"\""]);
    }
    put(out, [b"}\n"]);
}

/// The text before it is still open.
fn write_request(out: &mut Vec<u8>, draft: &Draft<'_>, request: &RequestContext) {
    if !request.endpoint().is_empty() {
        put(out, [br#"","endpoint":""#]);
        draft.endpoint(out, request);
    }
    if !request.method().is_empty() {
        put(out, [br#"","method":""#]);
        draft.label(out, request.method());
    }
}

fn write_error(out: &mut Vec<u8>, draft: &Draft<'_>, error: &ErrorDetails) {
    put(out, [br#","error":{"type":""#]);
    draft.label(out, &error.type_name);
    put(out, [br#"","message":""#]);
    error.push_message(out, draft);
    put(out, [br#"","traceback":""#]);
    let start = out.len();
    error.push_traceback(out, draft);
    let end = out.len();
    if let Some(code) = error.code {
        put(out, [br#"","error_code":""#]);
        draft.label(out, code);
    }
    put(out, [br#""},"traceback":""#]);
    out.extend_from_within(start..end);
    put(out, [b"\""]);
}
