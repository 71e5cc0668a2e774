//! The clock by which keys grow old: SQLite has none of its own.

use std::sync::LazyLock;
use std::time::Instant;

use crate::models::Timestamp;
use crate::repositories::rows::microseconds;

/// This machine's clock as it was when the process first asked, and from then on the time that has really passed: a clock that is set
/// while the process runs ages no key by a day, nor keeps one for ever.
static CLOCK: LazyLock<Clock> = LazyLock::new(|| Clock::since(Timestamp::now().microseconds()));

struct Clock {
    start: i64,
    since: Instant,
}

impl Clock {
    fn since(start: i64) -> Self {
        Self { start, since: Instant::now() }
    }

    fn now(&self) -> i64 {
        self.start.saturating_add(microseconds(self.since.elapsed()))
    }
}

/// Microseconds since 1970-01-01T00:00:00Z.
pub(super) fn now() -> i64 {
    CLOCK.now()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000_000;

    #[test]
    fn it_begins_with_the_machines_clock() {
        assert!((Timestamp::now().microseconds() - now()).abs() < HOUR);
    }

    #[test]
    fn it_goes_on_from_where_it_began_whatever_the_machines_clock_says() {
        let day = 24 * HOUR;
        for start in [0, Timestamp::now().microseconds() - day, Timestamp::now().microseconds() + day] {
            let clock = Clock::since(start);
            let (first, second) = (clock.now(), clock.now());
            assert!(start <= first && first <= second && second < start + HOUR);
        }
        assert_eq!(Clock::since(i64::MAX).now(), i64::MAX);
    }
}
