//! The lines that wait to be written: bounded, and in need of room the least urgent give way, counted.

use std::ops::AddAssign;

use crate::level::LogLevel;

/// How many records, by level: of those that were [logged](crate::log::LogHandle::records), or of those that were
/// [dropped](crate::log::LogHandle::dropped).
///
/// ```
/// use standards_core::log::RecordCounts;
///
/// let mut dropped = RecordCounts { debug: 7, ..RecordCounts::default() };
/// dropped += RecordCounts { info: 1, ..RecordCounts::default() };
/// assert_eq!((dropped.total(), dropped.error), (8, 0));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RecordCounts {
    /// At DEBUG.
    pub debug: u64,
    /// At INFO.
    pub info: u64,
    /// At WARNING.
    pub warning: u64,
    /// At ERROR. These are dropped only when nothing less urgent is left to drop.
    pub error: u64,
}

impl RecordCounts {
    /// The sum of all levels.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.debug + self.info + self.warning + self.error
    }

    /// Those of one level.
    ///
    /// ```
    /// use standards_core::log::{LogLevel, RecordCounts};
    ///
    /// let counts = RecordCounts { warning: 2, ..RecordCounts::default() };
    /// assert_eq!([LogLevel::Info, LogLevel::Warning].map(|level| counts.at(level)), [0, 2]);
    /// ```
    #[must_use]
    pub const fn at(&self, level: LogLevel) -> u64 {
        match level {
            LogLevel::Debug => self.debug,
            LogLevel::Info => self.info,
            LogLevel::Warning => self.warning,
            LogLevel::Error => self.error,
        }
    }

    pub(super) const fn is_zero(&self) -> bool {
        self.total() == 0
    }

    pub(super) const fn count(&mut self, level: LogLevel, records: u64) {
        match level {
            LogLevel::Debug => self.debug += records,
            LogLevel::Info => self.info += records,
            LogLevel::Warning => self.warning += records,
            LogLevel::Error => self.error += records,
        }
    }
}

impl AddAssign for RecordCounts {
    fn add_assign(&mut self, other: Self) {
        self.debug += other.debug;
        self.info += other.info;
        self.warning += other.warning;
        self.error += other.error;
    }
}

/// How much of the bound is made free at once, so that room is not made for each single line.
const STEP: usize = 16;

/// Lines one after the other, and of each its length and level.
#[derive(Debug, Default)]
pub(super) struct Lines {
    pub(super) bytes: Vec<u8>,
    index: Vec<(usize, LogLevel)>,
    /// How many of the bytes are of each level, so that a full queue knows without a search that nobody can give way.
    by_level: [usize; LogLevel::ALL.len()],
}

impl Lines {
    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        self.index.clear();
        self.by_level = Default::default();
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.index.is_empty()
    }

    /// Gives back memory that a flood has left behind.
    pub(super) fn shrink(&mut self, most: usize) {
        if self.bytes.capacity() > most {
            *self = Self::default();
        }
    }

    fn push(&mut self, level: LogLevel, line: &[u8]) {
        self.bytes.extend_from_slice(line);
        self.index.push((line.len(), level));
        if let Some(bytes) = self.by_level.get_mut(level as usize) {
            *bytes += line.len();
        }
    }

    /// How many bytes are less urgent than `level`.
    fn less_urgent_than(&self, level: LogLevel) -> usize {
        self.by_level.iter().take(level as usize).sum()
    }

    /// Takes out `wanted` bytes at least of lines less urgent than `level`, the least urgent and the oldest first.
    fn evict(&mut self, level: LogLevel, wanted: usize) -> RecordCounts {
        let mut dropped = RecordCounts::default();
        let mut freed = 0;
        for victim in LogLevel::ALL.into_iter().filter(|victim| *victim < level) {
            freed += self.evict_level(victim, wanted.saturating_sub(freed), &mut dropped);
        }
        dropped
    }

    fn evict_level(&mut self, victim: LogLevel, wanted: usize, dropped: &mut RecordCounts) -> usize {
        let mut freed = 0;
        let (mut kept, mut from) = (0, 0);
        let bytes = &mut self.bytes;
        self.index.retain(|(length, level)| {
            let stays = *level != victim || freed >= wanted;
            if stays {
                bytes.copy_within(from..from + length, kept);
                kept += length;
            } else {
                freed += length;
                dropped.count(victim, 1);
            }
            from += length;
            stays
        });
        bytes.truncate(kept);
        if let Some(bytes) = self.by_level.get_mut(victim as usize) {
            *bytes -= freed;
        }
        freed
    }

    /// Counts the lines that are not wholly among the first `written` bytes.
    pub(super) fn lost_after(&self, written: usize) -> RecordCounts {
        let mut lost = RecordCounts::default();
        let mut end = 0;
        for (length, level) in &self.index {
            end += length;
            if end > written {
                lost.count(*level, 1);
            }
        }
        lost
    }
}

/// Lines up to a bound, and the count of those for which there was no room.
#[derive(Debug)]
pub(super) struct Queue {
    lines: Lines,
    bound: usize,
    pub(super) dropped: RecordCounts,
}

impl Queue {
    /// A queue of `bound` bytes.
    pub(super) fn new(bound: usize) -> Self {
        Self { lines: Lines::default(), bound, dropped: RecordCounts::default() }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    pub(super) const fn len(&self) -> usize {
        self.lines.bytes.len()
    }

    /// Adds a line. Without room for it, less urgent ones give way; without enough of those, it is dropped itself.
    pub(super) fn push(&mut self, level: LogLevel, line: &[u8]) -> RecordCounts {
        let mut dropped = RecordCounts::default();
        let missing = (self.len() + line.len()).saturating_sub(self.bound);
        if missing > 0 && self.lines.less_urgent_than(level) >= missing {
            dropped = self.lines.evict(level, missing.max(self.bound / STEP));
        }
        if self.len() + line.len() > self.bound {
            dropped.count(level, 1);
        } else {
            self.lines.push(level, line);
        }
        self.dropped += dropped;
        dropped
    }

    /// Exchanges the waiting lines for those of `empty`, and gives the count of what was dropped since the last time.
    pub(super) fn take(&mut self, empty: &mut Lines) -> RecordCounts {
        std::mem::swap(&mut self.lines, empty);
        std::mem::take(&mut self.dropped)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(queue: &mut Queue) -> (String, u64) {
        let mut lines = Lines::default();
        let dropped = queue.take(&mut lines);
        (String::from_utf8(lines.bytes).unwrap(), dropped.total())
    }

    #[test]
    fn within_the_bound_lines_keep_their_order() {
        let mut queue = Queue::new(100);
        queue.push(LogLevel::Info, b"a\n");
        queue.push(LogLevel::Error, b"b\n");
        assert_eq!(taken(&mut queue), ("a\nb\n".into(), 0));
        assert!(queue.is_empty());
    }

    #[test]
    fn a_full_queue_takes_no_line_as_urgent_as_its_own() {
        let mut queue = Queue::new(4);
        for line in [b"a\n", b"b\n", b"c\n"] {
            queue.push(LogLevel::Info, line);
        }
        assert_eq!(taken(&mut queue), ("a\nb\n".into(), 1));
    }

    #[test]
    fn the_least_urgent_gives_way_first() {
        let mut queue = Queue::new(6);
        queue.push(LogLevel::Info, b"i\n");
        queue.push(LogLevel::Debug, b"d\n");
        queue.push(LogLevel::Warning, b"w\n");
        assert_eq!(queue.push(LogLevel::Error, b"e\n").debug, 1);
        assert_eq!(queue.push(LogLevel::Error, b"f\n").info, 1);
        assert_eq!(queue.push(LogLevel::Error, b"g\n").warning, 1);
        assert_eq!(queue.push(LogLevel::Error, b"h\n").error, 1);
        assert_eq!(taken(&mut queue), ("e\nf\ng\n".into(), 4));
    }

    #[test]
    fn a_failed_write_loses_the_lines_after_it() {
        let mut lines = Lines::default();
        lines.push(LogLevel::Info, b"aa\n");
        lines.push(LogLevel::Error, b"bb\n");
        assert_eq!((lines.lost_after(6).total(), lines.lost_after(5).error, lines.lost_after(2).total()), (0, 1, 2));
    }
}
