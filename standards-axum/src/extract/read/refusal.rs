//! The error of our deserialisers: a reason and a place instead of a sentence.

use std::fmt::{self, Display};

use serde::de::{self, Expected, Unexpected};
use standards_core::validation;

use super::place::{FieldPath, Segment};
use super::shown::Shown;
use crate::extract::reason::{Bounds, Form, Kind, Reason};

/// Why, and where, reading stopped.
#[derive(Debug)]
pub(in crate::extract) struct Refusal {
    reason: Reason,
    /// The steps to the place, the innermost first.
    steps: Vec<Segment>,
    /// The value, where serde's own error names it.
    shown: Option<Shown>,
}

/// A refusal as the search looks at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::extract) struct Complaint {
    /// The steps from the root to what was refused, or to what it is in.
    pub(in crate::extract) path: FieldPath,
    pub(in crate::extract) reason: Reason,
    pub(in crate::extract) shown: Option<Shown>,
}

impl Refusal {
    pub(in crate::extract) fn under_key(self, key: &str) -> Self {
        self.under(Segment::Key(key.into()))
    }

    pub(in crate::extract) fn under_index(self, index: usize) -> Self {
        self.under(Segment::Index(index))
    }

    fn under(self, segment: Segment) -> Self {
        let mut refusal = self.inside();
        refusal.steps.push(segment);
        refusal
    }

    /// A field that is missing is missing inside the value at hand.
    fn inside(mut self) -> Self {
        if let (Reason::Missing(field), []) = (&self.reason, self.steps.as_slice()) {
            self.steps.push(Segment::Key((*field).into()));
        }
        self
    }

    /// Blames the field rather than its object, when the object said so while it stood at the entry `key`, after `before` others
    /// of that key.
    pub(in crate::extract) fn in_object(mut self, key: &str, before: usize) -> Self {
        match self.reason {
            _ if !self.steps.is_empty() => self,
            Reason::UnknownField => self.under_key(key),
            Reason::Repeated(_) => {
                self.reason = Reason::Repeated(before);
                self.under_key(key)
            }
            _ => self.inside(),
        }
    }

    /// The place, from the root, and the reason.
    pub(in crate::extract) fn into_complaint(self) -> Complaint {
        let Self { reason, mut steps, shown } = self.inside();
        steps.reverse();
        Complaint { path: FieldPath(steps), reason, shown }
    }

    fn about(self, value: Unexpected<'_>) -> Self {
        Self { shown: Shown::of(value), ..self }
    }

    /// Tells what was refused as a whole by what is `expected`, where that is known and says more.
    pub(super) fn expecting(mut self, expected: &str) -> Self {
        if self.steps.is_empty() {
            self.reason = in_words(self.reason, expected);
        }
        self
    }
}

/// The reason, or a better one that what is `expected` gives.
fn in_words(reason: Reason, expected: &str) -> Reason {
    match reason {
        Reason::Type(_) | Reason::Invalid => Form::of(expected).map_or(reason, Reason::Form),
        Reason::Range(None) => Reason::Range(Bounds::of(expected)),
        told => told,
    }
}

impl From<Reason> for Refusal {
    fn from(reason: Reason) -> Self {
        Self { reason, steps: Vec::new(), shown: None }
    }
}

impl From<Kind> for Refusal {
    fn from(expected: Kind) -> Self {
        Reason::Type(expected).into()
    }
}

impl de::Error for Refusal {
    fn custom<T: Display>(message: T) -> Self {
        validation::reason(&message).map_or(Reason::Invalid, Reason::Own).into()
    }

    fn invalid_type(unexpected: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let expected = expected.to_string();
        let reason = match (unexpected, Bounds::of(&expected)) {
            // An integer of 128 bits, to a type that has no name for it.
            (Unexpected::Other(_), Some(bounds)) => Reason::Range(Some(bounds)),
            _ => Kind::of_expectation(&expected).map_or(Reason::Invalid, Reason::Type),
        };
        Self::from(in_words(reason, &expected)).about(unexpected)
    }

    fn invalid_value(unexpected: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let reason = match unexpected {
            // Integers of 128 bits are an `Other`.
            Unexpected::Signed(_) | Unexpected::Unsigned(_) | Unexpected::Float(_) | Unexpected::Other(_) => Reason::Range(None),
            _ => Reason::Invalid,
        };
        Self::from(in_words(reason, &expected.to_string())).about(unexpected)
    }

    fn invalid_length(_: usize, _: &dyn Expected) -> Self {
        Reason::Length.into()
    }

    fn unknown_variant(variant: &str, allowed: &'static [&'static str]) -> Self {
        Self::from(Reason::Variant(allowed)).about(Unexpected::Str(variant))
    }

    fn unknown_field(_: &str, _: &'static [&'static str]) -> Self {
        Reason::UnknownField.into()
    }

    fn missing_field(field: &'static str) -> Self {
        Reason::Missing(field).into()
    }

    fn duplicate_field(_: &'static str) -> Self {
        Reason::Repeated(1).into()
    }
}

impl Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} at {:?}", self.reason, self.steps)
    }
}

impl std::error::Error for Refusal {}
