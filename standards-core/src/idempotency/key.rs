//! The text under which a client's request is done once.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use super::IdempotencyError;

const MAX_LENGTH: usize = 255;

/// A client's key for a request that must be done once: 1 to 255 visible ASCII characters without comma.
///
/// Surrounding quotes are dropped (`"abc"` is `abc`); case counts. A comma is what a proxy makes of two headers, so it is no part of a
/// key. Cheap to clone, and neither `Debug` nor anything else shows it.
///
/// ```
/// use standards_core::idempotency::Key;
///
/// assert_eq!("\"abc\"".parse::<Key>(), "abc".parse());
/// assert!("a b".parse::<Key>().is_err());
/// assert_eq!(format!("{:?}", "abc".parse::<Key>()?), "Key(..)");
/// # Ok::<(), standards_core::idempotency::IdempotencyError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Key(Arc<str>);

impl Key {
    /// The key, without quotes.
    /// It is for a store's column; a log has no use for it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Key {
    type Err = IdempotencyError;

    fn from_str(text: &str) -> Result<Self, IdempotencyError> {
        let bare = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
        let allowed = |byte: u8| byte.is_ascii_graphic() && byte != b',';
        if (1..=MAX_LENGTH).contains(&bare.len()) && bare.bytes().all(allowed) {
            return Ok(Self(bare.into()));
        }
        Err(IdempotencyError::InvalidKey)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<String, IdempotencyError> {
        text.parse::<Key>().map(|key| key.as_str().to_owned())
    }

    #[test]
    fn a_key_is_read_with_or_without_quotes() {
        for (text, key) in [("abc", "abc"), ("\"abc\"", "abc"), ("Abc", "Abc"), ("!~{}'\"", "!~{}'\""), ("\"", "\"")] {
            assert_eq!(read(text).as_deref(), Ok(key), "{text}");
        }
        assert!(read(&"a".repeat(255)).is_ok());
        assert!(read(&format!("\"{}\"", "a".repeat(255))).is_ok());
    }

    #[test]
    fn anything_else_is_refused() {
        for text in ["", "\"\"", "a b", "a\tb", "a,b", "\"a\",\"b\"", "é", &"a".repeat(256)] {
            assert_eq!(read(text), Err(IdempotencyError::InvalidKey), "{text:?}");
        }
    }
}
