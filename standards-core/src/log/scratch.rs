//! Memory that a thread uses again for each record, so that an ordinary record allocates nothing.

use std::any::Any;
use std::cell::Cell;
use std::fmt::{self, Write};
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::clock::Clock;
use super::names::Verdicts;

/// The longest text that is looked at; of what is longer only the length is told.
const TEXT_LIMIT: usize = 32 * 1024;

/// The beginning of `text` that is looked at, and how many bytes follow it.
pub(super) fn bounded(text: &str) -> (&str, usize) {
    let (kept, unseen) = text.split_at(text.floor_char_boundary(TEXT_LIMIT));
    (kept, unseen.len())
}

/// How deep a value that logs while it is being formatted may be nested in another such value.
const NESTING_LIMIT: u32 = 4;

thread_local! {
    static SPARE: Cell<Option<Box<Scratch>>> = const { Cell::new(None) };
    static NESTING: Cell<u32> = const { Cell::new(0) };
}

/// The pieces of one record.
pub(super) struct Scratch {
    /// The finished line.
    pub(super) line: Vec<u8>,
    /// The message, escaped.
    pub(super) message: Vec<u8>,
    /// The members of `context`, escaped.
    pub(super) context: Vec<u8>,
    /// Where the names of those members stand.
    pub(super) names: Vec<Range<usize>>,
    /// One value as its `Display` or `Debug` wrote it.
    pub(super) text: Text,
    pub(super) clock: Clock,
    pub(super) verdicts: Verdicts,
}

/// Lends this thread's scratch to `work`. A value that logs while it is being formatted gets another one.
pub(super) fn with<R>(work: impl FnOnce(&mut Scratch) -> R) -> R {
    let _nesting = Nesting::enter();
    let mut scratch = SPARE.try_with(Cell::take).ok().flatten().unwrap_or_else(Scratch::new);
    scratch.message.clear();
    scratch.context.clear();
    scratch.names.clear();
    let result = work(&mut scratch);
    // A thread that is ending has no place to keep it.
    let _ = SPARE.try_with(|spare| spare.set(Some(scratch)));
    result
}

impl Scratch {
    fn new() -> Box<Self> {
        Box::new(Self {
            line: Vec::with_capacity(1024),
            message: Vec::with_capacity(256),
            context: Vec::with_capacity(512),
            names: Vec::with_capacity(16),
            text: Text::default(),
            clock: Clock::new(),
            verdicts: Verdicts::new(),
        })
    }
}

/// Counts how many records this thread is in the middle of.
struct Nesting;

impl Nesting {
    fn enter() -> Self {
        let _ = NESTING.try_with(|nesting| nesting.set(nesting.get() + 1));
        Self
    }

    fn is_too_deep() -> bool {
        NESTING.try_with(Cell::get).unwrap_or(0) > NESTING_LIMIT
    }
}

impl Drop for Nesting {
    fn drop(&mut self) {
        let _ = NESTING.try_with(|nesting| nesting.set(nesting.get() - 1));
    }
}

/// Formatted text of bounded length.
#[derive(Default)]
pub(crate) struct Text {
    kept: String,
    unseen: usize,
}

impl Text {
    /// Formats `value`. Whatever its implementation does (panic, fail, log, go on for ever), there is a text afterwards.
    pub(crate) fn format(&mut self, value: fmt::Arguments<'_>) {
        self.kept.clear();
        self.unseen = 0;
        if let Some(text) = value.as_str() {
            let _ = self.write_str(text);
        } else if Nesting::is_too_deep() {
            self.kept.push_str("[nested too deep]");
        } else {
            self.format_guarded(value);
        }
    }

    fn format_guarded(&mut self, value: fmt::Arguments<'_>) {
        let problem = match catch_unwind(AssertUnwindSafe(|| self.write_fmt(value))) {
            Ok(Ok(())) => return,
            Ok(Err(_)) => "[formatting failed]",
            Err(panic) => {
                discard(panic);
                "[formatting panicked]"
            }
        };
        self.kept.push_str(problem);
    }

    /// What was kept of the text, and how many bytes were not.
    pub(crate) fn parts(&self) -> (&str, usize) {
        (&self.kept, self.unseen)
    }
}

/// Drops a panic's payload, whose own `Drop` may panic once more.
fn discard(panic: Box<dyn Any + Send>) {
    if let Err(again) = catch_unwind(AssertUnwindSafe(|| drop(panic))) {
        std::mem::forget(again);
    }
}

impl Write for Text {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let room = TEXT_LIMIT.saturating_sub(self.kept.len());
        if self.unseen == 0 && text.len() <= room {
            self.kept.push_str(text);
            return Ok(());
        }
        let end = if self.unseen == 0 { text.floor_char_boundary(room) } else { 0 };
        let (kept, unseen) = text.split_at(end);
        self.kept.push_str(kept);
        self.unseen += unseen.len();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Hostile(&'static str);

    impl fmt::Display for Hostile {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("before ")?;
            match self.0 {
                "fail" => Err(fmt::Error),
                _ => panic!("hostile"),
            }
        }
    }

    fn formatted(value: fmt::Arguments<'_>) -> (String, usize) {
        let mut text = Text::default();
        text.format(value);
        (text.kept, text.unseen)
    }

    #[test]
    fn a_value_that_fails_or_panics_leaves_a_text() {
        let hostile = |what| formatted(format_args!("{}", Hostile(what))).0;
        assert_eq!(hostile("fail"), "before [formatting failed]");
        assert_eq!(hostile("panic"), "before [formatting panicked]");
    }

    #[test]
    fn long_text_is_counted_not_kept() {
        let (kept, unseen) = formatted(format_args!("{}{}", "ñ".repeat(TEXT_LIMIT), "x"));
        assert_eq!((kept.len(), unseen), (TEXT_LIMIT, TEXT_LIMIT + 1));
    }

    #[test]
    fn a_nested_record_gets_its_own_scratch() {
        with(|outer| {
            outer.message.push(1);
            with(|inner| assert!(inner.message.is_empty()));
            assert_eq!(outer.message, [1]);
        });
    }
}
