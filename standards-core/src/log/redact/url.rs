//! Credentials in URLs: `postgres://user:password@host`.

use std::ops::Range;

use super::scan::{end_of_run, places, slice};

/// Finds the user information of each URL.
pub(super) fn find(text: &[u8], found: &mut Vec<Range<usize>>) {
    for at in places(text, b"://") {
        let start = at + 3;
        let word = slice(text, start..end_of_run(text, start, |byte| byte > b' ' && !matches!(byte, b'"' | b'<' | b'>' | b'`')));
        if let Some(length) = user_information(word) {
            found.push(start..start + length);
        }
    }
}

/// How long the user information is, without its `@`.
fn user_information(word: &[u8]) -> Option<usize> {
    let authority = slice(word, 0..end_of_run(word, 0, |byte| !matches!(byte, b'/' | b'?' | b'#')));
    let inside = authority.iter().rposition(|byte| *byte == b'@');
    // A password may hold an unescaped slash; then what follows the colon is no port.
    inside.or_else(|| if has_port_or_none(authority) { None } else { word.iter().rposition(|byte| *byte == b'@') })
}

fn has_port_or_none(authority: &[u8]) -> bool {
    let colon = authority.iter().position(|byte| *byte == b':');
    colon.is_none_or(|colon| {
        authority.first() == Some(&b'[') || slice(authority, colon + 1..authority.len()).iter().all(u8::is_ascii_digit)
    })
}
