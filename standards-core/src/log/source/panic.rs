//! Panics: one record each, from any thread, and nothing on standard error.

use std::backtrace::Backtrace;
use std::panic::{self, Location, PanicHookInfo};
use std::time::Duration;

use tracing::Dispatch;
use tracing::level_filters::LevelFilter;

use super::elsewhere::Said;
use super::spans::OfThread;
use super::tracing::with_current;
use crate::error_chain::{panic_text, traceback};
use crate::level::LogLevel;
use crate::log::control::Pipeline;
use crate::log::line::{Draft, ErrorDetails, Origin};
use crate::{caught, context};

/// The record's `logger` and the name by which its level is filtered.
const TARGET: &str = "standards::panic";

const MESSAGE: &str = "Error no controlado (panic)";

/// How long a thread that belongs to no request, and whose end may be the end of the process, waits for its record to arrive.
const PATIENCE: Duration = Duration::from_millis(250);

/// Writes panics to the log from now on, and then does `after`. The hook in place before, which prints to standard error, is gone.
pub(in crate::log) fn install_hook(after: impl Fn(&PanicHookInfo<'_>) + Send + Sync + 'static) {
    panic::set_hook(Box::new(move |info| {
        let _told = tell(info);
        after(info);
    }));
}

/// Writes panics to the log from now on: with [`init`](crate::log::init) it is done already; a process with a `tracing` subscriber of its own
/// calls it once.
///
/// A panic that somebody catches by [`catch_panic`](crate::catch_panic), as the layers of `standards-axum` do, is kept for the record of the
/// request, with its own place; any other is one record at ERROR, on standard error nothing. Where nobody takes the record, the hook that was
/// there before has its say.
///
/// ```
/// use standards_core::log::install_panic_hook;
///
/// install_panic_hook();
/// let failure = standards_core::catch_panic(|| panic!("saldo roto")).unwrap_err();
/// assert!(failure.traceback().contains(file!()));
/// ```
pub fn install_panic_hook() {
    let before = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        if !tell(info) {
            before(info);
        }
    }));
}

/// A panic that somebody catches is told by the failure that it becomes, and by it alone. `false` where there is no log at all.
fn tell(info: &PanicHookInfo<'_>) -> bool {
    if caught::keep(|| details(info).traceback) {
        return true;
    }
    with_current(|pipeline, dispatch| write(pipeline, dispatch, info)) || {
        let said = Said { level: LogLevel::Error, target: TARGET, message: MESSAGE, fields: &[], error: Some(&details(info)) };
        said.emit()
    }
}

fn write(pipeline: &Pipeline, dispatch: &Dispatch, info: &PanicHookInfo<'_>) {
    if !pipeline.enables(TARGET, LevelFilter::ERROR) {
        return;
    }
    let place = info.location();
    let (file, line) = (place.map(Location::file), place.map(Location::line));
    let origin = Origin { level: LogLevel::Error, target: TARGET, file, line, metadata: None };
    pipeline.write(origin, |draft| fill(draft, info), &OfThread(dispatch));
    // A request's panic is caught and answered; any other may end the process.
    if cfg!(panic = "abort") || context::with_current(|request| request.is_none()) {
        pipeline.sink().flush(PATIENCE);
    }
}

fn fill(draft: &mut Draft<'_>, info: &PanicHookInfo<'_>) {
    draft.message(format_args!("{MESSAGE}"));
    draft.error(&details(info));
}

fn details(info: &PanicHookInfo<'_>) -> ErrorDetails {
    let place = info.location().map_or_else(String::new, ToString::to_string);
    ErrorDetails {
        type_name: "panic".to_owned(),
        message: Some(panic_text(info.payload()).to_owned()),
        code: None,
        traceback: traceback(&place, &Backtrace::capture()),
        context: Vec::new(),
    }
}
