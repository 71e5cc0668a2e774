//! What the log shows of a foreign failure's body.

/// The most that is shown, in bytes.
pub(super) const EXCERPT: usize = 1024;

/// The beginning of `body`, which may itself be the beginning of a longer one; `None` where it says nothing.
///
/// The record masks secrets by their shape. One that was torn would have lost it, so the last word goes where anything was cut, and the
/// digits and signs before it.
pub(crate) fn excerpt(body: &[u8], is_whole: bool) -> Option<String> {
    let text = String::from_utf8_lossy(body.get(..EXCERPT).unwrap_or(body));
    let shown = if is_whole && body.len() <= EXCERPT { text.trim().to_owned() } else { format!("{}…", before_the_torn(&text)) };
    (!shown.is_empty()).then_some(shown)
}

fn before_the_torn(text: &str) -> &str {
    let ends_a_word = |sign: char| sign.is_whitespace() || matches!(sign, '"' | '\'' | '`');
    let (words, _torn) = text.split_at(text.rfind(ends_a_word).unwrap_or_default());
    words.trim_end_matches(|sign: char| !sign.is_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> String {
        excerpt(text.as_bytes(), false).unwrap()
    }

    #[test]
    fn what_is_whole_is_shown_whole() {
        assert_eq!(excerpt(b" no such user\n", true).as_deref(), Some("no such user"));
        assert_eq!(excerpt(b" \n", true), None);
        assert_eq!(excerpt(b"\xff", true).as_deref(), Some("\u{fffd}"));
        let (longest, longer) = ("a".repeat(EXCERPT), format!("primero {}", "a".repeat(EXCERPT)));
        assert_eq!(excerpt(longest.as_bytes(), true), Some(longest));
        assert_eq!(excerpt(longer.as_bytes(), true).as_deref(), Some("primero…"));
    }

    #[test]
    fn what_is_torn_is_not_shown() {
        assert_eq!(cut("falla de eyJhbGciOiJIUzI1NiJ9.eyJz"), "falla de…");
        assert_eq!(cut("tarjeta 4111 1111 1111 11"), "tarjeta…");
        assert_eq!(cut("tarjeta 4111-1111-11"), "tarjeta…");
        assert_eq!(cut("a https://ana:cla;ve,1"), "a…");
        assert_eq!(cut("{\"nota\":\"x\",\"tarjeta\":41111111"), "{\"nota\":\"x\",\"tarjeta…");
        assert_eq!(cut("eyJhbGciOiJIUzI1NiJ9"), "…");
        assert!(cut(&"ñ".repeat(EXCERPT)).len() <= EXCERPT + 3);
    }
}
