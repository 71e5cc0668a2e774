//! Identical records, told once and counted.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::level::LogLevel;
use crate::log::line::draft::Origin;

/// The most kinds of records that are watched at a time; further ones are written without being watched.
const MAX_WATCHED: usize = 1_024;

/// Lets a record through once per window and counts its repetitions.
#[derive(Debug)]
pub(super) struct Suppressor {
    window: Duration,
    watched: Mutex<Watched>,
}

#[derive(Debug)]
struct Watched {
    kinds: HashMap<u64, Kind>,
    next_sweep: Instant,
}

/// Records that say the same.
#[derive(Debug)]
struct Kind {
    until: Instant,
    repeated: u64,
    level: LogLevel,
    target: Box<str>,
    message: Box<[u8]>,
}

/// What is to be done with a record.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Written; it was held back so many times before.
    Write(u64),
    /// Counted only.
    HoldBack,
}

/// A kind of record whose window is over, and that was held back.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Ended {
    pub(super) level: LogLevel,
    pub(super) target: Box<str>,
    pub(super) message: Box<[u8]>,
    pub(super) repeated: u64,
}

impl Suppressor {
    pub(super) fn new(window: Duration) -> Self {
        let watched = Watched { kinds: HashMap::new(), next_sweep: Instant::now() + window };
        Self { window, watched: Mutex::new(watched) }
    }

    /// Decides about a record that says `message` with `context`. An ERROR is never held back.
    pub(super) fn judge(&self, origin: &Origin<'_>, message: &[u8], context: &[u8], now: Instant) -> Verdict {
        if origin.level == LogLevel::Error {
            return Verdict::Write(0);
        }
        let mut watched = self.watched();
        let key = fingerprint(origin, message, context);
        let until = now + self.window;
        match watched.kinds.get_mut(&key) {
            Some(kind) => kind.judge(now, until),
            None => {
                watched.watch(
                    key,
                    Kind { until, repeated: 0, level: origin.level, target: origin.target.into(), message: message.into() },
                );
                Verdict::Write(0)
            }
        }
    }

    /// The kinds whose window is over, at most once per window; all of them at the `end`.
    pub(super) fn ended(&self, now: Instant, end: bool) -> Vec<Ended> {
        let mut watched = self.watched();
        if now < watched.next_sweep && !end {
            return Vec::new();
        }
        watched.next_sweep = now + self.window;
        let over = watched.kinds.extract_if(|_, kind| end || kind.until <= now).map(|(_, kind)| kind);
        over.filter(|kind| kind.repeated > 0).map(Kind::into_ended).collect()
    }

    fn watched(&self) -> MutexGuard<'_, Watched> {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Watched {
    fn watch(&mut self, key: u64, kind: Kind) {
        if self.kinds.len() < MAX_WATCHED {
            self.kinds.insert(key, kind);
        }
    }
}

impl Kind {
    fn judge(&mut self, now: Instant, until: Instant) -> Verdict {
        if now < self.until {
            self.repeated += 1;
            return Verdict::HoldBack;
        }
        self.until = until;
        Verdict::Write(std::mem::take(&mut self.repeated))
    }

    fn into_ended(self) -> Ended {
        Ended { level: self.level, target: self.target, message: self.message, repeated: self.repeated }
    }
}

fn fingerprint(origin: &Origin<'_>, message: &[u8], context: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    (origin.level, origin.target, message, context).hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: Duration = Duration::from_secs(10);

    fn origin(level: LogLevel) -> Origin<'static> {
        Origin { level, target: "t", file: None, line: None }
    }

    #[test]
    fn repetitions_within_the_window_are_counted_and_told_with_the_next() {
        let suppressor = Suppressor::new(WINDOW);
        let start = Instant::now();
        let judge = |context: &[u8], seconds| {
            suppressor.judge(&origin(LogLevel::Info), b"m", context, start + Duration::from_secs(seconds))
        };
        assert_eq!((judge(b"a", 0), judge(b"b", 0)), (Verdict::Write(0), Verdict::Write(0)));
        assert_eq!((judge(b"a", 1), judge(b"a", 9)), (Verdict::HoldBack, Verdict::HoldBack));
        assert_eq!((judge(b"a", 10), judge(b"a", 11)), (Verdict::Write(2), Verdict::HoldBack));
        assert_eq!(suppressor.ended(start + Duration::from_secs(12), false), []);
        let ended = suppressor.ended(start + Duration::from_secs(25), false);
        assert_eq!(ended, [Ended { level: LogLevel::Info, target: "t".into(), message: b"m".as_slice().into(), repeated: 1 }]);
    }

    #[test]
    fn an_error_is_never_held_back() {
        let suppressor = Suppressor::new(WINDOW);
        let judge = || suppressor.judge(&origin(LogLevel::Error), b"m", b"", Instant::now());
        assert_eq!((judge(), judge()), (Verdict::Write(0), Verdict::Write(0)));
    }

    #[test]
    fn only_so_many_kinds_are_watched() {
        let suppressor = Suppressor::new(WINDOW);
        for n in 0..2 * MAX_WATCHED {
            suppressor.judge(&origin(LogLevel::Info), n.to_string().as_bytes(), b"", Instant::now());
        }
        assert_eq!(suppressor.watched().kinds.len(), MAX_WATCHED);
    }
}
