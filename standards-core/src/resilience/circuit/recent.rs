//! The results of the last calls: so many, or of so long.

use std::iter::repeat_n;
use std::time::Duration;

use super::policy::Window;
use super::totals::{Outcome, Totals};

/// Into how many buckets a window of time is divided.
const BUCKETS: u8 = 10;

/// The results of the last calls, with their totals.
#[derive(Debug)]
pub(super) struct Recent {
    totals: Totals,
    kept: Kept,
}

#[derive(Debug)]
enum Kept {
    /// A ring of results; `next` is the oldest, once it is full.
    Calls { ring: Box<[Option<Outcome>]>, next: usize },
    /// A ring of buckets by their number, of which `newest` was the last.
    Buckets { ring: [Totals; BUCKETS as usize], nanoseconds: u64, newest: u64 },
}

impl Recent {
    /// None yet.
    pub(super) fn within(window: Window) -> Self {
        let kept = match window {
            Window::Count(calls) => Kept::Calls { ring: repeat_n(None, calls as usize).collect(), next: 0 },
            Window::Time(time) => Kept::Buckets { ring: Default::default(), nanoseconds: bucket(time), newest: 0 },
        };
        Self { totals: Totals::default(), kept }
    }

    /// What there is at `now`, which is a time since the circuit was made.
    pub(super) fn totals(&mut self, now: Duration) -> Totals {
        if let Kept::Buckets { ring, nanoseconds, newest } = &mut self.kept {
            let number = nanoseconds_of(now) / *nanoseconds;
            // A call that was told late counts with the newest.
            for gone in newest.saturating_add(1)..=number.min(newest.saturating_add(BUCKETS.into())) {
                self.totals.subtract(at(ring, gone).map(std::mem::take).unwrap_or_default());
            }
            *newest = number.max(*newest);
        }
        self.totals
    }

    /// Adds a result, and tells what there is then.
    pub(super) fn add(&mut self, now: Duration, outcome: Outcome) -> Totals {
        self.totals(now);
        self.totals.add(outcome);
        match &mut self.kept {
            Kept::Calls { ring, next } => {
                if let Some(gone) = ring.get_mut(*next).and_then(|place| place.replace(outcome)) {
                    self.totals.subtract(gone.into());
                }
                *next = if *next + 1 < ring.len() { *next + 1 } else { 0 };
            }
            Kept::Buckets { ring, newest, .. } => {
                if let Some(bucket) = at(ring, *newest) {
                    bucket.add(outcome);
                }
            }
        }
        self.totals
    }

    /// Forgets all.
    pub(super) fn clear(&mut self) {
        self.totals = Totals::default();
        match &mut self.kept {
            Kept::Calls { ring, .. } => ring.fill(None),
            Kept::Buckets { ring, .. } => ring.fill(Totals::default()),
        }
    }
}

fn at(ring: &mut [Totals; BUCKETS as usize], number: u64) -> Option<&mut Totals> {
    ring.get_mut(usize::try_from(number % u64::from(BUCKETS)).ok()?)
}

/// How long a bucket is.
fn bucket(window: Duration) -> u64 {
    nanoseconds_of(window).div_ceil(BUCKETS.into()).max(1)
}

fn nanoseconds_of(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
