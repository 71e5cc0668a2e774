//! The record for a person at a terminal: one coloured line, and beneath it what went wrong.

use super::draft::{Draft, correlation_id};
use super::error::ErrorDetails;
use super::escape::put;
use crate::RequestContext;
use crate::level::LogLevel;
use crate::timestamp::Written;

const DIM: &[u8] = b"\x1b[2m";
const PLAIN: &[u8] = b"\x1b[0m";
const NEXT_LINE: &[u8] = b"\n    ";

/// Writes the line. The only control characters in it are our own colours and line feeds.
pub(super) fn write(out: &mut Vec<u8>, draft: &Draft<'_>, at: &Written, request: Option<&RequestContext>) {
    let (message, context) = (&draft.memory.message, &draft.memory.context);
    put(out, [DIM, at, PLAIN, level(draft.origin.level), message, DIM, context]);
    if let Some(request) = request {
        write_request(out, draft, request);
    }
    if let Some(logger) = draft.logger() {
        put(out, [b"  "]);
        draft.label(out, logger);
    }
    put(out, [PLAIN]);
    if let Some(error) = &draft.error {
        write_error(out, draft, error);
    }
    put(out, [b"\n"]);
}

fn write_request(out: &mut Vec<u8>, draft: &Draft<'_>, request: &RequestContext) {
    put(out, [b"  ["]);
    draft.label(out, request.method());
    put(out, [b" "]);
    draft.endpoint(out, request);
    put(out, [b" ", correlation_id(Some(request)).as_bytes(), b"]"]);
}

const fn level(level: LogLevel) -> &'static [u8] {
    match level {
        LogLevel::Debug => b" \x1b[34mDEBUG\x1b[0m   ",
        LogLevel::Info => b" \x1b[32mINFO\x1b[0m    ",
        LogLevel::Warning => b" \x1b[33mWARNING\x1b[0m ",
        LogLevel::Error => b" \x1b[31mERROR\x1b[0m   ",
    }
}

/// The traceback keeps its lines, each one indented.
fn write_error(out: &mut Vec<u8>, draft: &Draft<'_>, error: &ErrorDetails) {
    put(out, [NEXT_LINE]);
    draft.label(out, &error.type_name);
    put(out, [b": "]);
    error.push_message(out, draft);
    let start = out.len();
    error.push_traceback(out, draft);
    let traceback = out.split_off(start);
    for line in String::from_utf8_lossy(&traceback).split("\\n") {
        put(out, [NEXT_LINE, line.as_bytes()]);
    }
}
