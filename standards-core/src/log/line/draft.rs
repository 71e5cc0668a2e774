//! One record while it is being put together.

use std::borrow::Cow;
use std::fmt;
use std::time::Instant;

use crate::RequestContext;
use crate::context::process_id;
use crate::level::LogLevel;
use crate::log::control::pipeline::Pipeline;
use crate::log::line::error_text::ErrorDetails;
use crate::log::line::escape;
use crate::log::line::fields::Fields;
use crate::log::line::format::LogFormat;
use crate::log::line::parts::{ERROR_ROOM, HEAD_ROOM, Parts};
use crate::log::line::scratch::Scratch;
use crate::log::redact::names::Name;
use crate::log::suppress::Verdict;
use crate::value::Value;

/// A line's most bytes, its line feed included (contract section 4).
pub(in crate::log) const MAX_LINE: usize = 16 * 1024;

/// A message's most bytes; at ERROR the error block repeats it.
const MESSAGE_ROOM: usize = 8 * 1024;
const ERROR_MESSAGE_ROOM: usize = 2 * 1024;

/// What is kept for a message that comes after the fields.
const LATE_MESSAGE_ROOM: usize = 1024;

/// The field that tells how many identical records were held back.
pub(in crate::log) const REPEATED: &str = "repeated";

/// Where a record comes from.
#[derive(Clone, Copy)]
pub(in crate::log) struct Origin<'a> {
    pub(in crate::log) level: LogLevel,
    /// The module, or the name that stands for it.
    pub(in crate::log) target: &'a str,
    pub(in crate::log) file: Option<&'a str>,
    pub(in crate::log) line: Option<u32>,
}

/// Gathers message, fields and error, and in the end writes the line.
pub(in crate::log) struct Draft<'a> {
    pipeline: &'a Pipeline,
    scratch: &'a mut Scratch,
    origin: Origin<'a>,
    has_message: bool,
    omitted: usize,
    error: Option<ErrorDetails>,
}

impl<'a> Draft<'a> {
    pub(in crate::log) fn new(pipeline: &'a Pipeline, scratch: &'a mut Scratch, origin: Origin<'a>) -> Self {
        Self { pipeline, scratch, origin, has_message: false, omitted: 0, error: None }
    }

    pub(in crate::log) fn level(&self) -> LogLevel {
        self.origin.level
    }

    /// The sentence. The first one stays.
    pub(in crate::log) fn message(&mut self, text: fmt::Arguments<'_>) {
        if !std::mem::replace(&mut self.has_message, true) {
            let room = self.message_room();
            let Scratch { text: scratch, message, .. } = &mut *self.scratch;
            scratch.format(text);
            let (text, unseen) = scratch.parts();
            escape::push_within(message, &self.pipeline.redactor.clean(text), unseen, room);
        }
    }

    /// A name that stands in the code.
    pub(in crate::log) fn name(&mut self, text: &'static str) -> Name<'static> {
        self.scratch.verdicts.name(text, &self.pipeline.redactor)
    }

    /// A field whose value is only known as text.
    pub(in crate::log) fn formatted(&mut self, name: Name<'_>, value: fmt::Arguments<'_>) {
        // The text is put aside while the field is written beside it.
        let mut text = std::mem::take(&mut self.scratch.text);
        text.format(value);
        let (kept, unseen) = text.parts();
        self.fields().text(name, kept, unseen);
        self.scratch.text = text;
    }

    /// A field of any shape.
    pub(in crate::log) fn value(&mut self, name: &'static str, value: &Value) {
        let name = self.name(name);
        self.named(name, value);
    }

    /// The same, for a name that is only known at run time.
    pub(in crate::log) fn value_of(&mut self, name: &str, value: &Value) {
        self.named(Name::new(name, &self.pipeline.redactor), value);
    }

    /// A name that holds a secret itself is not written.
    fn named(&mut self, name: Name<'_>, value: &Value) {
        match self.pipeline.redactor.clean(name.text) {
            Cow::Borrowed(_) => self.fields().value(name, value),
            Cow::Owned(_) => self.omitted += 1,
        }
    }

    /// What went wrong: the `error` block at ERROR; below it the code, or the sentence where there is none. The error's own values
    /// are fields.
    pub(in crate::log) fn error(&mut self, details: &ErrorDetails) {
        for (name, value) in &details.context {
            self.value(name, value);
        }
        if self.origin.level == LogLevel::Error {
            self.error = Some(details.clone());
        } else if let Some(code) = details.code {
            self.fields().text(Name::plain("error_code"), code, 0);
        } else if let Some(message) = &details.message {
            self.fields().text(Name::plain("error"), message, 0);
        }
    }

    /// The place where the next field goes.
    pub(in crate::log) fn fields(&mut self) -> Fields<'_> {
        let end = self.context_end();
        Fields {
            out: &mut self.scratch.context,
            names: &mut self.scratch.names,
            format: self.pipeline.format,
            redactor: &self.pipeline.redactor,
            end,
            omitted: &mut self.omitted,
        }
    }

    /// A sentence that is escaped and redacted already.
    pub(in crate::log) fn finished_message(&mut self, text: &[u8]) {
        self.has_message = true;
        self.scratch.message.extend_from_slice(text);
    }

    /// Writes the line, on behalf of `request` or of the process.
    pub(in crate::log) fn finish(&mut self, request: Option<&RequestContext>) {
        if !self.is_held_back() {
            self.trace(request);
            self.fields().close();
            self.explain();
            self.send(request);
        }
    }

    fn send(&mut self, request: Option<&RequestContext>) {
        let timestamp = self.scratch.clock.now();
        let Scratch { line, message, context, .. } = &mut *self.scratch;
        let parts = Parts {
            timestamp,
            level: self.origin.level,
            identity: &self.pipeline.identity,
            redactor: &self.pipeline.redactor,
            correlation_id: correlation_id(request),
            request,
            message,
            context,
            error: self.error.as_ref(),
            logger: self.pipeline.logger_of(&self.origin),
        };
        self.pipeline.send(line, &parts);
    }

    /// Whether a record that says the same was written just now. If so many were held back before, this one tells it.
    fn is_held_back(&mut self) -> bool {
        let Some(suppressor) = &self.pipeline.suppressor else { return false };
        match suppressor.judge(&self.origin, &self.scratch.message, &self.scratch.context, Instant::now()) {
            Verdict::HoldBack => return true,
            Verdict::Write(0) => {}
            Verdict::Write(repeated) => self.fields().unsigned(Name::plain(REPEATED), repeated),
        }
        false
    }

    /// Every ERROR has an `error`, be it only the place.
    fn explain(&mut self) {
        if self.origin.level == LogLevel::Error && self.error.is_none() {
            self.error = Some(ErrorDetails::of_place(self.origin.target, self.origin.file, self.origin.line));
        }
    }

    /// The trace that the request belongs to; ECS has a place of its own for it.
    fn trace(&mut self, request: Option<&RequestContext>) {
        if self.pipeline.format == LogFormat::Ecs {
            return;
        }
        if let Some(trace) = request.and_then(RequestContext::trace) {
            self.fields().text(Name::plain("trace_id"), trace.trace_id(), 0);
            self.fields().text(Name::plain("span_id"), trace.span_id(), 0);
        }
    }

    fn error_room(&self) -> usize {
        if self.origin.level == LogLevel::Error { ERROR_ROOM } else { 0 }
    }

    fn context_end(&self) -> usize {
        let message = if self.has_message { self.scratch.message.len() } else { LATE_MESSAGE_ROOM };
        MAX_LINE - HEAD_ROOM - self.error_room() - message
    }

    fn message_room(&self) -> usize {
        let most = if self.origin.level == LogLevel::Error { ERROR_MESSAGE_ROOM } else { MESSAGE_ROOM };
        most.min(MAX_LINE - HEAD_ROOM - self.error_room() - self.scratch.context.len())
    }
}

fn correlation_id(request: Option<&RequestContext>) -> &str {
    match request {
        Some(request) => request.correlation_id().as_str(),
        None => process_id().as_str(),
    }
}
