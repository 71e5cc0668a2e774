//! Values, as JSON, within their room.

use std::borrow::Cow;

use super::escape::{self, MARK_ROOM};
use crate::log::redact::{MASK, Name, Redactor};
use crate::value::Value;
use crate::value::bounded::bounded;

/// The longest name, in bytes. A longer one is omitted, not cut: two cut names could be equal.
pub(super) const MAX_NAME: usize = 128;

/// Room that a value of fixed size takes at most, its name aside.
pub(super) const SCALAR_ROOM: usize = 48;

/// The most fields of an object and elements of a list inside a value.
const MAX_ELEMENTS: usize = 64;

/// How deep a value may be nested.
const MAX_DEPTH: usize = 8;

/// What stands for elements that found no room, as a name and as a value.
const MORE: &str = "…";

/// Writes values; `end` is the length that `out` may have after one.
pub(super) struct Values<'a> {
    pub(super) out: &'a mut Vec<u8>,
    pub(super) redactor: &'a Redactor,
}

impl Values<'_> {
    pub(super) fn signed(&mut self, value: i64) {
        if self.redactor.denies_number(value.unsigned_abs()) {
            self.quoted(MASK);
        } else {
            self.integer(value);
        }
    }

    pub(super) fn unsigned(&mut self, value: u64) {
        if self.redactor.denies_number(value) {
            self.quoted(MASK);
        } else {
            self.integer(value);
        }
    }

    fn integer(&mut self, value: impl itoa::Integer) {
        self.out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
    }

    /// JSON knows no NaN and no infinities; `serde_json` writes them as null.
    pub(super) fn float(&mut self, value: f64) {
        if self.redactor.denies_number(whole(value)) {
            self.quoted(MASK);
        } else {
            let _ = serde_json::to_writer(&mut *self.out, &value);
        }
    }

    pub(super) fn boolean(&mut self, value: bool) {
        self.out.extend_from_slice(if value { b"true" } else { b"false" });
    }

    /// A text, of which `unseen` more bytes follow.
    pub(super) fn text(&mut self, text: &str, unseen: usize, end: usize) {
        let (text, more) = bounded(text);
        self.out.push(b'"');
        let room = end.saturating_sub(self.out.len() + 1).max(MARK_ROOM);
        escape::push_within(self.out, &self.redactor.clean(text), unseen + more, room);
        self.out.push(b'"');
    }

    /// A text of our own that needs no escape.
    pub(super) fn quoted(&mut self, text: &str) {
        self.out.push(b'"');
        self.out.extend_from_slice(text.as_bytes());
        self.out.push(b'"');
    }

    /// A value of any shape; what is too deep, too long or too much is marked with `…`.
    pub(super) fn value(&mut self, value: &Value, end: usize, depth: usize) {
        match value {
            Value::Null => self.out.extend_from_slice(b"null"),
            Value::Bool(value) => self.boolean(*value),
            Value::I64(value) => self.signed(*value),
            Value::U64(value) => self.unsigned(*value),
            Value::F64(value) => self.float(*value),
            Value::Str(text) => self.text(text, 0, end),
            Value::List(_) | Value::Map(_) if depth >= MAX_DEPTH => self.quoted(MORE),
            Value::List(values) => self.list(values, end, depth + 1),
            Value::Map(entries) => self.map(entries, end, depth + 1),
        }
    }

    /// Whether there is room for one more element and for what closes the value.
    fn has_room(&self, written: usize, name: usize, end: usize) -> bool {
        written < MAX_ELEMENTS && self.out.len() + SCALAR_ROOM + MARK_ROOM * 2 + name * 6 <= end
    }

    fn list(&mut self, values: &[Value], end: usize, depth: usize) {
        self.out.push(b'[');
        for (written, value) in values.iter().enumerate() {
            if written > 0 {
                self.out.push(b',');
            }
            if !self.has_room(written, 0, end) {
                self.quoted(MORE);
                break;
            }
            self.value(value, end - MARK_ROOM, depth);
        }
        self.out.push(b']');
    }

    fn map(&mut self, entries: &[(Cow<'static, str>, Value)], end: usize, depth: usize) {
        self.out.push(b'{');
        let (mut written, mut omitted) = (0, false);
        for (at, (name, value)) in entries.iter().enumerate() {
            if entries.iter().take(at).any(|(earlier, _)| earlier == name) {
                continue;
            }
            if !self.is_name(name) || !self.has_room(written, name.len(), end) {
                omitted = true;
                continue;
            }
            self.entry(name, value, written == 0, end - MARK_ROOM, depth);
            written += 1;
        }
        if omitted {
            self.name(MORE, written == 0);
            self.boolean(true);
        }
        self.out.push(b'}');
    }

    /// A name that is too long, or holds a secret itself, is omitted: two that were cut or masked could be equal.
    fn is_name(&self, name: &str) -> bool {
        name.len() <= MAX_NAME && name != MORE && !self.redactor.holds_secret(name)
    }

    fn entry(&mut self, name: &str, value: &Value, first: bool, end: usize, depth: usize) {
        self.name(name, first);
        let hides_nothing = matches!(value, Value::Null | Value::Bool(_));
        if Name::new(name, self.redactor).is_secret && !hides_nothing {
            self.quoted(MASK);
        } else {
            self.value(value, end, depth);
        }
    }

    fn name(&mut self, name: &str, first: bool) {
        self.out.extend_from_slice(if first { b"\"" } else { b",\"" });
        escape::push(self.out, name);
        self.out.extend_from_slice(b"\":");
    }
}

/// The digits before the point, where they could be those of a card.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range is checked")]
const fn whole(value: f64) -> u64 {
    let value = value.abs();
    if value >= 1e12 && value < 1e19 { value as u64 } else { 0 }
}
