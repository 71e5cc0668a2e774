//! A first look at a text: which shapes can it hold at all? Most texts hold none, and pay for nothing but this.

use std::ops::Range;

/// The shortest text that can hold a secret: `pin=1`.
const SHORTEST: usize = 5;

/// How many bytes are looked at together.
const BLOCK: usize = 32;

/// What occurs in a text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hints {
    length: usize,
    digits: usize,
    marks: u8,
}

const AT: u8 = 1;
const COLON: u8 = 2;
const EQUALS: u8 = 4;
const DOT: u8 = 8;
const LETTER_B: u8 = 16;
const PERCENT: u8 = 32;

impl Hints {
    pub(super) fn of(text: &[u8]) -> Self {
        let mut hints = Self { length: text.len(), digits: 0, marks: 0 };
        if text.len() >= SHORTEST {
            let (blocks, rest) = text.as_chunks();
            blocks.iter().for_each(|block| hints.look_at(block));
            let mut block = [0; BLOCK];
            if let Some(start) = block.get_mut(..rest.len()) {
                start.copy_from_slice(rest);
                hints.look_at(&block);
            }
        }
        hints
    }

    /// A block is short enough to count in a byte, and always as long, which lets the compiler use vector instructions.
    fn look_at(&mut self, block: &[u8; BLOCK]) {
        let (mut digits, mut marks) = (0_u8, 0_u8);
        for byte in block {
            digits += u8::from(byte.is_ascii_digit());
            marks |= mark(*byte);
        }
        self.digits += usize::from(digits);
        self.marks |= marks;
    }

    pub(super) const fn rule_out_everything(self) -> bool {
        !self.card() && self.marks & (AT | COLON | EQUALS | LETTER_B | PERCENT) == 0 && !self.token()
    }

    pub(super) const fn card(self) -> bool {
        self.digits >= CARD_DIGITS
    }

    pub(super) const fn token(self) -> bool {
        self.marks & DOT != 0 && self.length >= TOKEN_LENGTH
    }

    pub(super) const fn bearer(self) -> bool {
        self.marks & LETTER_B != 0
    }

    pub(super) const fn url(self) -> bool {
        self.marks & (AT | COLON) == AT | COLON
    }

    pub(super) const fn email(self) -> bool {
        self.marks & (AT | PERCENT) != 0 && self.marks & DOT != 0
    }

    pub(super) const fn label(self) -> bool {
        self.marks & (EQUALS | COLON) != 0
    }
}

/// Fewer digits are no card's.
pub(in crate::log) const CARD_DIGITS: usize = 14;

/// A shorter text is no token, though it has dots.
pub(in crate::log) const TOKEN_LENGTH: usize = 16;

/// Whether it takes a closer look to say that a text with this byte holds no secret. A text without such bytes holds none unless it is as
/// long as a token and has a dot, or has the digits of a card.
pub(in crate::log) const fn is_hint(byte: u8) -> bool {
    mark(byte) & !DOT != 0
}

const fn mark(byte: u8) -> u8 {
    ((byte == b'@') as u8 * AT)
        | ((byte == b':') as u8 * COLON)
        | ((byte == b'=') as u8 * EQUALS)
        | ((byte == b'.') as u8 * DOT)
        | ((byte | 0x20 == b'b') as u8 * LETTER_B)
        | ((byte == b'%') as u8 * PERCENT)
}

/// Where the run of bytes that `belong` ends, which begins at `start`.
pub(super) fn end_of_run(text: &[u8], start: usize, belong: impl Fn(u8) -> bool) -> usize {
    let rest = text.get(start..).unwrap_or_default();
    start + rest.iter().position(|byte| !belong(*byte)).unwrap_or(rest.len())
}

/// Where the run of bytes that `belong` starts, which ends before `end`.
pub(super) fn start_of_run(text: &[u8], end: usize, belong: impl Fn(u8) -> bool) -> usize {
    let before = text.get(..end).unwrap_or_default();
    before.iter().rposition(|byte| !belong(*byte)).map_or(0, |at| at + 1)
}

/// The places where `needle` begins, compared without regard to case.
pub(super) fn places<'t>(text: &'t [u8], needle: &'t [u8]) -> impl Iterator<Item = usize> + 't {
    text.windows(needle.len()).enumerate().filter(|(_, window)| window.eq_ignore_ascii_case(needle)).map(|(at, _)| at)
}

/// The bytes of a range.
pub(super) fn slice(text: &[u8], range: Range<usize>) -> &[u8] {
    text.get(range).unwrap_or_default()
}

/// Whether a value that is not in quotes ends here.
pub(super) const fn is_delimiter(byte: u8) -> bool {
    byte <= b' '
        || matches!(
            byte,
            b'"' | b'\'' | b'`' | b',' | b';' | b'&' | b'(' | b')' | b'[' | b']' | b'{' | b'}' | b'<' | b'>' | b'\\'
        )
}
