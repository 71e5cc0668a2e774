//! Percent-encoding, strictly: what does not decode is refused, never guessed.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

/// Whether every `%` is followed by two hexadecimal digits.
pub(in crate::extract) fn is_well_formed(text: &str) -> bool {
    text.split('%').skip(1).all(|rest| matches!(rest.as_bytes(), [a, b, ..] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit()))
}

/// Decodes a name or a value of a query; `None` for a broken escape or bytes that are not UTF-8.
pub(in crate::extract) fn decode(text: &str) -> Option<Cow<'_, str>> {
    if !is_well_formed(text) {
        return None;
    }
    if !text.contains('+') {
        return percent_decode_str(text).decode_utf8().ok();
    }
    let spaced = text.replace('+', " ");
    percent_decode_str(&spaced).decode_utf8().ok().map(|decoded| Cow::Owned(decoded.into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_decode_is_nothing() {
        assert_eq!(decode("a%20b+c%C3%B1").as_deref(), Some("a b cñ"));
        for broken in ["%", "%2", "%zz", "a%f", "%ff", "%C3", "%+1", "%ñ"] {
            assert_eq!(decode(broken), None, "{broken}");
        }
    }
}
