//! The pieces of which each format makes its line.

use crate::RequestContext;
use crate::level::LogLevel;
use crate::log::line::clock::Timestamp;
use crate::log::line::error_text::ErrorDetails;
use crate::log::line::escape;
use crate::log::line::identity::Identity;
use crate::log::line::scratch;
use crate::log::redact::Redactor;

/// The most that everything but message, context and error takes.
pub(in crate::log) const HEAD_ROOM: usize = 3 * 1024;

/// The most that an error block takes, the repeated traceback and message included.
pub(in crate::log) const ERROR_ROOM: usize = 8 * 1024 + 512;

const ENDPOINT_ROOM: usize = 1024;
const NAME_ROOM: usize = 256;
const ERROR_TEXT_ROOM: usize = 2 * 1024;
const TRACEBACK_ROOM: usize = 2 * 1024 + 768;

/// A record's pieces. `message` and `context` are escaped already.
pub(in crate::log) struct Parts<'a> {
    pub(in crate::log) timestamp: Timestamp,
    pub(in crate::log) level: LogLevel,
    pub(in crate::log) identity: &'a Identity,
    pub(in crate::log) redactor: &'a Redactor,
    pub(in crate::log) correlation_id: &'a str,
    pub(in crate::log) request: Option<&'a RequestContext>,
    pub(in crate::log) message: &'a [u8],
    pub(in crate::log) context: &'a [u8],
    pub(in crate::log) error: Option<&'a ErrorDetails>,
    pub(in crate::log) logger: Option<&'a str>,
}

impl Parts<'_> {
    pub(in crate::log) fn endpoint(&self, out: &mut Vec<u8>) {
        self.text(out, self.request.map_or("", RequestContext::endpoint), ENDPOINT_ROOM);
    }

    pub(in crate::log) fn name(&self, out: &mut Vec<u8>, name: &str) {
        self.text(out, name, NAME_ROOM);
    }

    pub(in crate::log) fn error_message(&self, out: &mut Vec<u8>, error: &ErrorDetails) {
        match &error.message {
            Some(message) => self.text(out, message, ERROR_TEXT_ROOM),
            None => out.extend_from_slice(self.message),
        }
    }

    pub(in crate::log) fn traceback(&self, out: &mut Vec<u8>, error: &ErrorDetails) {
        self.text(out, &error.traceback, TRACEBACK_ROOM);
    }

    fn text(&self, out: &mut Vec<u8>, text: &str, room: usize) {
        let (text, unseen) = scratch::bounded(text);
        escape::push_within(out, &self.redactor.clean(text), unseen, room);
    }
}

/// Appends `pieces` one after the other.
pub(in crate::log) fn put<const N: usize>(out: &mut Vec<u8>, pieces: [&[u8]; N]) {
    for piece in pieces {
        out.extend_from_slice(piece);
    }
}
