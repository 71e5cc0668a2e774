//! Tokens: JSON Web Tokens, and whatever follows `Bearer`.

use std::ops::Range;

use super::scan::{end_of_run, is_delimiter, places, slice};

/// Finds `header.payload.signature` whose header is JSON in base64: it begins with `{"`, `{ ` or `{` and a line break.
pub(super) fn find_web_tokens(text: &[u8], found: &mut Vec<Range<usize>>) {
    const BEGINNINGS: [&[u8]; 4] = [b"eyJ", b"eyA", b"ewo", b"ew0"];
    let mut at = 0;
    while let Some(offset) = slice(text, at..text.len()).windows(3).position(|window| BEGINNINGS.contains(&window)) {
        let start = at + offset;
        let header = end_of_run(text, start, is_base64);
        // Where a header is none, a shorter one with the same end is none either.
        at = header;
        if let Some(end) = end_of_web_token(text, start, header) {
            found.push(start..end);
            at = end;
        }
    }
}

fn end_of_web_token(text: &[u8], start: usize, header: usize) -> Option<usize> {
    if header - start < 8 {
        return None;
    }
    let mut end = header;
    let mut segments = 1;
    while text.get(end) == Some(&b'.') {
        end = end_of_run(text, end + 1, is_base64);
        segments += 1;
    }
    (segments >= 2 && end - header >= 5).then_some(end)
}

const fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'+' | b'=')
}

/// Finds the token after `Bearer`; the word itself stays.
pub(super) fn find_bearers(text: &[u8], found: &mut Vec<Range<usize>>) {
    const WORD: &[u8] = b"bearer";
    let mut found_to = 0;
    for at in places(text, WORD) {
        let after = at + WORD.len();
        let start = end_of_gap(text, after);
        // A word inside a token that was found is part of it.
        if start > after && start >= found_to && begins_token(slice(text, start..text.len())) {
            found_to = end_of_run(text, start, |byte| !is_delimiter(byte));
            found.push(start..found_to);
        }
    }
}

/// Whether what stands after the gap is a token: four bytes at least, and no word.
fn begins_token(rest: &[u8]) -> bool {
    rest.iter().take_while(|byte| !is_delimiter(**byte)).take(4).count() == 4 && !is_word(rest)
}

/// What stands between the word and the token, as it is or in a URL.
fn end_of_gap(text: &[u8], start: usize) -> usize {
    let end = end_of_run(text, start, |byte| matches!(byte, b' ' | b'\t' | b':' | b'+'));
    if slice(text, end..text.len()).starts_with(b"%20") { end + 3 } else { end }
}

/// The words with which sentences about bearer tokens go on.
fn is_word(token: &[u8]) -> bool {
    const WORDS: [&[u8]; 12] = [
        b"authentication",
        b"authorization",
        b"credential",
        b"credentials",
        b"error",
        b"format",
        b"header",
        b"realm",
        b"scheme",
        b"token",
        b"tokens",
        b"auth",
    ];
    let word = slice(token, 0..end_of_run(token, 0, |byte| byte.is_ascii_alphabetic()));
    let ends = token.get(word.len()).is_none_or(|byte| is_delimiter(*byte) || matches!(byte, b'.' | b':' | b'='));
    ends && WORDS.iter().any(|known| word.eq_ignore_ascii_case(known))
}
