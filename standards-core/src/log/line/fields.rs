//! The members of `context`, each typed and within its bound.

use std::io::Write as _;
use std::ops::Range;

use crate::log::line::escape::{self, MARK_ROOM};
use crate::log::line::format::LogFormat;
use crate::log::line::write::Writer;
use crate::log::redact::names::Name;
use crate::log::redact::{MASK, Redactor};
use crate::value::Value;

/// The most fields that a record's `context` holds.
pub(in crate::log) const MAX_FIELDS: usize = 64;

/// The longest name of a field, in bytes. A longer one is omitted, not cut: two cut names could be equal.
pub(in crate::log) const MAX_NAME: usize = 128;

/// The field that tells how many found no room.
const OMITTED: &str = "omitted_fields";

/// Room that is kept for `,"omitted_fields":18446744073709551615`.
const OMITTED_ROOM: usize = 48;

/// Room that a value of fixed size takes at most, its name aside.
pub(in crate::log) const SCALAR_ROOM: usize = 48;

/// Writes fields one after the other into `out`.
pub(in crate::log) struct Fields<'a> {
    pub(in crate::log) out: &'a mut Vec<u8>,
    /// Where the names stand in `out`.
    pub(in crate::log) names: &'a mut Vec<Range<usize>>,
    pub(in crate::log) format: LogFormat,
    pub(in crate::log) redactor: &'a Redactor,
    /// The length that `out` may reach.
    pub(in crate::log) end: usize,
    pub(in crate::log) omitted: &'a mut usize,
}

impl Fields<'_> {
    /// Adds a field, unless its name stands already; `write` gets the value's place and the length that `out` may have after it.
    fn field(&mut self, name: Name<'_>, write: impl FnOnce(&mut Writer<'_>, usize)) {
        let room = self.end.saturating_sub(self.out.len() + OMITTED_ROOM);
        if self.names.len() >= MAX_FIELDS || !is_name(name.text) || room < SCALAR_ROOM + MARK_ROOM + name.text.len() * 6 {
            *self.omitted += 1;
        } else if self.push_name(name.text) {
            // A long value leaves a quarter of the room to those after it.
            let start = self.out.len();
            write(&mut Writer { out: self.out, redactor: self.redactor }, start + (self.end - OMITTED_ROOM - start) / 4 * 3);
        }
    }

    /// The same, for a value that a name may hide.
    fn hideable(&mut self, name: Name<'_>, write: impl FnOnce(&mut Writer<'_>, usize)) {
        if name.is_secret {
            self.field(name, |writer, _| writer.quoted(MASK));
        } else {
            self.field(name, write);
        }
    }

    /// Writes the name; `false` when it stands already.
    fn push_name(&mut self, name: &str) -> bool {
        let before = self.out.len();
        let (open, close): (&[u8], &[u8]) = match (self.format, self.names.is_empty()) {
            (LogFormat::Pretty, _) => (b" ", b"="),
            (_, true) => (b"\"", b"\":"),
            (_, false) => (b",\"", b"\":"),
        };
        self.out.extend_from_slice(open);
        let start = self.out.len();
        escape::push(self.out, name);
        let place = start..self.out.len();
        if self.is_repeated(&place) {
            self.out.truncate(before);
            return false;
        }
        self.names.push(place);
        self.out.extend_from_slice(close);
        true
    }

    fn is_repeated(&self, place: &Range<usize>) -> bool {
        let of_that_length = self.names.iter().filter(|earlier| earlier.len() == place.len());
        let name = self.out.get(place.clone());
        of_that_length.into_iter().any(|earlier| self.out.get(earlier.clone()) == name)
    }

    pub(in crate::log) fn signed(&mut self, name: Name<'_>, value: i64) {
        self.hideable(name, |writer, _| writer.signed(value));
    }

    pub(in crate::log) fn unsigned(&mut self, name: Name<'_>, value: u64) {
        self.hideable(name, |writer, _| writer.unsigned(value));
    }

    pub(in crate::log) fn float(&mut self, name: Name<'_>, value: f64) {
        self.hideable(name, |writer, _| writer.float(value));
    }

    /// A yes or no hides nothing: `email_enviado` is no e-mail.
    pub(in crate::log) fn boolean(&mut self, name: Name<'_>, value: bool) {
        self.field(name, |writer, _| writer.boolean(value));
    }

    /// A text, of which `unseen` more bytes are not shown.
    pub(in crate::log) fn text(&mut self, name: Name<'_>, text: &str, unseen: usize) {
        self.hideable(name, |writer, end| writer.text(text, unseen, end));
    }

    /// A value of any shape.
    pub(in crate::log) fn value(&mut self, name: Name<'_>, value: &Value) {
        match value {
            Value::Null | Value::Bool(_) => self.field(name, |writer, end| writer.value(value, end, 0)),
            _ => self.hideable(name, |writer, end| writer.value(value, end, 0)),
        }
    }

    /// Tells how many fields found no room.
    pub(in crate::log) fn close(&mut self) {
        if *self.omitted > 0 && self.push_name(OMITTED) {
            let _ = write!(self.out, "{}", self.omitted);
        }
    }
}

fn is_name(name: &str) -> bool {
    name.len() <= MAX_NAME && name != OMITTED
}
