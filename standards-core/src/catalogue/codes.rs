//! Codes that came from elsewhere, known for as long as the process lives.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use super::declare::is_upper_snake_case;

/// The longest code that is taken, in bytes.
const LONGEST: usize = 128;

/// Codes that no catalogue of this process declares: those of another service, or of an outcome that was kept.
///
/// An [`ErrorEntry`](crate::ErrorEntry) holds its code for ever. So each is leaked once, and only so many of at most 128 bytes: what somebody else
/// makes up cannot fill the memory.
///
/// ```
/// use standards_core::catalogue::Codes;
///
/// static CODES: Codes = Codes::at_most(1);
///
/// assert_eq!(CODES.get("SALDO_INSUFICIENTE"), Some("SALDO_INSUFICIENTE"));
/// assert_eq!(CODES.get("no code"), None);
/// assert_eq!(CODES.get("UNO_MAS"), None, "there is room for one");
/// assert_eq!(CODES.get("SALDO_INSUFICIENTE"), Some("SALDO_INSUFICIENTE"));
/// ```
#[derive(Debug)]
pub struct Codes {
    room: usize,
    known: Mutex<BTreeSet<&'static str>>,
}

impl Codes {
    /// None yet, and never more than `room`.
    #[must_use]
    pub const fn at_most(room: usize) -> Self {
        Self { room, known: Mutex::new(BTreeSet::new()) }
    }

    /// The code that `text` is; `None` where it is not `UPPER_SNAKE_CASE`, longer than 128 bytes, or one too many.
    #[must_use]
    pub fn get(&self, text: &str) -> Option<&'static str> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(code) = known.get(text) {
            return Some(code);
        }
        if text.len() > LONGEST || known.len() >= self.room || !is_upper_snake_case(text) {
            return None;
        }
        let code: &'static str = Box::leak(text.into());
        known.insert(code);
        Some(code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_codes_are_kept_and_each_once() {
        let codes = Codes::at_most(2);
        for text in ["", "a", "A B", "A__B", &"A".repeat(129)] {
            assert_eq!(codes.get(text), None, "{text}");
        }
        let long = "A".repeat(128);
        assert!(["X", &long].iter().all(|text| codes.get(text) == Some(text)));
        assert_eq!((codes.get("Y"), codes.get("X")), (None, Some("X")));
    }
}
