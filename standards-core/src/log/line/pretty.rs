//! The record for a person at a terminal: one coloured line, and beneath it what went wrong.

use crate::RequestContext;
use crate::level::LogLevel;
use crate::log::line::error_text::ErrorDetails;
use crate::log::line::parts::{Parts, put};

const DIM: &[u8] = b"\x1b[2m";
const PLAIN: &[u8] = b"\x1b[0m";
const NEXT_LINE: &[u8] = b"\n    ";

/// Writes the line. The only control characters in it are our own colours and line feeds.
pub(in crate::log) fn write(out: &mut Vec<u8>, parts: &Parts<'_>) {
    put(out, [DIM, &parts.timestamp, PLAIN, level(parts.level), parts.message, DIM, parts.context]);
    if let Some(request) = parts.request {
        write_request(out, parts, request);
    }
    if let Some(logger) = parts.logger {
        put(out, [b"  "]);
        parts.name(out, logger);
    }
    put(out, [PLAIN]);
    if let Some(error) = parts.error {
        write_error(out, parts, error);
    }
    put(out, [b"\n"]);
}

fn write_request(out: &mut Vec<u8>, parts: &Parts<'_>, request: &RequestContext) {
    put(out, [b"  ["]);
    parts.name(out, request.method());
    put(out, [b" "]);
    parts.endpoint(out);
    put(out, [b" ", parts.correlation_id.as_bytes(), b"]"]);
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
fn write_error(out: &mut Vec<u8>, parts: &Parts<'_>, error: &ErrorDetails) {
    put(out, [NEXT_LINE]);
    parts.name(out, &error.type_name);
    put(out, [b": "]);
    parts.error_message(out, error);
    let start = out.len();
    parts.traceback(out, error);
    let traceback = out.split_off(start);
    for line in String::from_utf8_lossy(&traceback).split("\\n") {
        put(out, [NEXT_LINE, line.as_bytes()]);
    }
}
