//! Credentials in URLs: `postgres://user:password@host`.

use std::ops::Range;

use super::scan::{end_of_run, places, slice};

/// Finds the user information of each URL.
pub(super) fn find(text: &[u8], found: &mut Vec<Range<usize>>) {
    // The word at hand, and its last `@`: one word may hold many URLs.
    let (mut end, mut last_at) = (0, None);
    for at in places(text, b"://") {
        let start = at + 3;
        if start > end {
            end = end_of_run(text, start, |byte| byte > b' ' && !matches!(byte, b'"' | b'<' | b'>' | b'`'));
            last_at = slice(text, start..end).iter().rposition(|byte| *byte == b'@').map(|at| start + at);
        }
        let at_end = last_at.and_then(|at: usize| at.checked_sub(start));
        if let Some(length) = user_information(slice(text, start..end), at_end) {
            found.push(start..start + length);
        }
    }
}

/// How long the user information is, without its `@`; `last_at` is the last one of the word.
fn user_information(word: &[u8], last_at: Option<usize>) -> Option<usize> {
    let authority = slice(word, 0..end_of_run(word, 0, |byte| !matches!(byte, b'/' | b'?' | b'#')));
    let inside = authority.iter().rposition(|byte| *byte == b'@');
    // A password may hold an unescaped slash; then what follows the colon is no port.
    inside.or_else(|| if has_port_or_none(authority) { None } else { last_at })
}

fn has_port_or_none(authority: &[u8]) -> bool {
    let colon = authority.iter().position(|byte| *byte == b':');
    colon.is_none_or(|colon| {
        authority.first() == Some(&b'[') || slice(authority, colon + 1..authority.len()).iter().all(u8::is_ascii_digit)
    })
}
