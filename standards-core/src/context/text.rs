//! A text that is kept for as long as a request lasts.

use std::fmt;
use std::sync::Arc;

use arrayvec::ArrayString;

/// A text that stands in its place where it has `N` bytes at most, as nearly every id, path and route has: each allocation that a request does
/// without is one that is not freed either.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) enum Text<const N: usize> {
    Short(ArrayString<N>),
    /// Never a short one, so that equal texts are equal.
    Long(Arc<str>),
}

impl<const N: usize> Text<N> {
    pub(super) fn as_str(&self) -> &str {
        match self {
            Self::Short(text) => text,
            Self::Long(text) => text,
        }
    }
}

impl<const N: usize> From<&str> for Text<N> {
    fn from(text: &str) -> Self {
        ArrayString::from(text).map_or_else(|_| Self::Long(text.into()), Self::Short)
    }
}

impl<const N: usize> fmt::Debug for Text<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_of_any_length_is_itself() {
        for text in ["", "abcd", "abcde", "ññ", "ñññ"] {
            let kept = Text::<4>::from(text);
            assert_eq!((kept.as_str(), matches!(kept, Text::Short(_))), (text, text.len() <= 4));
            assert_eq!((format!("{kept:?}"), &kept), (format!("{text:?}"), &Text::from(text)));
        }
        assert_ne!(Text::<4>::from("abcd"), Text::from("abcde"));
    }
}
