//! What a value looks like to a type that takes it in before it asks for anything.

use std::hash::{DefaultHasher, Hash, Hasher};

use serde::de::Unexpected;

/// The look of a value: the same in a refusal of serde's own as where the value was taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::extract) enum Shown {
    Null,
    Bool(bool),
    Unsigned(u64),
    Signed(i64),
    /// The bits of a float.
    Float(u64),
    /// The hash of a text.
    Text(u64),
    List,
    Object,
}

impl Shown {
    /// That of the value that serde names in an error, where it names one.
    pub(in crate::extract) fn of(unexpected: Unexpected<'_>) -> Option<Self> {
        match unexpected {
            Unexpected::Unit | Unexpected::Option => Some(Self::Null),
            Unexpected::Bool(value) => Some(Self::Bool(value)),
            Unexpected::Unsigned(number) => Some(Self::Unsigned(number)),
            Unexpected::Signed(number) => Some(Self::Signed(number)),
            Unexpected::Float(number) => Some(Self::Float(number.to_bits())),
            Unexpected::Str(text) => Some(Self::text(text)),
            Unexpected::Seq => Some(Self::List),
            Unexpected::Map => Some(Self::Object),
            _ => None,
        }
    }

    pub(in crate::extract) fn text(text: &str) -> Self {
        let mut hasher = DefaultHasher::new();
        text.hash(&mut hasher);
        Self::Text(hasher.finish())
    }

    /// That of a number's text, as `visit_number` shows it.
    pub(in crate::extract) fn number(text: &str) -> Self {
        match (text.parse(), text.parse(), text.parse::<f64>()) {
            (Ok(number), _, _) => Self::Unsigned(number),
            (_, Ok(number), _) => Self::Signed(number),
            (_, _, number) => Self::Float(number.unwrap_or_default().to_bits()),
        }
    }

    /// Whether there is something inside it.
    pub(in crate::extract) const fn is_container(self) -> bool {
        matches!(self, Self::List | Self::Object)
    }
}
