//! `@timestamp`: RFC 3339 in UTC with three decimals.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use time::OffsetDateTime;

/// `2025-07-04T10:30:45.123Z`
pub(super) type Timestamp = [u8; 24];

/// Writes timestamps; within one second only the three decimals are written anew.
#[derive(Debug)]
pub(super) struct Clock {
    second: u64,
    text: Timestamp,
}

impl Clock {
    pub(super) fn new() -> Self {
        Self { second: 0, text: *b"1970-01-01T00:00:00.000Z" }
    }

    /// The time as it is now.
    pub(super) fn now(&mut self) -> Timestamp {
        self.at(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default())
    }

    /// The time `since_epoch`.
    pub(super) fn at(&mut self, since_epoch: Duration) -> Timestamp {
        if since_epoch.as_secs() != self.second {
            self.second = since_epoch.as_secs();
            self.write_second();
        }
        let [.., hundreds, tens, units, _] = &mut self.text;
        write_digits(since_epoch.subsec_millis(), [hundreds, tens, units]);
        self.text
    }

    fn write_second(&mut self) {
        let seconds = i64::try_from(self.second).unwrap_or(i64::MAX);
        // Beyond the year 9999 there is no RFC 3339.
        let at = OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH);
        let [y1, y2, y3, y4, _, o1, o2, _, d1, d2, _, h1, h2, _, m1, m2, _, s1, s2, ..] = &mut self.text;
        write_digits(at.year().unsigned_abs(), [y1, y2, y3, y4]);
        write_digits(u8::from(at.month()).into(), [o1, o2]);
        write_digits(at.day().into(), [d1, d2]);
        write_digits(at.hour().into(), [h1, h2]);
        write_digits(at.minute().into(), [m1, m2]);
        write_digits(at.second().into(), [s1, s2]);
    }
}

fn write_digits<const N: usize>(mut number: u32, places: [&mut u8; N]) {
    for place in places.into_iter().rev() {
        *place = char::from_digit(number % 10, 10).map_or(b'0', |digit| digit as u8);
        number /= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(clock: &mut Clock, millis: u64) -> String {
        String::from_utf8(clock.at(Duration::from_millis(millis)).to_vec()).unwrap()
    }

    #[test]
    fn the_guideline_s_instant() {
        assert_eq!(at(&mut Clock::new(), 1_751_625_045_123), "2025-07-04T10:30:45.123Z");
    }

    #[test]
    fn every_part_changes_when_it_must() {
        let mut clock = Clock::new();
        assert_eq!(at(&mut clock, 0), "1970-01-01T00:00:00.000Z");
        assert_eq!(at(&mut clock, 7), "1970-01-01T00:00:00.007Z");
        assert_eq!(at(&mut clock, 1_000), "1970-01-01T00:00:01.000Z");
        assert_eq!(at(&mut clock, 951_782_399_999), "2000-02-28T23:59:59.999Z");
        assert_eq!(at(&mut clock, 951_782_400_000), "2000-02-29T00:00:00.000Z");
        assert_eq!(at(&mut clock, 253_402_300_799_999), "9999-12-31T23:59:59.999Z");
        assert_eq!(at(&mut clock, 1), "1970-01-01T00:00:00.001Z");
    }

    #[test]
    fn the_present_is_not_the_epoch() {
        assert!(Clock::new().now().starts_with(b"20"));
    }
}
