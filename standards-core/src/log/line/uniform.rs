//! Whether the elements of a list may stand side by side in an index, where a field has one type.

use std::collections::BTreeMap;

use super::names;
use super::values::{MAX_DEPTH, MAX_ELEMENTS, hides_nothing, is_masked};
use crate::log::redact::Redactor;
use crate::value::Value;

/// What the elements of a list are to an index.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Types(u8);

impl Types {
    const BOOLEAN: Self = Self(1);
    const WHOLE: Self = Self(2);
    /// A fraction that a field of whole numbers takes too.
    const FRACTION: Self = Self(4);
    /// A fraction beyond whole numbers' range.
    const VAST: Self = Self(8);
    pub(super) const TEXT: Self = Self(16);
    const OBJECT: Self = Self(32);

    const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    const fn are_within(self, other: Self) -> bool {
        self.0 | other.0 == other.0
    }

    /// Whether one field can hold them all.
    const fn agree(self) -> bool {
        self.0.count_ones() <= 1
            || self.are_within(Self::WHOLE.and(Self::FRACTION))
            || self.are_within(Self::FRACTION.and(Self::VAST))
    }

    /// Whether they are texts, and not nothing at all.
    pub(super) fn are_texts(self) -> bool {
        self == Self::TEXT
    }

    pub(super) fn are_objects(self) -> bool {
        self == Self::OBJECT
    }
}

/// Looks at values as they will be written.
#[derive(Clone, Copy)]
pub(super) struct Look<'a> {
    pub(super) redactor: &'a Redactor,
}

impl<'a> Look<'a> {
    /// The types of a list's elements; `None` where no one field can hold them. A list within is no type of its own.
    pub(super) fn common(self, values: &'a [Value], depth: usize) -> Option<Types> {
        let types = self.of_all(values, depth);
        let fits = types.agree() && (!types.are_objects() || self.fields_agree(values, depth));
        fits.then_some(types)
    }

    fn of_all(self, values: &[Value], depth: usize) -> Types {
        values.iter().take(MAX_ELEMENTS).fold(Types::default(), |types, value| types.and(self.of(value, depth)))
    }

    fn of(self, value: &Value, depth: usize) -> Types {
        match value {
            Value::Null => Types::default(),
            Value::Bool(_) => Types::BOOLEAN,
            Value::I64(_) | Value::U64(_) | Value::F64(_) => self.of_number(value),
            Value::Str(_) => Types::TEXT,
            Value::List(_) | Value::Map(_) if depth >= MAX_DEPTH => Types::TEXT,
            Value::List(values) => self.of_all(values, depth + 1),
            Value::Map(_) => Types::OBJECT,
        }
    }

    fn of_number(self, number: &Value) -> Types {
        match number {
            Value::F64(number) if !number.is_finite() => Types::default(),
            number if is_masked(number, self.redactor) => Types::TEXT,
            Value::U64(number) if i64::try_from(*number).is_err() => Types::TEXT,
            Value::F64(number) if number.abs() < 9e18 => Types::FRACTION,
            Value::F64(_) => Types::VAST,
            _ => Types::WHOLE,
        }
    }

    /// Whether the fields of one name agree in all the objects of a list.
    fn fields_agree(self, values: &[Value], depth: usize) -> bool {
        let mut fields = BTreeMap::new();
        values.iter().take(MAX_ELEMENTS).for_each(|value| self.gather(value, "", depth, &mut fields));
        fields.values().all(|types: &Types| types.agree())
    }

    /// Adds the types of all that stands under `path`.
    fn gather(self, value: &Value, path: &str, depth: usize, fields: &mut BTreeMap<String, Types>) {
        match value {
            Value::List(_) | Value::Map(_) if depth >= MAX_DEPTH => {}
            Value::List(values) => values.iter().take(MAX_ELEMENTS).for_each(|value| self.gather(value, path, depth + 1, fields)),
            Value::Map(entries) => {
                for (name, value) in entries {
                    let path = format!("{path}.{}", names::written(name));
                    let masked = self.redactor.denies(name) && !hides_nothing(value);
                    let types = if masked { Types::TEXT } else { self.of(value, depth + 1) };
                    let all = fields.entry(path.clone()).or_default();
                    *all = all.and(types);
                    if !masked {
                        self.gather(value, &path, depth + 1, fields);
                    }
                }
            }
            _ => {}
        }
    }
}
