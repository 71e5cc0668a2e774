//! Values that do not show themselves.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::MASK;
use crate::value::{ToValue, Value};

/// A value that `Debug`, `Display`, `Serialize` and the log never show.
///
/// ```
/// use standards_core::log::Sensitive;
///
/// #[derive(Debug)]
/// struct Cliente { id: i64, nombre: Sensitive<String> }
///
/// let cliente = Cliente { id: 1, nombre: Sensitive::new("Ana".to_owned()) };
/// assert_eq!(format!("{cliente:?}"), "Cliente { id: 1, nombre: [redacted] }");
/// assert_eq!(cliente.nombre.expose(), "Ana");
/// ```
///
/// # Example: the last characters, so that a person can tell which one
///
/// ```
/// use standards_core::log::Sensitive;
///
/// let card = Sensitive::showing_last("4111111111111111", 4);
/// assert_eq!(card.to_string(), "[redacted]1111");
/// assert_eq!(Sensitive::showing_last("1234", 4).to_string(), "[redacted]");
/// ```
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Sensitive<T> {
    value: T,
    tail: String,
}

impl<T> Sensitive<T> {
    /// Shows nothing of `value`.
    pub const fn new(value: T) -> Self {
        Self { value, tail: String::new() }
    }

    /// The value itself, for the code that works with it.
    pub const fn expose(&self) -> &T {
        &self.value
    }

    /// The value itself, taken out.
    ///
    /// ```
    /// use standards_core::log::Sensitive;
    ///
    /// assert_eq!(Sensitive::new("Ana".to_owned()).into_exposed(), "Ana");
    /// ```
    pub fn into_exposed(self) -> T {
        self.value
    }
}

impl<T: AsRef<str>> Sensitive<T> {
    /// Shows the last `count` characters of `value`, unless that would be more than a third of it.
    pub fn showing_last(value: T, count: usize) -> Self {
        let text = value.as_ref();
        let length = text.chars().count();
        let tail = if length < count.saturating_mul(3) { String::new() } else { text.chars().skip(length - count).collect() };
        Self { value, tail }
    }
}

impl<T> fmt::Display for Sensitive<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{MASK}{}", self.tail)
    }
}

impl<T> fmt::Debug for Sensitive<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<T> From<T> for Sensitive<T> {
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

impl<T> Serialize for Sensitive<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Sensitive<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Self::new)
    }
}

impl<T> ToValue for Sensitive<T> {
    fn to_value(&self) -> Value {
        Value::Str(self.to_string().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_shows_it() {
        let secret: Sensitive<String> = serde_json::from_str(r#""hunter2""#).unwrap();
        assert_eq!(secret.expose(), "hunter2");
        assert_eq!(serde_json::to_string(&secret).unwrap(), r#""[redacted]""#);
        assert_eq!(format!("{secret} {secret:?} {secret:#?}"), "[redacted] [redacted] [redacted]");
        assert_eq!(secret.to_value(), Value::from("[redacted]"));
    }
}
