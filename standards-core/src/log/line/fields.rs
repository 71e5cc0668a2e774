//! The members of `context`, each typed and within its bound.

use std::borrow::Cow;
use std::io::Write as _;
use std::ops::Range;

use super::draft::Draft;
use super::escape::{self, MARK_ROOM};
use super::form::LogFormat;
use super::names;
use super::values::{MAX_NAME, SCALAR_ROOM, Values};
use crate::log::redact::{MASK, Name};
use crate::value::Value;

/// The most fields that a record's `context` holds.
const MAX_FIELDS: usize = 64;

/// The field that tells how many fields, and lists that cannot say it, found no room.
const OMITTED: &str = "omitted_fields";

/// Room that is kept for `,"omitted_fields":18446744073709551615`.
const OMITTED_ROOM: usize = 48;

impl Draft<'_> {
    pub(in crate::log) fn signed(&mut self, name: Name<'_>, value: i64) {
        self.hideable(name, |values, _| values.signed(value));
    }

    pub(in crate::log) fn unsigned(&mut self, name: Name<'_>, value: u64) {
        self.hideable(name, |values, _| values.unsigned(value));
    }

    pub(in crate::log) fn float(&mut self, name: Name<'_>, value: f64) {
        self.hideable(name, |values, _| values.float(value));
    }

    /// A number with three decimals at most, of which there are so many thousandths; written as a float is.
    pub(in crate::log) fn thousandths(&mut self, name: Name<'_>, thousandths: u64) {
        self.hideable(name, |values, _| values.thousandths(thousandths));
    }

    /// A yes or no hides nothing: `email_enviado` is no e-mail.
    pub(in crate::log) fn boolean(&mut self, name: Name<'_>, value: bool) {
        self.field(name, |values, _| values.boolean(value));
    }

    /// A text, of which `unseen` more bytes are not shown.
    pub(in crate::log) fn text(&mut self, name: Name<'_>, text: &str, unseen: usize) {
        self.hideable(name, |values, end| values.text(text, unseen, end));
    }

    /// A value of any shape. Its name may come from anywhere: one that holds a secret itself is not written.
    pub(in crate::log) fn value(&mut self, name: Name<'_>, value: &Value) {
        if name.is_untold() {
            self.omitted += 1;
            return;
        }
        match value {
            Value::Null | Value::Bool(_) => self.field(name, |values, end| values.value(value, end, 0)),
            _ => self.hideable(name, |values, end| values.value(value, end, 0)),
        }
    }

    /// The same, for a name that is only known at run time.
    pub(in crate::log) fn value_named(&mut self, name: &str, value: &Value) {
        self.value(Name::new(name, &self.form.redactor), value);
    }

    /// The same, for a name that may stand in the code.
    pub(in crate::log) fn member(&mut self, (name, value): &(Cow<'static, str>, Value)) {
        match name {
            Cow::Borrowed(name) => {
                let name = self.name(name);
                self.value(name, value);
            }
            Cow::Owned(name) => self.value_named(name, value),
        }
    }

    /// A field whose value is masked where its name says so.
    fn hideable(&mut self, name: Name<'_>, write: impl FnOnce(&mut Values<'_>, usize)) {
        if name.is_secret() {
            self.field(name, |values, _| values.quoted(MASK));
        } else {
            self.field(name, write);
        }
    }

    /// Adds a field, unless its name stands already; `write` gets the value's place and the length that `context` may have after it.
    fn field(&mut self, name: Name<'_>, write: impl FnOnce(&mut Values<'_>, usize)) {
        let end = self.context_end();
        let room = end.saturating_sub(self.memory.context.len() + OMITTED_ROOM);
        let names = self.memory.names.len();
        if names >= MAX_FIELDS || !is_name(name) || room < SCALAR_ROOM + MARK_ROOM + name.text.len() * 6 {
            self.omitted += 1;
        } else if self.push_name(name) {
            // A long value leaves a quarter of the room to those after it.
            let start = self.memory.context.len();
            let mut values = Values { out: &mut self.memory.context, redactor: &self.form.redactor, omitted: 0 };
            write(&mut values, start + (end - OMITTED_ROOM - start) / 4 * 3);
            self.omitted += values.omitted;
        }
    }

    /// Writes the name; `false` when it stands already.
    fn push_name(&mut self, name: Name<'_>) -> bool {
        let out = &mut self.memory.context;
        let before = out.len();
        out.reserve(name.text.len() + SCALAR_ROOM);
        open(out, self.form.format, self.memory.names.is_empty());
        let start = out.len();
        push_as_written(out, name);
        let place = start..out.len();
        if is_repeated(out, &self.memory.names, &place) {
            out.truncate(before);
            return false;
        }
        close(out, self.form.format);
        self.memory.names.push(place);
        true
    }

    /// Tells how many fields found no room.
    pub(super) fn tell_omitted(&mut self) {
        if self.omitted > 0 && self.push_name(Name::plain(OMITTED)) {
            let _ = write!(self.memory.context, "{}", self.omitted);
        }
    }
}

/// What stands before a name. Here and behind it each text has a length of its own, so that none is a call.
fn open(out: &mut Vec<u8>, format: LogFormat, is_first: bool) {
    match (format, is_first) {
        (LogFormat::Pretty, _) => out.push(b' '),
        (_, true) => out.push(b'"'),
        (_, false) => out.extend_from_slice(b",\""),
    }
}

fn close(out: &mut Vec<u8>, format: LogFormat) {
    match format {
        LogFormat::Pretty => out.push(b'='),
        _ => out.extend_from_slice(b"\":"),
    }
}

fn is_name(name: Name<'_>) -> bool {
    let is_ours = if name.is_plain() { name.text == OMITTED } else { names::are_one(name.text, OMITTED) };
    name.text.len() <= MAX_NAME && !is_ours
}

fn push_as_written(out: &mut Vec<u8>, name: Name<'_>) {
    if name.is_bare() {
        out.extend_from_slice(name.text.as_bytes());
    } else if name.is_plain() {
        escape::push(out, name.text);
    } else {
        names::push(out, name.text);
    }
}

/// Whether the name at `place` stands among the `earlier` ones.
fn is_repeated(out: &[u8], earlier: &[Range<usize>], place: &Range<usize>) -> bool {
    let of_that_length = earlier.iter().filter(|earlier| earlier.len() == place.len());
    let name = out.get(place.clone());
    of_that_length.into_iter().any(|earlier| out.get(earlier.clone()) == name)
}
