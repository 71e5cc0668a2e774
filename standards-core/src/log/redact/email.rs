//! E-mail addresses.

use std::ops::Range;

use super::scan::{end_of_run, slice, start_of_run};

/// Finds addresses, also with `%40` in the place of `@`, as they stand in a path.
pub(super) fn find(text: &[u8], found: &mut Vec<Range<usize>>) {
    let mut start = 0;
    for (at, byte) in text.iter().enumerate() {
        let sign = match byte {
            b'@' => 1,
            b'%' if slice(text, at..at + 3) == b"%40" => 3,
            _ => {
                start = if is_local(*byte) { start } else { at + 1 };
                continue;
            }
        };
        let end = end_of_domain(text, at + sign);
        if start < at && is_domain(slice(text, at + sign..end)) {
            found.push(start..end);
        }
        start = if is_local(*byte) { start } else { at + 1 };
    }
}

const fn is_local(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || byte >= 0x80
        || matches!(byte, b'.' | b'_' | b'+' | b'-' | b'%' | b'\'' | b'!' | b'#' | b'$' | b'*' | b'~')
}

/// A full stop that ends the sentence is no part of it.
fn end_of_domain(text: &[u8], start: usize) -> usize {
    let end = end_of_run(text, start, |byte| byte.is_ascii_alphanumeric() || byte >= 0x80 || matches!(byte, b'.' | b'-'));
    let trimmed = slice(text, start..end).iter().rposition(|byte| !matches!(byte, b'.' | b'-'));
    trimmed.map_or(start, |last| start + last + 1)
}

/// Labels joined by dots, the last one of letters.
fn is_domain(domain: &[u8]) -> bool {
    let last = start_of_run(domain, domain.len(), |byte| byte != b'.');
    let top = slice(domain, last..domain.len());
    last > 1 && top.len() >= 2 && top.iter().all(|byte| byte.is_ascii_alphabetic() || *byte >= 0x80)
}
