//! Values, as JSON, within their room.

use std::borrow::Cow;

use super::escape::{self, MARK_ROOM};
use super::names;
use super::uniform::{Look, Types};
use crate::log::redact::{MASK, Redactor};
use crate::value::Value;

/// The longest name, in bytes. A longer one is omitted, not cut: two cut names could be equal.
pub(super) const MAX_NAME: usize = 128;

/// Room that a value of fixed size takes at most, its name aside.
pub(super) const SCALAR_ROOM: usize = 48;

/// The most fields of an object and elements of a list inside a value.
pub(super) const MAX_ELEMENTS: usize = 64;

/// How deep a value may be nested.
pub(super) const MAX_DEPTH: usize = 8;

/// What stands for elements that found no room, as a name and as a value.
const MORE: &str = "…";

/// Writes values; `end` is the length that `out` may have after one.
pub(super) struct Values<'a> {
    pub(super) out: &'a mut Vec<u8>,
    pub(super) redactor: &'a Redactor,
    /// How many lists lost elements and have no place to say so.
    pub(super) omitted: usize,
}

impl Values<'_> {
    pub(super) fn signed(&mut self, value: i64) {
        if self.redactor.denies_number(value.unsigned_abs()) {
            self.quoted(MASK);
        } else {
            self.integer(value);
        }
    }

    /// A text where it is too large for a signed number: an index has no other.
    pub(super) fn unsigned(&mut self, value: u64) {
        match i64::try_from(value) {
            Ok(value) => self.signed(value),
            Err(_) => self.quoted(itoa::Buffer::new().format(value)),
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

    /// As `float` writes a thousandth of it: without zeros at its end, but one decimal at least.
    pub(super) fn thousandths(&mut self, thousandths: u64) {
        self.integer(thousandths / 1000);
        let digit = |place: u64| b'0' + (thousandths / place % 10).to_le_bytes()[0];
        let decimals = [digit(100), digit(10), digit(1)];
        let shown = decimals.iter().rposition(|digit| *digit != b'0').map_or(1, |last| last + 1);
        self.out.push(b'.');
        self.out.extend_from_slice(decimals.get(..shown).unwrap_or_default());
    }

    pub(super) fn boolean(&mut self, value: bool) {
        self.out.extend_from_slice(if value { b"true" } else { b"false" });
    }

    /// A text, of which `unseen` more bytes follow.
    pub(super) fn text(&mut self, text: &str, unseen: usize, end: usize) {
        self.out.push(b'"');
        let room = end.saturating_sub(self.out.len() + 1).max(MARK_ROOM);
        escape::push_clean(self.out, text, unseen, room, self.redactor);
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

    /// A list whose elements no one field can hold is a list of texts.
    fn list(&mut self, values: &[Value], end: usize, depth: usize) {
        let types = Look { redactor: self.redactor }.common(values, depth);
        self.out.push(b'[');
        for (written, value) in values.iter().enumerate() {
            if !self.has_room(written, 0, end) {
                self.mark_more(written == 0, types.unwrap_or(Types::TEXT));
                break;
            }
            self.out.extend_from_slice(if written > 0 { b"," } else { b"" });
            if types.is_some() {
                self.value(value, end - MARK_ROOM, depth);
            } else {
                self.as_text(value, end - MARK_ROOM, depth);
            }
        }
        self.out.push(b']');
    }

    /// Says that elements are missing, by an element of the others' type. Among numbers there is none.
    fn mark_more(&mut self, first: bool, types: Types) {
        if !types.are_texts() && !types.are_objects() {
            self.omitted += 1;
            return;
        }
        self.out.extend_from_slice(if first { b"" } else { b"," });
        if types.are_texts() {
            self.quoted(MORE);
        } else {
            self.out.push(b'{');
            self.name(MORE, true);
            self.out.extend_from_slice(b"true}");
        }
    }

    /// What is no text yet, as the text of its JSON.
    fn as_text(&mut self, value: &Value, end: usize, depth: usize) {
        if matches!(value, Value::Null | Value::Str(_)) {
            return self.value(value, end, depth);
        }
        let mut json = Vec::new();
        let mut values = Values { out: &mut json, redactor: self.redactor, omitted: 0 };
        values.value(value, end.saturating_sub(self.out.len()), depth);
        self.omitted += values.omitted;
        let json = String::from_utf8_lossy(&json);
        self.text(json.trim_matches('"'), 0, end);
    }

    fn map(&mut self, entries: &[(Cow<'static, str>, Value)], end: usize, depth: usize) {
        self.out.push(b'{');
        let (mut written, mut omitted) = (0, false);
        for (at, (name, value)) in entries.iter().enumerate() {
            if entries.iter().take(at).any(|(earlier, _)| names::are_one(earlier, name)) {
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
        if self.redactor.denies(name) && !hides_nothing(value) {
            self.quoted(MASK);
        } else {
            self.value(value, end, depth);
        }
    }

    fn name(&mut self, name: &str, first: bool) {
        self.out.extend_from_slice(if first { b"\"" } else { b",\"" });
        names::push(self.out, name);
        self.out.extend_from_slice(b"\":");
    }
}

/// Whether a mask stands in the value's place, whatever its name.
pub(super) fn is_masked(value: &Value, redactor: &Redactor) -> bool {
    match value {
        Value::I64(value) => redactor.denies_number(value.unsigned_abs()),
        Value::U64(value) => redactor.denies_number(*value),
        Value::F64(value) => redactor.denies_number(whole(*value)),
        _ => false,
    }
}

/// A yes or no hides nothing: `email_enviado` is no e-mail.
pub(super) const fn hides_nothing(value: &Value) -> bool {
    matches!(value, Value::Null | Value::Bool(_))
}

/// The digits before the point, where they could be those of a card.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range is checked")]
const fn whole(value: f64) -> u64 {
    let value = value.abs();
    if value >= 1e13 && value < 1e19 { value as u64 } else { 0 }
}
