//! Secrets in running text that are told by their label: `password=x`, `token: "x"`, `Authorization: Basic x`.

use std::ops::Range;

use super::keys::Keys;
use super::scan::{end_of_run, is_delimiter, slice, start_of_run};

/// Finds the values after labels that `keys` deny.
///
/// After `=` any value counts. After `:` only one in quotes or of digits does, since `email: es obligatorio` is a sentence; but
/// the headers that carry credentials are taken to the end of their line.
pub(super) fn find(text: &[u8], keys: &Keys, found: &mut Vec<Range<usize>>) {
    let mut masked_to = 0;
    for (at, byte) in text.iter().enumerate() {
        if matches!(byte, b'=' | b':')
            && at >= masked_to
            && let Some(label) = label_before(text, at)
            && let Ok(name) = std::str::from_utf8(label)
            && keys.deny(name)
            && let Some(value) = value_after(text, at + 1, *byte == b'=', is_header(label))
        {
            masked_to = value.end;
            found.push(value);
        }
    }
}

/// The word before the sign, out of its quotes.
fn label_before(text: &[u8], sign: usize) -> Option<&[u8]> {
    let end = start_of_run(text, sign, |byte| matches!(byte, b' ' | b'"' | b'\'' | b'\\' | b'`'));
    let start =
        start_of_run(text, end, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.') || byte >= 0x80);
    let is_path = text.get(sign + 1) == Some(&b':') || text.get(sign.wrapping_sub(1)) == Some(&b':');
    (start < end && sign - end <= 3 && !is_path).then(|| slice(text, start..end))
}

fn is_header(label: &[u8]) -> bool {
    const HEADERS: [&[u8]; 4] = [b"authorization", b"proxy-authorization", b"cookie", b"set-cookie"];
    HEADERS.iter().any(|header| label.eq_ignore_ascii_case(header))
}

fn value_after(text: &[u8], sign_end: usize, any: bool, header: bool) -> Option<Range<usize>> {
    let mut start = end_of_run(text, sign_end, |byte| matches!(byte, b' ' | b'\\' | b'=' | b'&'));
    if slice(text, start..text.len()).starts_with(b"Some(") {
        start += 5;
    }
    let value = match text.get(start)? {
        quote @ (b'"' | b'\'' | b'`') => start + 1..end_of_quoted(text, start + 1, *quote),
        _ if header => start..end_of_run(text, start, |byte| !matches!(byte, b'\n' | b'\r' | b'"')),
        _ if any => start..end_of_run(text, start, |byte| !is_delimiter(byte)),
        _ => start..end_of_digits(text, start)?,
    };
    (!value.is_empty()).then_some(value)
}

/// Where a value ends that is of digits only.
fn end_of_digits(text: &[u8], start: usize) -> Option<usize> {
    let end = end_of_run(text, start, |byte| byte.is_ascii_digit());
    text.get(end).is_none_or(|byte| is_delimiter(*byte)).then_some(end)
}

/// The quote that closes: one that no backslash escapes, or that is escaped like the one that opened.
fn end_of_quoted(text: &[u8], start: usize, quote: u8) -> usize {
    let nested = start >= 2 && text.get(start - 2) == Some(&b'\\');
    let mut escaped = false;
    for (at, byte) in slice(text, start..text.len()).iter().enumerate() {
        if *byte == quote && (nested || !escaped) {
            return start + at - usize::from(nested && escaped);
        }
        escaped = *byte == b'\\' && !escaped;
    }
    text.len()
}
