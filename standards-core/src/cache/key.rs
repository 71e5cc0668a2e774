//! The text of a key, without memory of its own.

use std::fmt::{self, Display, Write as _};
use std::str;
use std::sync::Arc;

/// The longest key, in bytes; what has a longer one is loaded and not kept.
pub const MAX_KEY: usize = 512;

/// A key as text on the stack: a hit allocates nothing.
pub(super) struct KeyText {
    bytes: [u8; MAX_KEY],
    length: usize,
}

impl KeyText {
    /// `None` of one that is too long.
    pub(super) fn of(key: &(impl Display + ?Sized)) -> Option<Self> {
        let mut text = Self { bytes: [0; MAX_KEY], length: 0 };
        write!(text, "{key}").ok()?;
        Some(text)
    }

    pub(super) fn as_str(&self) -> &str {
        let written = self.bytes.get(..self.length).unwrap_or_default();
        // Whole texts were copied, so this is one.
        str::from_utf8(written).unwrap_or_default()
    }
}

impl From<KeyText> for Arc<str> {
    fn from(key: KeyText) -> Self {
        key.as_str().into()
    }
}

impl fmt::Write for KeyText {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        let end = self.length + part.len();
        let room = self.bytes.get_mut(self.length..end).ok_or(fmt::Error)?;
        room.copy_from_slice(part.as_bytes());
        self.length = end;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_the_text_of_its_value_up_to_the_bound() {
        let longest = "ñ".repeat(MAX_KEY / 2);
        for key in ["", "42", longest.as_str()] {
            assert_eq!(KeyText::of(key).unwrap().as_str(), key);
        }
        assert_eq!(KeyText::of(&-7).unwrap().as_str(), "-7");
        assert!(KeyText::of(&format!("{longest}a")).is_none());
    }
}
