//! The fields that a service adds to every record of a request.

use std::borrow::Cow;

use crate::value::Value;

/// The most fields that are added to one request.
pub(super) const MAX_ADDED: usize = 32;

/// The most that one of them holds, in bytes; it stands in every record.
pub(crate) const MAX_VALUE: usize = 1024;

/// The longest name.
const MAX_NAME: usize = 128;

/// A field: its name and its value.
pub(crate) type Field = (Cow<'static, str>, Value);

/// Fields, the last value of each.
#[derive(Debug, Default)]
pub(super) struct Added {
    pub(super) fields: Vec<Field>,
    /// How many found no room.
    pub(super) omitted: usize,
}

impl Added {
    pub(super) fn set(&mut self, name: Cow<'static, str>, value: Value) {
        let Some(value) = within_bounds(value).filter(|_| name.len() <= MAX_NAME) else {
            self.omitted += 1;
            return;
        };
        if let Some((_, earlier)) = self.fields.iter_mut().find(|(earlier, _)| is_same(earlier, &name)) {
            *earlier = value;
        } else if self.fields.len() < MAX_ADDED {
            self.fields.push((name, value));
        } else {
            self.omitted += 1;
        }
    }
}

/// Whether two names are one in a record, where a dot is written `_`.
fn is_same(name: &str, other: &str) -> bool {
    let written = |byte: u8| if byte == b'.' { b'_' } else { byte };
    name.bytes().map(written).eq(other.bytes().map(written))
}

/// The value, where it is small enough to be repeated. Of a longer text the length is told, not its beginning: a torn secret has no shape to
/// be masked by. Of a longer list or object nothing is left, since a text in its place would be another type to an index.
pub(crate) fn within_bounds(value: Value) -> Option<Value> {
    match (weight(&value), &value) {
        (..=MAX_VALUE, _) => Some(value),
        (length, Value::Str(_)) => Some(Value::Str(format!("…[+{length} bytes]").into())),
        _ => None,
    }
}

fn weight(value: &Value) -> usize {
    match value {
        Value::Str(text) => text.len(),
        Value::List(values) => values.iter().map(|value| weight(value) + 8).sum(),
        Value::Map(entries) => entries.iter().map(|(name, value)| name.len() + weight(value) + 8).sum(),
        _ => 8,
    }
}
