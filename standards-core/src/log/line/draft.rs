//! One record while it is being put together.

use std::cell::Cell;
use std::fmt;
use std::mem;
use std::ops::Range;

use tracing::Metadata;

use super::error::ErrorDetails;
use super::form::{Form, LogFormat};
use super::{ecs, escape, json, pretty};
use crate::RequestContext;
use crate::context::process_id;
use crate::level::LogLevel;
use crate::log::redact::{KnownNames, Name};
use crate::timestamp::Clock;
use crate::value::bounded::{Bounded, Nesting};

/// A line's most bytes, its line feed included (contract section 4).
pub(in crate::log) const MAX_LINE: usize = 16 * 1024;

/// The most that everything but message, context and error takes.
const HEAD_ROOM: usize = 3 * 1024;

/// The most that an error block takes, the repeated traceback and message included.
const ERROR_ROOM: usize = 8 * 1024 + 512;

/// A message's most bytes; at ERROR the error block repeats it.
const MESSAGE_ROOM: usize = 8 * 1024;
const ERROR_MESSAGE_ROOM: usize = 2 * 1024;

const ENDPOINT_ROOM: usize = 1024;
const LABEL_ROOM: usize = 256;

/// What is kept for a message that comes after the fields.
const LATE_MESSAGE_ROOM: usize = 1024;

/// Where a record comes from.
#[derive(Clone, Copy)]
pub(in crate::log) struct Origin<'a> {
    pub(in crate::log) level: LogLevel,
    /// The module, or the name that stands for it.
    pub(in crate::log) target: &'a str,
    pub(in crate::log) file: Option<&'a str>,
    pub(in crate::log) line: Option<u32>,
    /// What `tracing` knows of the place, where it is one of its own.
    pub(in crate::log) metadata: Option<&'static Metadata<'static>>,
}

/// Gathers message, fields and error, and in the end writes the line.
pub(in crate::log) struct Draft<'a> {
    pub(super) form: &'a Form,
    pub(super) origin: Origin<'a>,
    pub(super) error: Option<ErrorDetails>,
    /// How many fields found no room.
    pub(super) omitted: usize,
    has_message: bool,
    pub(super) memory: &'a mut Memory,
}

/// What a thread uses again for each record, so that an ordinary record allocates nothing.
pub(super) struct Memory {
    line: Vec<u8>,
    /// The message, escaped.
    pub(super) message: Vec<u8>,
    /// The members of `context`, escaped, and where their names stand in it.
    pub(super) context: Vec<u8>,
    pub(super) names: Vec<Range<usize>>,
    /// One value as its `Display` or `Debug` wrote it.
    text: Bounded,
    clock: Clock,
    known: KnownNames,
}

thread_local! {
    static SPARE: Cell<Option<Box<Memory>>> = const { Cell::new(None) };
}

impl Memory {
    fn new() -> Box<Self> {
        Box::new(Self {
            line: Vec::with_capacity(1024),
            message: Vec::with_capacity(256),
            context: Vec::with_capacity(512),
            names: Vec::with_capacity(16),
            text: Bounded::default(),
            clock: Clock::new(),
            known: KnownNames::new(),
        })
    }

    /// Lends this thread's memory to `work`. A value that logs while it is being formatted gets another one.
    fn lend<R>(work: impl FnOnce(&mut Self) -> R) -> R {
        let _nesting = Nesting::enter();
        let mut memory = SPARE.try_with(Cell::take).ok().flatten().unwrap_or_else(Self::new);
        memory.message.clear();
        memory.context.clear();
        memory.names.clear();
        let result = work(&mut memory);
        // A thread that is ending has no place to keep it.
        let _ = SPARE.try_with(|spare| spare.set(Some(memory)));
        result
    }
}

impl<'a> Draft<'a> {
    /// Hands an empty draft to `work`.
    pub(in crate::log) fn begin<R>(form: &Form, origin: Origin<'_>, work: impl FnOnce(&mut Draft<'_>) -> R) -> R {
        Memory::lend(|memory| work(&mut Draft { form, origin, error: None, omitted: 0, has_message: false, memory }))
    }

    pub(in crate::log) fn level(&self) -> LogLevel {
        self.origin.level
    }

    pub(in crate::log) fn origin(&self) -> Origin<'a> {
        self.origin
    }

    /// The sentence. The first one stays.
    pub(in crate::log) fn message(&mut self, text: fmt::Arguments<'_>) {
        // The text is put aside while it is written.
        let mut formatted = mem::take(&mut self.memory.text);
        formatted.format(text);
        let (kept, unseen) = formatted.parts();
        self.push_message(kept, unseen);
        self.memory.text = formatted;
    }

    /// The same, of a text that is there already.
    pub(in crate::log) fn sentence(&mut self, text: &str) {
        self.push_message(text, 0);
    }

    fn push_message(&mut self, text: &str, unseen: usize) {
        if !mem::replace(&mut self.has_message, true) {
            let room = self.message_room();
            escape::push_clean(&mut self.memory.message, text, unseen, room, &self.form.redactor);
        }
    }

    /// A name that stands in the code.
    pub(in crate::log) fn name(&mut self, text: &'static str) -> Name<'static> {
        self.memory.known.name(text, &self.form.redactor)
    }

    /// A field whose value is only known as text.
    pub(in crate::log) fn formatted(&mut self, name: Name<'_>, value: fmt::Arguments<'_>) {
        // The text is put aside while the field is written beside it.
        let mut text = mem::take(&mut self.memory.text);
        text.format(value);
        let (kept, unseen) = text.parts();
        self.text(name, kept, unseen);
        self.memory.text = text;
    }

    /// What went wrong: the `error` block at ERROR; below it the code, or the sentence where there is none. The error's own values
    /// are fields.
    pub(in crate::log) fn error(&mut self, details: &ErrorDetails) {
        for (name, value) in &details.context {
            let name = self.name(name);
            self.value(name, value);
        }
        if self.origin.level == LogLevel::Error {
            self.error = Some(details.clone());
        } else if let Some(code) = details.code {
            self.text(Name::plain("error_code"), code, 0);
        } else if let Some(message) = &details.message {
            self.text(Name::plain("error"), message, 0);
        }
    }

    /// The members of `context` so far, as a JSON object; none where there are none.
    pub(in crate::log) fn members(&self) -> Option<String> {
        let members = std::str::from_utf8(&self.memory.context).ok().filter(|members| !members.is_empty())?;
        Some(format!("{{{members}}}"))
    }

    /// Writes the line, on behalf of `request` or of the process.
    pub(in crate::log) fn finish(&mut self, request: Option<&RequestContext>) -> &[u8] {
        self.trace(request);
        self.added(request);
        self.tell_omitted();
        self.explain();
        // Put aside while it is written from the rest.
        let mut line = mem::take(&mut self.memory.line);
        line.clear();
        let timestamp = self.memory.clock.now();
        match self.form.format {
            LogFormat::Json => json::write(&mut line, self, &timestamp, request),
            LogFormat::Ecs => ecs::write(&mut line, self, &timestamp, request),
            LogFormat::Pretty => pretty::write(&mut line, self, &timestamp, request),
        }
        self.memory.line = line;
        &self.memory.line
    }

    /// Every ERROR has an `error`, be it only the place.
    fn explain(&mut self) {
        if self.origin.level == LogLevel::Error && self.error.is_none() {
            self.error = Some(ErrorDetails::of_place(self.origin.target, self.origin.file, self.origin.line));
        }
    }

    /// The trace that the request belongs to; ECS has a place of its own for it.
    fn trace(&mut self, request: Option<&RequestContext>) {
        if self.form.format == LogFormat::Ecs {
            return;
        }
        if let Some(trace) = request.and_then(RequestContext::trace) {
            self.text(Name::plain("trace_id"), trace.trace_id(), 0);
            self.text(Name::plain("span_id"), trace.span_id(), 0);
        }
    }

    /// What the service has added to every record of the request.
    pub(in crate::log) fn added(&mut self, request: Option<&RequestContext>) {
        if let Some(request) = request {
            self.omitted += request.read_added(|field| self.member(field));
        }
    }

    /// The record's `logger`: for developers, and for modules that are not ours.
    pub(super) fn logger(&self) -> Option<&'a str> {
        let Origin { level, target, .. } = self.origin;
        let named = level == LogLevel::Debug || !self.form.owns(target);
        (named && !target.is_empty()).then_some(target)
    }

    /// Appends the path of the request.
    pub(super) fn endpoint(&self, out: &mut Vec<u8>, request: &RequestContext) {
        self.push_text(out, request.endpoint(), ENDPOINT_ROOM);
    }

    /// Appends what is short: a verb, an operation, a module, a type, a code.
    pub(super) fn label(&self, out: &mut Vec<u8>, text: &str) {
        self.push_text(out, text, LABEL_ROOM);
    }

    /// Appends `text`: cleaned, escaped, and cut to `room`.
    pub(super) fn push_text(&self, out: &mut Vec<u8>, text: &str, room: usize) {
        escape::push_clean(out, text, 0, room, &self.form.redactor);
    }

    fn error_room(&self) -> usize {
        if self.origin.level == LogLevel::Error { ERROR_ROOM } else { 0 }
    }

    /// The length that `context` may reach.
    pub(super) fn context_end(&self) -> usize {
        let message = if self.has_message { self.memory.message.len() } else { LATE_MESSAGE_ROOM };
        MAX_LINE - HEAD_ROOM - self.error_room() - message
    }

    fn message_room(&self) -> usize {
        let most = if self.origin.level == LogLevel::Error { ERROR_MESSAGE_ROOM } else { MESSAGE_ROOM };
        most.min(MAX_LINE - HEAD_ROOM - self.error_room() - self.memory.context.len())
    }
}

/// The id that stands in the record.
pub(in crate::log) fn correlation_id(request: Option<&RequestContext>) -> &str {
    match request {
        Some(request) => request.correlation_id().as_str(),
        None => process_id().as_str(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nested_record_gets_memory_of_its_own() {
        Memory::lend(|outer| {
            outer.message.push(1);
            Memory::lend(|inner| assert!(inner.message.is_empty()));
            assert_eq!(outer.message, [1]);
        });
    }
}
