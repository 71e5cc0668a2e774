//! Text inside a JSON string: escaped, and cut where it is too long.

use std::io::Write as _;

use crate::log::redact::{CARD_DIGITS, Redactor, TOKEN_LENGTH, is_hint};
use crate::value::bounded::bounded;

/// What a cut leaves room for: `…[+18446744073709551615 bytes]`.
pub(super) const MARK_ROOM: usize = 32;

/// The most bytes that one byte of text can become: `\u001b`.
const WORST: usize = 6;

/// How many bytes are looked at together.
const BLOCK: usize = 16;

/// A longer text is not asked whether it is ordinary.
const SHORT: usize = 64;

/// Appends `text`, of which `unseen` more bytes are not shown: masked, escaped, and cut to `room`.
pub(super) fn push_clean(out: &mut Vec<u8>, text: &str, unseen: usize, room: usize, redactor: &Redactor) {
    if unseen == 0 && text.len() <= room.min(SHORT) && is_ordinary(text.as_bytes()) {
        return out.extend_from_slice(text.as_bytes());
    }
    let (text, more) = bounded(text);
    push_within(out, &redactor.clean(text), unseen + more, room);
}

/// Whether a text stays as it is, whatever shapes are masked: nothing in it is to be escaped, or could be part of a secret. Most are so: a
/// verb, a path, a sentence of one's own. One look is enough for them, and takes a part of the time of two.
fn is_ordinary(text: &[u8]) -> bool {
    let (blocks, rest) = text.as_chunks::<4>();
    // By four, which the compiler writes out.
    let seen = blocks.iter().map(|block| count(block)).sum::<usize>() + count(rest);
    let (digits, dots) = (seen % DOT, seen % SPECIAL / DOT);
    seen < SPECIAL && digits < CARD_DIGITS && (dots == 0 || text.len() < TOKEN_LENGTH)
}

/// How many bytes there are of each kind, each in its place of the sum, where they are no more than `SHORT`.
fn count(text: &[u8]) -> usize {
    text.iter().map(|byte| KINDS.get(usize::from(*byte)).copied().unwrap_or(SPECIAL)).sum()
}

const DIGIT: usize = 1;
const DOT: usize = 1 << 8;
const SPECIAL: usize = 1 << 16;

/// What each byte is.
static KINDS: [usize; 256] = kinds();

#[expect(clippy::indexing_slicing, reason = "a byte is below 256")]
const fn kinds() -> [usize; 256] {
    let mut kinds = [0; 256];
    let mut byte = 0_u8;
    loop {
        kinds[byte as usize] = kind(byte);
        if byte == u8::MAX {
            return kinds;
        }
        byte += 1;
    }
}

const fn kind(byte: u8) -> usize {
    match byte {
        b'0'..=b'9' => DIGIT,
        b'.' => DOT,
        _ if is_suspect(byte) || is_hint(byte) => SPECIAL,
        _ => 0,
    }
}

/// Appends `text`, escaped.
///
/// Beyond what JSON demands, everything that could steer a terminal or reorder what is read is escaped too: DEL, the C1 controls,
/// the line separators and the bidirectional marks.
pub(super) fn push(out: &mut Vec<u8>, text: &str) {
    let mut rest = text;
    while let Some(at) = first_suspect(rest.as_bytes()) {
        let (plain, tail) = rest.split_at(at);
        out.extend_from_slice(plain.as_bytes());
        let mut characters = tail.chars();
        if let Some(character) = characters.next() {
            push_char(out, character);
        }
        rest = characters.as_str();
    }
    out.extend_from_slice(rest.as_bytes());
}

/// Appends as much of `text` as fits into `room` bytes, escaped. What is missing is told: `…[+1234 bytes]`, where the count is in
/// bytes of the original, of which `text` may be only the beginning (`unseen` more bytes follow it).
pub(super) fn push_within(out: &mut Vec<u8>, text: &str, unseen: usize, room: usize) {
    if unseen == 0 && text.len().saturating_mul(WORST) <= room {
        return push(out, text);
    }
    let start = out.len();
    let end = start + room;
    let (mut fits, mut fits_at) = (0, start);
    for (at, character) in text.char_indices() {
        if out.len() + MARK_ROOM <= end {
            (fits, fits_at) = (at, out.len());
        }
        push_char(out, character);
        if out.len() > end {
            break;
        }
    }
    if out.len() > end || unseen > 0 {
        out.truncate(fits_at);
        push_mark(out, text.len() - fits + unseen);
    }
}

/// Appends `pieces` one after the other, as they are. Written out where it stands, so that a piece whose length is known there is no call.
#[inline(always)]
pub(super) fn put<const N: usize>(out: &mut Vec<u8>, pieces: [&[u8]; N]) {
    for piece in pieces {
        out.extend_from_slice(piece);
    }
}

fn push_mark(out: &mut Vec<u8>, missing: usize) {
    // Writing to a vector cannot fail.
    let _ = write!(out, "…[+{missing} bytes]");
}

fn push_char(out: &mut Vec<u8>, character: char) {
    match character {
        '"' => out.extend_from_slice(br#"\""#),
        '\\' => out.extend_from_slice(br"\\"),
        '\n' => out.extend_from_slice(br"\n"),
        '\r' => out.extend_from_slice(br"\r"),
        '\t' => out.extend_from_slice(br"\t"),
        character if must_be_hidden(character) => {
            let _ = write!(out, "\\u{:04x}", u32::from(character));
        }
        character => out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
    }
}

/// Controls, line separators and bidirectional marks; all of them have four hexadecimal digits at most.
const fn must_be_hidden(character: char) -> bool {
    matches!(
        character,
        '\0'..='\x1f' | '\x7f'..='\u{9f}' | '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}' | '\u{feff}'
    )
}

/// Where the first byte stands that is, or starts, a character to look at.
fn first_suspect(bytes: &[u8]) -> Option<usize> {
    let (blocks, rest) = bytes.as_chunks();
    let in_blocks = blocks.iter().zip(0..).find_map(|(block, number)| Some(number * BLOCK + suspect_in(block)?));
    in_blocks.or_else(|| {
        // What is short is looked at as a block too: most names and values are.
        let mut block = [b' '; BLOCK];
        block.get_mut(..rest.len())?.copy_from_slice(rest);
        Some(blocks.len() * BLOCK + suspect_in(&block)?)
    })
}

/// A whole block at a time, so that the compiler may use vector instructions.
fn suspect_in(block: &[u8; BLOCK]) -> Option<usize> {
    let any = block.iter().fold(false, |found, byte| found | is_suspect(*byte));
    if any { block.iter().position(|byte| is_suspect(*byte)) } else { None }
}

/// The bytes of `"`, `\` and the controls, and those with which the hidden characters beyond ASCII begin.
const fn is_suspect(byte: u8) -> bool {
    (byte < 0x20)
        | (byte == b'"')
        | (byte == b'\\')
        | (byte == 0x7f)
        | (byte == 0xc2)
        | (byte == 0xd8)
        | (byte == 0xe2)
        | (byte == 0xef)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::redact::Redaction;
    use proptest::prelude::*;

    fn pushed(text: &str) -> String {
        let mut out = Vec::new();
        push(&mut out, text);
        String::from_utf8(out).unwrap()
    }

    fn cut(text: &str, unseen: usize, room: usize) -> String {
        let mut out = b"x".to_vec();
        push_within(&mut out, text, unseen, room);
        assert!(out.len() <= 1 + room, "{} bytes of {room}", out.len() - 1);
        String::from_utf8(out).unwrap().split_off(1)
    }

    #[test]
    fn ordinary_text_stays_as_it_is() {
        let text = "Pago procesado: ¿señal? 100,50 € – 𝟙 «ok»/";
        assert_eq!(pushed(text), text);
    }

    #[test]
    fn what_steers_a_terminal_is_escaped() {
        let hostile = "a\x1b[2J\u{9b}\x7f\u{202e}\u{2028}\u{2066}\u{feff}\u{61c}\0";
        assert_eq!(pushed(hostile), r"a\u001b[2J\u009b\u007f\u202e\u2028\u2066\ufeff\u061c\u0000");
        assert_eq!(pushed("\"\\\n\r\t"), r#"\"\\\n\r\t"#);
    }

    #[test]
    fn a_cut_says_how_much_is_missing() {
        assert_eq!(cut(&"a".repeat(100), 0, 40), format!("{}…[+92 bytes]", "a".repeat(8)));
        assert_eq!(cut("abc", 1000, 100), "…[+1003 bytes]".replacen('…', "ab…", 1).replace("1003", "1001"));
        assert_eq!(cut("abcdefgh", 0, 10), "abcdefgh");
    }

    #[test]
    fn a_cut_never_splits_a_character_or_an_escape() {
        for room in MARK_ROOM..60 {
            let text = cut(&"ñ\u{1b}𝟙".repeat(30), 0, room);
            assert!(serde_json::from_str::<String>(&format!("\"{text}\"")).is_ok(), "{text}");
        }
    }

    #[test]
    fn what_needs_no_closer_look_is_ordinary() {
        for text in ["POST", "/api/v1/saludos", "Solicitud atendida", "1.2.3", "2025-07-04", "", "a-text-of-more-than-16-letters"]
        {
            assert!(is_ordinary(text.as_bytes()), "{text}");
        }
        let escaped = ["\"", "ñandú\u{85}", "tab\t", "\u{200f}", "\x7f"];
        let masked = ["b", "a@c", "x:1", "k=v", "50%", "x.y.z of some length", "4111111111111111", "/pagos/12345678901234"];
        for text in escaped.iter().chain(&masked) {
            assert!(!is_ordinary(text.as_bytes()), "{text}");
        }
    }

    proptest! {
        #[test]
        fn one_look_says_what_two_would(text in "[ -~ñ\u{80}-\u{9f}0-9.]{0,70}") {
            let redactor = Redactor::new(&Redaction::default());
            let mut out = Vec::new();
            push_clean(&mut out, &text, 0, 1000, &redactor);
            prop_assert_eq!(String::from_utf8(out).unwrap(), pushed(&redactor.clean(&text)));
        }

        #[test]
        fn a_parser_reads_back_what_was_written(text in any::<String>()) {
            let read: String = serde_json::from_str(&format!("\"{}\"", pushed(&text))).unwrap();
            prop_assert_eq!(read, text);
        }

        #[test]
        fn a_cut_text_is_a_beginning_within_its_room(text in any::<String>(), room in MARK_ROOM..200usize) {
            let read: String = serde_json::from_str(&format!("\"{}\"", cut(&text, 0, room))).unwrap();
            let beginning = read.rsplit_once("…[+").map_or(read.as_str(), |(beginning, _)| beginning);
            prop_assert!(text.starts_with(beginning));
        }
    }
}
