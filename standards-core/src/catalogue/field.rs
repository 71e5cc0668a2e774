//! How a catalogue's macro takes the fields of an error, whatever their types can do.
//!
//! It writes `(&Field(value)).logged()` with these traits in scope. Of two methods of one name Rust takes the one that needs fewer
//! references: a type's own form where it has one, else what its `Display` writes.

use std::borrow::Cow;
use std::fmt::{self, Debug, Display};

use crate::value::{ToValue, Value};

/// A field of an error.
pub struct Field<'f, T>(pub &'f T);

/// A field that has a form for the log.
pub trait LoggedAsValue {
    /// Its value in the log record's `context`.
    fn logged(&self) -> Value;
}

impl<T: ToValue> LoggedAsValue for Field<'_, T> {
    fn logged(&self) -> Value {
        self.0.to_value()
    }
}

/// A field that can only be written out.
pub trait LoggedAsText {
    /// Its text in the log record's `context`.
    fn logged(&self) -> Value;
}

impl<T: Display> LoggedAsText for &Field<'_, T> {
    fn logged(&self) -> Value {
        Value::Str(Cow::Owned(self.0.to_string()))
    }
}

/// A field that has a form for developers.
pub trait ShownAsDebug<'f> {
    /// What a `Debug` of the error shows of it.
    fn shown(&self) -> &'f dyn Debug;
}

impl<'f, T: Debug> ShownAsDebug<'f> for Field<'f, T> {
    fn shown(&self) -> &'f dyn Debug {
        self.0
    }
}

/// A field that has none.
pub trait ShownAsText<'f> {
    /// The type that shows it.
    type Shown: Debug;

    /// What a `Debug` of the error shows of it.
    fn shown(&self) -> Self::Shown;
}

impl<'f, T: Display> ShownAsText<'f> for &Field<'f, T> {
    type Shown = Text<'f, T>;

    fn shown(&self) -> Text<'f, T> {
        Text(self.0)
    }
}

/// A text without quotes.
pub struct Text<'f, T>(&'f T);

impl<T: Display> Debug for Text<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
