//! What a person at a terminal sees of a run while it goes on: one line of standard error, written over again and again.

use std::io::{IsTerminal, Write, stderr};

/// Shown at a terminal, and nowhere else: a file or a pipeline gets nothing of it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Progress(bool);

impl Progress {
    /// Shown where standard error is a terminal.
    pub(super) fn at_terminal() -> Self {
        Self(stderr().is_terminal())
    }

    /// How many of all requests were sent.
    pub(super) fn tell(self, sent: usize, all: usize) {
        self.write(&format!("standards-check {sent}/{all}"));
    }

    /// What is taken away.
    pub(super) fn tell_away(self, name: &str) {
        self.write(&format!("standards-check ~ {}", super::text::clean(name)));
    }

    /// Leaves nothing behind.
    pub(super) fn clear(self) {
        self.write("");
    }

    fn write(self, text: &str) {
        if self.0 {
            let _ = stderr().lock().write_all(over(text).as_bytes());
        }
    }
}

/// The line in the place of the one before.
fn over(text: &str) -> String {
    format!("\r\x1b[2K{text}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_takes_the_place_of_the_one_before() {
        assert_eq!(over("a"), "\r\x1b[2Ka");
        // A test's standard error may be a terminal; the default shows nothing whatever it is.
        assert!(!Progress::default().0);
    }
}
