//! Text of bounded length from whatever can be formatted.

use std::any::Any;
use std::cell::Cell;
use std::fmt::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The longest text that is looked at, in bytes; of what is longer only the length is told.
const LIMIT: usize = 32 * 1024;

/// How deep a value that logs while it is being formatted may be nested in another such value.
const NESTING_LIMIT: u32 = 4;

thread_local! {
    static NESTING: Cell<u32> = const { Cell::new(0) };
}

/// The beginning of `text` that is looked at, and how many bytes follow it.
pub(crate) fn bounded(text: &str) -> (&str, usize) {
    let (kept, unseen) = text.split_at(text.floor_char_boundary(LIMIT));
    (kept, unseen.len())
}

/// Counts, until it is dropped, one more record that this thread is in the middle of.
pub(crate) struct Nesting;

impl Nesting {
    pub(crate) fn enter() -> Self {
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

/// What a value's `Display` or `Debug` wrote, cut where it is too long. Its memory is used again.
#[derive(Default)]
pub(crate) struct Bounded {
    kept: String,
    unseen: usize,
}

impl Bounded {
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

impl Write for Bounded {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let room = LIMIT.saturating_sub(self.kept.len());
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
        let mut text = Bounded::default();
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
        let (kept, unseen) = formatted(format_args!("{}{}", "ñ".repeat(LIMIT), "x"));
        assert_eq!((kept.len(), unseen), (LIMIT, LIMIT + 1));
    }
}
