//! Card numbers: 13 to 19 digits that pass Luhn's check (ISO/IEC 7812-1).

use std::ops::Range;

use super::scan::{end_of_run, slice, start_of_run};

const LEAST: usize = 13;
const MOST: usize = 19;

/// As many groups may follow the first one of a printed number: it has four digits, and each but the last three at least.
const MORE_GROUPS: usize = (MOST - 4) / 3;

/// Whether the digits of `number` are those of a card.
pub(super) const fn is_card_number(number: u64) -> bool {
    if number < 1_000_000_000_000 {
        return false;
    }
    let (mut rest, mut sum, mut place) = (number, 0, 0_u32);
    while rest > 0 {
        sum += weighted(rest % 10, place);
        rest /= 10;
        place += 1;
    }
    place <= 19 && sum.is_multiple_of(10)
}

/// A digit's part in the sum; `place` counts from the right.
const fn weighted(digit: u64, place: u32) -> u64 {
    match place % 2 {
        0 => digit,
        _ if digit > 4 => digit * 2 - 9,
        _ => digit * 2,
    }
}

fn passes(digits: impl DoubleEndedIterator<Item = u8>) -> bool {
    let sum: u64 = (0..).zip(digits.rev()).map(|(place, digit)| weighted(u64::from(digit - b'0'), place)).sum();
    sum.is_multiple_of(10)
}

/// Finds card numbers, in one run of digits or in groups as they are printed.
pub(super) fn find(text: &[u8], found: &mut Vec<Range<usize>>) {
    let groups = groups(text);
    let mut from = 0;
    while let Some(rest) = groups.get(from..).filter(|rest| !rest.is_empty()) {
        let card = candidates(text, rest).filter(|range| is_card(text, range)).last();
        from += match card.filter(|range| !is_identifier(text, range)) {
            Some(range) => {
                let groups_inside = rest.iter().take_while(|group| group.start < range.end).count();
                found.push(range);
                groups_inside
            }
            None => 1,
        };
    }
}

/// The runs of digits.
fn groups(text: &[u8]) -> Vec<Range<usize>> {
    let mut groups = Vec::new();
    let mut at = 0;
    while let Some(offset) = slice(text, at..text.len()).iter().position(u8::is_ascii_digit) {
        let start = at + offset;
        at = end_of_run(text, start, |byte| byte.is_ascii_digit());
        groups.push(start..at);
    }
    groups
}

/// What may be one number: the first of `groups`, and what reaches from it to each group that one and the same separator joins.
fn candidates<'a>(text: &'a [u8], groups: &'a [Range<usize>]) -> impl Iterator<Item = Range<usize>> + 'a {
    let first = groups.first().cloned().unwrap_or_default();
    let separator = text.get(first.end).copied().filter(|byte| is_separator(*byte));
    let (start, is_printed) = (first.start, first.len() >= 4);
    let pairs = groups.windows(2).take(MORE_GROUPS);
    let joined = pairs.take_while(move |pair| is_printed && are_joined(text, separator, pair));
    std::iter::once(first).chain(joined.filter_map(move |pair| pair.last().map(|last| start..last.end)))
}

/// Printed groups have three digits at least, but for the last one. Dates and lists of small numbers are none.
fn are_joined(text: &[u8], separator: Option<u8>, pair: &[Range<usize>]) -> bool {
    let [left, right] = pair else { return false };
    right.start == left.end + 1 && text.get(left.end).copied() == separator && left.len() >= 3 && right.len() <= 7
}

const fn is_separator(byte: u8) -> bool {
    matches!(byte, b' ' | b'-' | b'.' | b'_' | b'/')
}

fn is_card(text: &[u8], range: &Range<usize>) -> bool {
    let digits = slice(text, range.clone()).iter().copied().filter(u8::is_ascii_digit);
    (LEAST..=MOST).contains(&digits.clone().count()) && passes(digits)
}

/// Whether the digits are part of a UUID or of a hash in hexadecimal. No further than the longest of them is looked at.
fn is_identifier(text: &[u8], range: &Range<usize>) -> bool {
    const HASH_LENGTHS: [usize; 4] = [32, 40, 64, 128];
    const LONGEST: usize = 128;
    let skipped = range.start.saturating_sub(LONGEST);
    let text = slice(text, skipped..text.len().min(range.end + LONGEST));
    let (start, end) = (range.start - skipped, range.end - skipped);
    let around = |belongs: fn(u8) -> bool| slice(text, start_of_run(text, start, belongs)..end_of_run(text, end, belongs));
    let word = around(|byte| byte.is_ascii_alphanumeric());
    let is_hash =
        HASH_LENGTHS.contains(&word.len()) && word.iter().all(u8::is_ascii_hexdigit) && word.iter().any(u8::is_ascii_alphabetic);
    is_hash || is_uuid(around(|byte| byte.is_ascii_alphanumeric() || byte == b'-'))
}

fn is_uuid(word: &[u8]) -> bool {
    const HYPHENS: [usize; 4] = [8, 13, 18, 23];
    let fits = |(at, byte): (usize, &u8)| if HYPHENS.contains(&at) { *byte == b'-' } else { byte.is_ascii_hexdigit() };
    word.len() == 36 && word.iter().enumerate().all(fits)
}
