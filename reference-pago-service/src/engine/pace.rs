//! How fast a lane works, and so how long an order would wait for its turn.

use std::time::Duration;

use tokio::time::Instant;

/// How long an idle lane remembers. What a database was like before that tells nothing of what it is like now.
const MEMORY: Duration = Duration::from_secs(1);

/// What a lane's batches have taken.
///
/// What the next one will take is the middle of what the last three took: one that stalled tells nothing, two do. It judges for the order, not
/// against it: where little is known, the wait is short. An order that is taken in wrongly is dropped unsent, one that is refused wrongly is lost
/// to the client.
#[derive(Debug)]
pub(super) struct Pace {
    /// What the last three batches took; nothing, where there were fewer.
    last: [Duration; 3],
    /// Since when it is as it is.
    since: Instant,
    busy: bool,
}

impl Pace {
    /// That of a lane which waits for its first order.
    pub(super) const fn new(now: Instant) -> Self {
        Self { last: [Duration::ZERO; 3], since: now, busy: false }
    }

    /// A batch is begun.
    pub(super) fn begin(&mut self, now: Instant) {
        *self = Self { last: self.known(now), since: now, busy: true };
    }

    /// It has ended, if there was one: the lane waits for orders.
    pub(super) fn end(&mut self, now: Instant) {
        if self.busy {
            let [_, first, second] = self.last;
            *self = Self { last: [first, second, now.saturating_duration_since(self.since)], since: now, busy: false };
        }
    }

    /// Whether it waits for orders.
    pub(super) const fn is_idle(&self) -> bool {
        !self.busy
    }

    /// How long an order would wait that has so many `batches` before it, the one at work not counted.
    pub(super) fn wait(&self, batches: usize, now: Instant) -> Duration {
        let batch = middle(self.known(now));
        self.rest(now).saturating_add(batch.saturating_mul(u32::try_from(batches).unwrap_or(u32::MAX)))
    }

    /// How long the batch at work will still take. One that is overdue is thought to take as long again as it is late.
    fn rest(&self, now: Instant) -> Duration {
        if self.busy { middle(self.last).abs_diff(now.saturating_duration_since(self.since)) } else { Duration::ZERO }
    }

    fn known(&self, now: Instant) -> [Duration; 3] {
        let forgotten = !self.busy && now.saturating_duration_since(self.since) >= MEMORY;
        if forgotten { [Duration::ZERO; 3] } else { self.last }
    }
}

fn middle(mut times: [Duration; 3]) -> Duration {
    times.sort_unstable();
    let [_, middle, _] = times;
    middle
}

/// Whether who waits so long from `now` on would be late.
pub(super) fn outlasts(wait: Duration, deadline: Option<Instant>, now: Instant) -> bool {
    deadline.is_some_and(|deadline| wait > deadline.saturating_duration_since(now))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    /// A lane that has had batches of so many milliseconds, one after the other, and when the last one ended.
    fn after(batches: &[u32]) -> (Pace, Instant) {
        let mut now = Instant::now();
        let mut pace = Pace::new(now);
        for batch in batches {
            pace.begin(now);
            now += *batch * MS;
            pace.end(now);
        }
        (pace, now)
    }

    #[test]
    fn an_idle_lane_lets_nobody_wait() {
        for batches in [&[][..], &[10], &[5_000]] {
            let (pace, now) = after(batches);
            assert_eq!(pace.wait(0, now), Duration::ZERO);
        }
    }

    #[test]
    fn each_batch_before_an_order_takes_what_the_last_ones_took() {
        let (pace, now) = after(&[10, 20, 25]);
        assert_eq!([1, 2, 4].map(|batches| pace.wait(batches, now)), [20 * MS, 40 * MS, 80 * MS]);
    }

    #[test]
    fn the_batch_at_work_is_waited_for_and_the_longer_the_later_it_is() {
        let (mut pace, now) = after(&[20, 20]);
        pace.begin(now);
        let wait = |elapsed: u32| pace.wait(0, now + elapsed * MS);
        assert_eq!([0, 5, 20, 25, 3_000].map(wait), [20 * MS, 15 * MS, Duration::ZERO, 5 * MS, 2_980 * MS]);
        assert_eq!(pace.wait(2, now + 5 * MS), 55 * MS);
    }

    #[test]
    fn one_batch_that_stalled_tells_nothing_and_two_are_forgotten_after_two() {
        let waits = |batches: &[u32]| {
            let (pace, now) = after(batches);
            pace.wait(4, now)
        };
        assert_eq!([waits(&[10_000]), waits(&[10, 10, 10_000])], [Duration::ZERO, 40 * MS]);
        assert_eq!([waits(&[10, 10_000, 10_000]), waits(&[10_000, 10_000, 10, 10])], [40_000 * MS, 40 * MS]);
    }

    #[test]
    fn a_stall_is_forgotten_by_a_lane_that_has_had_nothing_to_do() {
        let (mut pace, now) = after(&[10_000, 10_000]);
        assert_eq!(pace.wait(1, now + MEMORY / 2), 10_000 * MS);
        let later = now + MEMORY;
        assert_eq!(pace.wait(1, later), Duration::ZERO);
        pace.begin(later);
        assert_eq!(pace.wait(1, later), Duration::ZERO);
    }

    #[test]
    fn only_who_has_a_deadline_can_be_late() {
        let now = Instant::now();
        let cases =
            [(None, 9_999, false), (Some(50), 49, false), (Some(50), 50, false), (Some(50), 51, true), (Some(0), 0, false)];
        for (left, wait, expected) in cases {
            let deadline = left.map(|left: u32| now + left * MS);
            assert_eq!(outlasts(wait * MS, deadline, now), expected, "{left:?} {wait}");
        }
        assert!(outlasts(MS, Some(now), now + MS), "a deadline that has passed leaves nothing");
    }
}
