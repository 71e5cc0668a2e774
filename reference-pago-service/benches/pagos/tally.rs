//! Counting payments and their latencies.

use std::time::{Duration, Instant};

use crate::figures::Round;

/// Paid before the measurement starts: connections, prepared statements and caches are warm then.
pub(crate) const WARM_UP: Duration = Duration::from_secs(1);

/// The measured time.
#[derive(Clone, Copy)]
pub(crate) struct Window {
    start: Instant,
    end: Instant,
}

/// What came of a round.
#[derive(Default)]
pub(crate) struct Tally {
    /// Payments that were acknowledged, those of the warm-up included.
    pub(crate) acknowledged: u64,
    /// Answers 503: refused, or with an unknown outcome.
    pub(crate) unavailable: u64,
    /// Of the payments that were acknowledged in the measured time.
    latencies_us: Vec<u32>,
}

impl Window {
    /// The `duration` that follows the warm-up, which begins now.
    pub(crate) fn after_warm_up(duration: Duration) -> Self {
        let start = Instant::now() + WARM_UP;
        Self { start, end: start + duration }
    }

    /// Whether payments are still made.
    pub(crate) fn is_open(self) -> bool {
        Instant::now() < self.end
    }
}

impl Tally {
    /// Payments that somebody else counted.
    pub(crate) fn of(acknowledged: u64) -> Self {
        Self { acknowledged, ..Self::default() }
    }

    /// Counts a payment that was sent then and is acknowledged now.
    pub(crate) fn acknowledge(&mut self, sent: Instant, window: Window) {
        let now = Instant::now();
        self.acknowledged += 1;
        if window.start <= now && now < window.end {
            let latency_us = now.duration_since(sent).as_micros();
            self.latencies_us.push(u32::try_from(latency_us).unwrap_or(u32::MAX));
        }
    }

    /// Takes in what another connection counted.
    pub(crate) fn add(&mut self, mut other: Self) {
        self.acknowledged += other.acknowledged;
        self.unavailable += other.unavailable;
        self.latencies_us.append(&mut other.latencies_us);
    }

    /// The figures of the measured time.
    pub(crate) fn round(&self, duration: Duration) -> Round {
        Round::of_latencies(self.latencies_us.clone(), duration.as_secs_f64())
    }
}
