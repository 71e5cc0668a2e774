//! The `error` block: type, message with its causes, traceback and code.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::error::Error;
use std::fmt;
use std::panic::Location;

use crate::Failure;
use crate::log::line::scratch::Text;
use crate::value::Value;

/// The most causes that are followed; a chain may be endless.
const MAX_CAUSES: usize = 16;

/// What the log says of an error. Made by [`LogError::details`].
#[derive(Clone, Debug)]
pub struct ErrorDetails {
    pub(in crate::log) type_name: String,
    /// Without one, the record's own message stands.
    pub(in crate::log) message: Option<String>,
    pub(in crate::log) code: Option<&'static str>,
    pub(in crate::log) traceback: String,
    pub(in crate::log) context: Vec<(&'static str, Value)>,
}

/// What can stand as a record's error: a [`Failure`], and everything that implements [`Error`], `dyn Error` included.
///
/// An `anyhow::Error` or a `Box<dyn Error>` is passed as `&*error`.
pub trait LogError {
    /// What the log says of it; `location` is where it is logged, for errors that do not know where they were made.
    fn details(&self, location: &Location<'_>) -> ErrorDetails;
}

impl<E: Error + ?Sized> LogError for E {
    fn details(&self, location: &Location<'_>) -> ErrorDetails {
        ErrorDetails {
            type_name: type_name_of::<E>().to_owned(),
            message: Some(chain_of(&self, self.source())),
            code: None,
            traceback: traceback(location, &Backtrace::capture()),
            context: Vec::new(),
        }
    }
}

impl LogError for Failure {
    fn details(&self, _: &Location<'_>) -> ErrorDetails {
        let causes = self.cause_chain();
        let mut message = self.message();
        if !causes.is_empty() && causes != message {
            message.push_str(": ");
            message.push_str(causes.strip_prefix(&message).unwrap_or(&causes));
        }
        ErrorDetails {
            type_name: self.error_type().to_owned(),
            message: Some(message),
            code: Some(self.entry().code),
            traceback: self.traceback(),
            context: self.context().to_vec(),
        }
    }
}

impl ErrorDetails {
    /// An error of which no more is known than the place where it was logged.
    pub(in crate::log) fn of_place(type_name: &str, file: Option<&str>, line: Option<u32>) -> Self {
        let place = format!("{}:{}", file.unwrap_or(type_name), line.unwrap_or(0));
        Self { type_name: type_name.to_owned(), message: None, code: None, traceback: place, context: Vec::new() }
    }
}

/// A trait object does not tell its type.
fn type_name_of<E: ?Sized>() -> &'static str {
    let name = std::any::type_name::<E>();
    if name.starts_with("dyn ") { "Error" } else { name }
}

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
    let mut text = Text::default();
    text.format(format_args!("{error}"));
    text.parts().0.to_owned()
}

/// Where it happened, and the way there where backtraces are enabled.
pub(in crate::log) fn traceback(location: &dyn fmt::Display, backtrace: &Backtrace) -> String {
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

    #[derive(Debug)]
    struct Layer(&'static str, Option<Box<Layer>>);

    impl fmt::Display for Layer {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.0)
        }
    }

    impl Error for Layer {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            self.1.as_ref().map(|cause| &**cause as &dyn Error)
        }
    }

    #[test]
    fn causes_are_told_once() {
        let error = Layer("no se pudo: red", Some(Box::new(Layer("red", Some(Box::new(Layer("cable", None)))))));
        let details = error.details(Location::caller());
        assert_eq!(details.message.as_deref(), Some("no se pudo: red: cable"));
        assert!(details.type_name.ends_with("::Layer"), "{}", details.type_name);
        let dynamic: &dyn Error = &error;
        assert_eq!(dynamic.details(Location::caller()).type_name, "Error");
    }

    #[test]
    fn a_failure_says_its_public_message_and_its_private_causes() {
        let details = Failure::internal(Layer("sql", None)).details(Location::caller());
        assert_eq!(details.message.as_deref(), Some("Error interno del servidor: sql"));
        assert_eq!(details.code, Some("INTERNAL_ERROR"));
        assert!(details.traceback.starts_with(file!()));
    }

    #[test]
    fn frames_of_the_log_itself_are_left_out() {
        let frames = "   0: std::backtrace::capture\n             at /x\n   1: standards_core::log::layer\n             at /y\n   2: mine\n";
        assert_eq!(own_frames(frames), "   2: mine\n");
        assert_eq!(own_frames("   0: mine\n"), "   0: mine\n");
    }
}
