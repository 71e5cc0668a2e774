//! The pieces of which each format makes its line.

use super::clock::Timestamp;
use super::error_text::ErrorDetails;
use super::escape;
use super::identity::Identity;
use super::level::LogLevel;
use super::redact::Redactor;
use super::scratch;
use crate::RequestContext;

/// The most that everything but message, context and error takes.
pub(super) const HEAD_ROOM: usize = 3 * 1024;

/// The most that an error block takes, the repeated traceback and message included.
pub(super) const ERROR_ROOM: usize = 8 * 1024 + 512;

const ENDPOINT_ROOM: usize = 1024;
const NAME_ROOM: usize = 256;
const ERROR_TEXT_ROOM: usize = 2 * 1024;
const TRACEBACK_ROOM: usize = 2 * 1024 + 768;

/// A record's pieces. `message` and `context` are escaped already.
pub(super) struct Parts<'a> {
    pub(super) timestamp: Timestamp,
    pub(super) level: LogLevel,
    pub(super) identity: &'a Identity,
    pub(super) redactor: &'a Redactor,
    pub(super) correlation_id: &'a str,
    pub(super) request: Option<&'a RequestContext>,
    pub(super) message: &'a [u8],
    pub(super) context: &'a [u8],
    pub(super) error: Option<&'a ErrorDetails>,
    pub(super) logger: Option<&'a str>,
}

impl Parts<'_> {
    pub(super) fn endpoint(&self, out: &mut Vec<u8>) {
        self.text(out, self.request.map_or("", RequestContext::endpoint), ENDPOINT_ROOM);
    }

    pub(super) fn name(&self, out: &mut Vec<u8>, name: &str) {
        self.text(out, name, NAME_ROOM);
    }

    pub(super) fn error_message(&self, out: &mut Vec<u8>, error: &ErrorDetails) {
        match &error.message {
            Some(message) => self.text(out, message, ERROR_TEXT_ROOM),
            None => out.extend_from_slice(self.message),
        }
    }

    pub(super) fn traceback(&self, out: &mut Vec<u8>, error: &ErrorDetails) {
        self.text(out, &error.traceback, TRACEBACK_ROOM);
    }

    fn text(&self, out: &mut Vec<u8>, text: &str, room: usize) {
        let (text, unseen) = scratch::bounded(text);
        escape::push_within(out, &self.redactor.clean(text), unseen, room);
    }
}

/// Appends `pieces` one after the other.
pub(super) fn put<const N: usize>(out: &mut Vec<u8>, pieces: [&[u8]; N]) {
    for piece in pieces {
        out.extend_from_slice(piece);
    }
}
