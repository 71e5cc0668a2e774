//! Why an error happened and where: its type, its causes in one line, and the frames that led there.

use std::any::{Any, type_name};
use std::backtrace::{Backtrace, BacktraceStatus};
use std::borrow::Cow;
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

/// The name of the type `E`, where it tells what failed: a text and a trait object do not, and a pointer is named for what it holds.
pub(crate) fn telling_type_of<E: ?Sized>() -> Option<&'static str> {
    const POINTERS: [&str; 3] = ["alloc::boxed::Box<", "alloc::sync::Arc<", "alloc::rc::Rc<"];
    let texts = [type_name::<str>(), type_name::<String>(), type_name::<Cow<'_, str>>()];
    let mut name = type_name::<E>();
    while let Some(inner) = POINTERS.iter().find_map(|pointer| name.strip_prefix(pointer)) {
        name = inner.strip_suffix('>').unwrap_or(inner);
    }
    let name = name.trim_start_matches('&');
    (!name.starts_with("dyn ") && !texts.contains(&name)).then_some(name)
}

/// What a panic said. Its payload is text unless someone took pains.
pub(crate) fn panic_text(payload: &(dyn Any + Send)) -> &str {
    let text = payload.downcast_ref::<&str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str)).unwrap_or("(no message)")
}

/// Where it happened, and the way there where backtraces are enabled.
pub(crate) fn traceback(place: &dyn fmt::Display, backtrace: &Backtrace) -> String {
    match backtrace.status() {
        BacktraceStatus::Captured => format!("{place}\n{}", own_frames(&backtrace.to_string())),
        _ => place.to_string(),
    }
}

/// The frames from the first one that is somebody's code, so that a cut leaves the ones that matter.
fn own_frames(backtrace: &str) -> &str {
    let mut offset = 0;
    for line in backtrace.split_inclusive('\n') {
        // A frame's second line says where it stands.
        if !line.trim_start().starts_with("at ") && !is_machinery(line) {
            return backtrace.get(offset..).unwrap_or_default();
        }
        offset += line.len();
    }
    backtrace
}

/// Whether a frame is of what takes the backtrace: this crate's failures and log, `tracing`, `log`, and the standard library, through
/// which a function value is called.
fn is_machinery(frame: &str) -> bool {
    const PATHS: [&str; 11] = [
        "standards_core::caught",
        "standards_core::failure",
        "standards_core::log",
        "standards_core::error_chain",
        "tracing",
        "log::",
        "std::",
        "core::",
        "alloc::",
        "rust_begin_unwind",
        "__rustc::",
    ];
    const CALLS: [&str; 3] = [" as core::ops::function::Fn", " as core::convert::Into<", " as standards_core::log::"];
    let name = frame.trim_start().split_once(": ").map_or("", |(_, name)| name.trim_start_matches('<'));
    PATHS.iter().any(|path| name.starts_with(path)) || CALLS.iter().any(|call| name.contains(call))
}

#[cfg(test)]
pub(crate) mod tests {
    use std::sync::Arc;

    use super::*;

    /// An error and its cause, for the tests of whatever tells both.
    #[derive(Debug)]
    pub(crate) struct Layer(pub(crate) &'static str, pub(crate) Option<Box<Layer>>);

    impl fmt::Display for Layer {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.0)
        }
    }

    impl Error for Layer {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            self.1.as_deref().map(|cause| cause as &dyn Error)
        }
    }

    #[test]
    fn frames_of_the_machinery_itself_are_left_out() {
        let frames = "   0: std::backtrace::capture\n             at /x\n   1: standards_core::log::layer\n             at /y\n   2: mine\n";
        assert_eq!(own_frames(frames), "   2: mine\n");
        assert_eq!(own_frames("   0: mine\n"), "   0: mine\n");
        assert_eq!(own_frames("   0: std::mine\n"), "   0: std::mine\n");
    }

    #[test]
    fn an_error_that_tells_the_log_of_itself_is_machinery_whatever_its_type() {
        let frames = "   0: <E as standards_core::log::line::error::LogError>::details\n   1: mine::<E as Mine>::f\n";
        assert_eq!(own_frames(frames), "   1: mine::<E as Mine>::f\n");
    }

    #[test]
    fn machinery_around_the_own_frames_stays() {
        let frames =
            "   0: <standards_core::failure::Failure as core::convert::From<E>>::from\n   1: mine\n   2: tracing::span\n";
        assert_eq!(own_frames(frames), "   1: mine\n   2: tracing::span\n");
    }

    #[test]
    fn a_type_is_named_where_it_tells_something() {
        assert_eq!(telling_type_of::<fmt::Error>(), Some("core::fmt::Error"));
        assert_eq!(telling_type_of::<Box<Arc<fmt::Error>>>(), Some("core::fmt::Error"));
        let texts = [telling_type_of::<&str>(), telling_type_of::<String>(), telling_type_of::<Cow<'_, str>>()];
        let objects = [
            telling_type_of::<Box<dyn Error + Send + Sync>>(),
            telling_type_of::<Arc<dyn Error>>(),
            telling_type_of::<dyn Error>(),
        ];
        assert_eq!((texts, objects), ([None; 3], [None; 3]));
    }
}
