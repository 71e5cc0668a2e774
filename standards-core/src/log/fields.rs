//! The members of `context`, each typed and within its bound.

use std::borrow::Cow;
use std::io::Write as _;
use std::ops::Range;

use super::escape::{self, MARK_ROOM};
use super::format::LogFormat;
use super::value::Value;

/// The most fields that a record's `context` holds.
pub(super) const MAX_FIELDS: usize = 64;

/// The most fields of an object and elements of a list inside a value.
const MAX_ELEMENTS: usize = 64;

/// How deep a value may be nested.
const MAX_DEPTH: usize = 8;

/// The longest name of a field, in bytes. A longer one is omitted, not cut: two cut names could be equal.
const MAX_NAME: usize = 128;

/// The field that tells how many found no room.
const OMITTED: &str = "omitted_fields";

/// What stands for elements that found no room, as a name and as a value.
const MORE: &str = "…";

/// Room that is kept for `,"omitted_fields":18446744073709551615`.
const OMITTED_ROOM: usize = 48;

/// Room that a value of fixed size takes at most, its name aside.
const SCALAR_ROOM: usize = 48;

/// Writes fields one after the other into `out`.
pub(super) struct Fields<'a> {
    pub(super) out: &'a mut Vec<u8>,
    /// Where the names stand in `out`.
    pub(super) names: &'a mut Vec<Range<usize>>,
    pub(super) format: LogFormat,
    /// The length that `out` may reach.
    pub(super) end: usize,
    pub(super) omitted: &'a mut usize,
}

impl Fields<'_> {
    /// Adds a field, unless its name stands already; `write` gets the value's place and the length that `out` may have after it.
    fn field(&mut self, name: &str, write: impl FnOnce(&mut Vec<u8>, usize)) {
        let room = self.end.saturating_sub(self.out.len() + OMITTED_ROOM);
        if self.names.len() >= MAX_FIELDS || !is_name(name) || room < SCALAR_ROOM + MARK_ROOM + name.len() * 6 {
            *self.omitted += 1;
        } else if self.push_name(name) {
            // A long value leaves a quarter of the room to those after it.
            let start = self.out.len();
            write(self.out, start + (self.end - OMITTED_ROOM - start) / 4 * 3);
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

    pub(super) fn signed(&mut self, name: &str, value: i64) {
        self.field(name, |out, _| push_integer(out, value));
    }

    pub(super) fn unsigned(&mut self, name: &str, value: u64) {
        self.field(name, |out, _| push_integer(out, value));
    }

    pub(super) fn float(&mut self, name: &str, value: f64) {
        self.field(name, |out, _| push_float(out, value));
    }

    pub(super) fn boolean(&mut self, name: &str, value: bool) {
        self.field(name, |out, _| push_boolean(out, value));
    }

    /// A text, of which `unseen` more bytes are not shown.
    pub(super) fn text(&mut self, name: &str, text: &str, unseen: usize) {
        self.field(name, |out, end| push_text(out, text, unseen, end));
    }

    pub(super) fn value(&mut self, name: &str, value: &Value) {
        self.field(name, |out, end| push_value(out, value, end, 0));
    }

    /// Tells how many fields found no room.
    pub(super) fn close(&mut self) {
        if *self.omitted > 0 && self.push_name(OMITTED) {
            let _ = write!(self.out, "{}", self.omitted);
        }
    }
}

fn is_name(name: &str) -> bool {
    name.len() <= MAX_NAME && name != OMITTED
}

fn push_name(out: &mut Vec<u8>, name: &str, first: bool) {
    out.extend_from_slice(if first { b"\"" } else { b",\"" });
    escape::push(out, name);
    out.extend_from_slice(b"\":");
}

fn push_integer(out: &mut Vec<u8>, value: impl itoa::Integer) {
    out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}

fn push_float(out: &mut Vec<u8>, value: f64) {
    // JSON knows no NaN and no infinities; serde_json writes them as null.
    let _ = serde_json::to_writer(&mut *out, &value);
}

fn push_boolean(out: &mut Vec<u8>, value: bool) {
    out.extend_from_slice(if value { b"true" } else { b"false" });
}

fn push_text(out: &mut Vec<u8>, text: &str, unseen: usize, end: usize) {
    out.push(b'"');
    let room = end.saturating_sub(out.len() + 1).max(MARK_ROOM);
    escape::push_within(out, text, unseen, room);
    out.push(b'"');
}

/// Writes a value of any shape; what is too deep, too long or too much is marked with `…`.
fn push_value(out: &mut Vec<u8>, value: &Value, end: usize, depth: usize) {
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(value) => push_boolean(out, *value),
        Value::I64(value) => push_integer(out, *value),
        Value::U64(value) => push_integer(out, *value),
        Value::F64(value) => push_float(out, *value),
        Value::Str(text) => push_text(out, text, 0, end),
        Value::List(_) | Value::Map(_) if depth >= MAX_DEPTH => push_quoted(out, MORE),
        Value::List(values) => push_list(out, values, end, depth + 1),
        Value::Map(entries) => push_map(out, entries, end, depth + 1),
    }
}

/// Whether there is room for one more element and for what closes the value.
fn has_room(out: &[u8], written: usize, name: usize, end: usize) -> bool {
    written < MAX_ELEMENTS && out.len() + SCALAR_ROOM + MARK_ROOM * 2 + name * 6 <= end
}

fn push_list(out: &mut Vec<u8>, values: &[Value], end: usize, depth: usize) {
    out.push(b'[');
    for (written, value) in values.iter().enumerate() {
        if written > 0 {
            out.push(b',');
        }
        if !has_room(out, written, 0, end) {
            push_quoted(out, MORE);
            break;
        }
        push_value(out, value, end - MARK_ROOM, depth);
    }
    out.push(b']');
}

fn push_map(out: &mut Vec<u8>, entries: &[(Cow<'static, str>, Value)], end: usize, depth: usize) {
    out.push(b'{');
    let (mut written, mut omitted) = (0, false);
    for (at, (name, value)) in entries.iter().enumerate() {
        if entries.iter().take(at).any(|(earlier, _)| earlier == name) {
            continue;
        }
        if name.len() > MAX_NAME || name == MORE || !has_room(out, written, name.len(), end) {
            omitted = true;
            continue;
        }
        push_name(out, name, written == 0);
        push_value(out, value, end - MARK_ROOM, depth);
        written += 1;
    }
    if omitted {
        push_name(out, MORE, written == 0);
        push_boolean(out, true);
    }
    out.push(b'}');
}

fn push_quoted(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    out.extend_from_slice(text.as_bytes());
    out.push(b'"');
}
