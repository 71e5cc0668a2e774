//! Why an error happened and where: its causes in one line, and the frames that led there.

use std::any::Any;
use std::backtrace::{Backtrace, BacktraceStatus};
use std::error::Error;
use std::fmt;

use crate::value::bounded::Bounded;

/// The most causes that are followed; a chain may be endless.
const MAX_CAUSES: usize = 16;

/// An error and its causes, joined by `: `; a cause whose text already stands at the end is skipped.
pub(crate) fn chain_of(error: &dyn fmt::Display, mut cause: Option<&(dyn Error + 'static)>) -> String {
    let mut chain = guarded(error);
    for _ in 0..MAX_CAUSES {
        let Some(error) = cause else { break };
        let own = guarded(error);
        if !chain.ends_with(&own) {
            chain.push_str(": ");
            chain.push_str(&own);
        }
        cause = error.source();
    }
    chain
}

/// What `error` says of itself, of bounded length, even if it panics while saying it.
fn guarded(error: &dyn fmt::Display) -> String {
    let mut text = Bounded::default();
    text.format(format_args!("{error}"));
    text.parts().0.to_owned()
}

/// What a panic said. Its payload is text unless someone took pains.
pub(crate) fn panic_text(payload: &(dyn Any + Send)) -> &str {
    let text = payload.downcast_ref::<&str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str)).unwrap_or("(no message)")
}

/// Where it happened, and the way there where backtraces are enabled.
pub(crate) fn traceback(location: &dyn fmt::Display, backtrace: &Backtrace) -> String {
    match backtrace.status() {
        BacktraceStatus::Captured => format!("{location}\n{}", own_frames(&backtrace.to_string())),
        _ => location.to_string(),
    }
}

/// The frames after those of the log, of `tracing` and of the panic machinery, so that a cut leaves the ones that matter.
fn own_frames(backtrace: &str) -> &str {
    let frames = backtrace.split_inclusive('\n').take(MACHINERY_LINES);
    let mut offset = 0;
    let mut start = 0;
    for line in frames {
        offset += line.len();
        if is_machinery(line) {
            start = offset;
        }
    }
    let rest = backtrace.get(start..).unwrap_or_default();
    match rest.split_once('\n') {
        // A frame's second line says where it stands.
        Some((place, frames)) if start > 0 && place.trim_start().starts_with("at ") => frames,
        _ => rest,
    }
}

/// How far the machinery's frames are looked for.
const MACHINERY_LINES: usize = 80;

fn is_machinery(frame: &str) -> bool {
    const CRATES: [&str; 8] = [
        "std::backtrace",
        "standards_core::log",
        "tracing",
        "log::",
        "std::panicking",
        "core::panicking",
        "rust_begin_unwind",
        "__rustc::",
    ];
    let name = frame.trim_start().split_once(": ").map_or("", |(_, name)| name.trim_start_matches('<'));
    CRATES.iter().any(|prefix| name.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_of_the_log_itself_are_left_out() {
        let frames = "   0: std::backtrace::capture\n             at /x\n   1: standards_core::log::layer\n             at /y\n   2: mine\n";
        assert_eq!(own_frames(frames), "   2: mine\n");
        assert_eq!(own_frames("   0: mine\n"), "   0: mine\n");
    }
}
