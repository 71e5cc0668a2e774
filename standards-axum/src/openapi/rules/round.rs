//! The requests that are made up, one a round.
//!
//! A round varies everything at once, since rules are about single values: one request asks every text, every number and every list the
//! same question. What has to be apart is apart: a list in a list (`depth`), a form among several (`choice`), what may be absent (`whole`).

/// What stands in a request where the schema leaves it open.
#[derive(Clone, Copy)]
pub(super) struct Round {
    pub(super) text: &'static str,
    /// How often the text is repeated.
    pub(super) times: usize,
    pub(super) number: Number,
    /// How many entries a list has whose depth, in lists, is [`depth`](Self::depth); another has one.
    pub(super) entries: usize,
    pub(super) depth: usize,
    pub(super) boolean: bool,
    /// Whether what may be absent is there.
    pub(super) whole: bool,
    /// Which of several forms a value has.
    pub(super) choice: usize,
}

/// A number as JSON has it.
#[derive(Clone, Copy)]
pub(super) enum Number {
    Signed(i64),
    Unsigned(u64),
}

const PLAIN: Round =
    Round { text: "a", times: 1, number: Number::Signed(1), entries: 1, depth: 0, boolean: true, whole: true, choice: 0 };

/// One entry in each list, and examples otherwise.
pub(super) const SAMPLES: Round = Round { depth: usize::MAX, ..PLAIN };

/// A short text and a small number, in the form `choice`.
const fn round(choice: usize, text: &'static str, number: i64) -> Round {
    Round { text, number: Number::Signed(number), choice, boolean: choice.is_multiple_of(2), ..PLAIN }
}

/// A text of so many letters and a large number.
const fn long(times: usize, number: Number) -> Round {
    Round { times, number, ..PLAIN }
}

/// Lists of so many entries, at one depth.
const fn list(depth: usize, entries: usize) -> Round {
    Round { depth, entries, ..PLAIN }
}

/// The least and the most that each type of integer holds, texts of every kind and length, lists likewise. The short ones come first: what a
/// type of its own grammar refuses is not tried longer.
pub(super) const ROUNDS: &[Round] = &[
    Round { whole: false, ..PLAIN },
    Round { entries: 0, ..round(0, "", i64::MIN) },
    round(1, "", i32::MIN as i64),
    round(2, "!", i16::MIN as i64),
    round(3, "ñ", i8::MIN as i64),
    round(0, "A", 0),
    round(1, "0", 0),
    round(2, " ", 0),
    round(3, "-", 0),
    list(1, 0),
    list(2, 0),
    long(64, Number::Unsigned(u64::MAX)),
    long(64, Number::Signed(i64::MAX)),
    long(1 << 12, Number::Signed(u32::MAX as i64)),
    long(1 << 12, Number::Signed(i32::MAX as i64)),
    long(1 << 16, Number::Signed(u16::MAX as i64)),
    long(1 << 16, Number::Signed(i16::MAX as i64)),
    long((1 << 17) + 1, Number::Signed(u8::MAX as i64)),
    long(64, Number::Signed(i8::MAX as i64)),
    list(0, 101),
    list(0, 1001),
    list(0, 10_001),
    list(1, 1001),
    list(2, 101),
    Round { choice: 1, ..long(64, Number::Signed(u8::MAX as i64)) },
    Round { choice: 2, ..long(64, Number::Signed(u8::MAX as i64)) },
    Round { choice: 3, ..long(64, Number::Signed(u8::MAX as i64)) },
];
