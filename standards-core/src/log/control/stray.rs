//! Lines that log outside of any request, in a task or on a thread that nobody declared to be the process's.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use crate::level::LogLevel;
use crate::log::line::{Draft, Origin};
use crate::log::redact::Name;

/// By which the records are filtered.
pub(super) const TARGET: &str = "standards::context";

/// The most lines that are told of.
const MAX_PLACES: usize = 256;

const REMEDY: &str = "context::spawn, spawn_blocking, spawn_thread, spawn_in_context o wrap llevan la solicitud; para trabajo del proceso, context::spawn_worker";

/// The lines that were told of.
#[derive(Default)]
pub(super) struct Strays(Mutex<HashSet<(Box<str>, u32)>>);

impl Strays {
    /// Whether this one was not, and is from now on.
    pub(super) fn is_new(&self, origin: Origin<'_>) -> bool {
        let (Some(file), Some(line)) = (origin.file, origin.line) else { return false };
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        told.len() < MAX_PLACES && told.insert((file.into(), line))
    }
}

pub(super) const fn origin_of(lost: Origin<'_>) -> Origin<'_> {
    Origin { level: LogLevel::Warning, target: TARGET, metadata: None, ..lost }
}

pub(super) fn fill(draft: &mut Draft<'_>, lost: Origin<'_>) {
    draft.message(format_args!("Registro sin contexto de solicitud"));
    let place = format_args!("{}:{}", lost.file.unwrap_or_default(), lost.line.unwrap_or_default());
    draft.formatted(Name::plain("place"), place);
    draft.text(Name::plain("module"), lost.target, 0);
    draft.text(Name::plain("remedy"), REMEDY, 0);
}
