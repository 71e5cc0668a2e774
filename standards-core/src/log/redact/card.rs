//! Card numbers in a text: 14 to 19 digits of an issuer's, in one run or in groups.

use std::iter::successors;
use std::ops::Range;

use super::issuer::is_card_number;
use super::scan::{end_of_run, slice, start_of_run};

/// A number with more digits is no card's.
const MOST: usize = 19;

/// How many separators may stand between two groups: ` - ` has three.
const WIDEST_GAP: usize = 3;

/// Finds card numbers, in one run of digits or in groups as they are printed.
pub(super) fn find(text: &str, found: &mut Vec<Range<usize>>) {
    let mut at = 0;
    while let Some(first) = run_from(text, at) {
        let card = longest_card(text, &first).filter(|range| !is_part_of_another(text.as_bytes(), range));
        at = card.as_ref().map_or_else(|| end_of_gap(text, first.end).unwrap_or(first.end), |range| range.end);
        found.extend(card);
    }
}

/// The next run of digits.
fn run_from(text: &str, at: usize) -> Option<Range<usize>> {
    let start = at + slice(text.as_bytes(), at..text.len()).iter().position(u8::is_ascii_digit)?;
    Some(start..end_of_run(text.as_bytes(), start, |byte| byte.is_ascii_digit()))
}

/// The longest number that begins with the run `first` and is that of a card.
fn longest_card(text: &str, first: &Range<usize>) -> Option<Range<usize>> {
    let groups = successors(Some(first.clone()), |group| next_group(text, first, group));
    let numbers = groups.scan((0, 0), |(number, length), group| {
        *length += group.len();
        *number = append(*number, slice(text.as_bytes(), group.clone()), *length)?;
        Some((*number, first.start..group.end))
    });
    numbers.filter(|(number, _)| is_card_number(*number)).map(|(_, range)| range).last()
}

/// `number` with `digits` after it; `None` where it is too long, or begins with a zero, as no card's does.
fn append(number: u64, digits: &[u8], length: usize) -> Option<u64> {
    let number =
        if length > MOST { None? } else { digits.iter().fold(number, |number, digit| number * 10 + u64::from(digit - b'0')) };
    (number.checked_ilog10()? as usize + 1 == length).then_some(number)
}

/// The group after `group`, where the two may be one number: the first has four digits at least, those between three. Dates and lists of
/// small numbers are none.
fn next_group(text: &str, first: &Range<usize>, group: &Range<usize>) -> Option<Range<usize>> {
    let start = end_of_gap(text, group.end).filter(|_| first.len() >= 4 && group.len() >= 3)?;
    run_from(text, start).filter(|next| next.start == start)
}

/// Where the separators end that begin at `start`; `None` where there is none, or too many.
fn end_of_gap(text: &str, start: usize) -> Option<usize> {
    let mut end = start;
    for _ in 0..WIDEST_GAP {
        end += separator(text.get(end..)?).unwrap_or(0);
    }
    (end > start && separator(text.get(end..)?).is_none()).then_some(end)
}

/// How long the separator is with which `text` begins, as it is or as `Debug`, JSON or a URL writes it.
fn separator(text: &str) -> Option<usize> {
    const IN_URLS: [&str; 3] = ["%20", "%C2%A0", "%c2%a0"];
    let first = text.chars().next()?;
    match first {
        '%' => IN_URLS.iter().find(|written| text.starts_with(**written)).map(|written| written.len()),
        '\\' => escaped(text),
        _ => is_separator(first).then_some(first.len_utf8()),
    }
}

/// `\u{a0}` or `\u00a0`.
fn escaped(text: &str) -> Option<usize> {
    let code = text.strip_prefix("\\u")?;
    let (hex, length) = match code.strip_prefix('{') {
        Some(braced) => braced.bytes().take(7).position(|byte| byte == b'}').map(|end| (braced.get(..end), end + 4))?,
        None => (code.get(..4), 6),
    };
    let character = char::from_u32(u32::from_str_radix(hex?, 16).ok()?)?;
    is_separator(character).then_some(length)
}

/// Spaces of any kind, hyphens, dashes and dots, and what nobody sees. A line's end is none.
const fn is_separator(character: char) -> bool {
    matches!(character, ' ' | '\t' | '-' | '.' | '_' | '/' | '+') || is_space(character) || is_dash_or_dot(character)
}

const fn is_space(character: char) -> bool {
    matches!(
        character,
        '\u{a0}' | '\u{1680}' | '\u{180e}' | '\u{2000}'
            ..='\u{200f}' | '\u{202f}' | '\u{205f}' | '\u{2060}' | '\u{3000}' | '\u{feff}'
    )
}

const fn is_dash_or_dot(character: char) -> bool {
    let dash =
        matches!(character, '\u{ad}' | '\u{2010}'..='\u{2015}' | '\u{2043}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}');
    dash || matches!(character, '\u{b7}' | '\u{2022}' | '\u{2024}' | '\u{2027}' | '\u{2219}' | '\u{22c5}' | '\u{ff0e}')
}

/// Whether the digits are part of a UUID or of a hash in hexadecimal, or the decimals of a fraction. No further than the longest of them is
/// looked at.
fn is_part_of_another(text: &[u8], range: &Range<usize>) -> bool {
    const HASH_LENGTHS: [usize; 4] = [32, 40, 64, 128];
    const LONGEST: usize = 128;
    let skipped = range.start.saturating_sub(LONGEST);
    let text = slice(text, skipped..text.len().min(range.end + LONGEST));
    let (start, end) = (range.start - skipped, range.end - skipped);
    let around = |belongs: fn(u8) -> bool| slice(text, start_of_run(text, start, belongs)..end_of_run(text, end, belongs));
    let word = around(|byte| byte.is_ascii_alphanumeric());
    let is_hash =
        HASH_LENGTHS.contains(&word.len()) && word.iter().all(u8::is_ascii_hexdigit) && word.iter().any(u8::is_ascii_alphabetic);
    is_hash || is_uuid(around(|byte| byte.is_ascii_alphanumeric() || byte == b'-')) || are_decimals(text, start..end)
}

fn is_uuid(word: &[u8]) -> bool {
    const HYPHENS: [usize; 4] = [8, 13, 18, 23];
    let fits = |(at, byte): (usize, &u8)| if HYPHENS.contains(&at) { *byte == b'-' } else { byte.is_ascii_hexdigit() };
    word.len() == 36 && word.iter().enumerate().all(fits)
}

/// Whether the digits stand after the point of a number: `0.4111111111111111`.
fn are_decimals(text: &[u8], range: Range<usize>) -> bool {
    let before = slice(text, 0..range.start).split_last_chunk();
    let after_point = before.is_some_and(|(_, [digit, point])| digit.is_ascii_digit() && *point == b'.');
    after_point && slice(text, range).iter().all(u8::is_ascii_digit)
}
