//! When another service wants to be asked again.

use std::time::{Duration, SystemTime};

use http::HeaderMap;
use http::header::RETRY_AFTER;

/// The longest of what the answer's `Retry-After` say (RFC 9110, section 10.2.3): seconds, or a date. What is neither is not heard.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let now = SystemTime::now();
    headers.get_all(RETRY_AFTER).iter().filter_map(|value| wait(value.to_str().ok()?.trim(), now)).max()
}

fn wait(text: &str, now: SystemTime) -> Option<Duration> {
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // More seconds than can be counted are for ever.
        return Some(Duration::from_secs(text.parse().unwrap_or(u64::MAX)));
    }
    let date = httpdate::parse_http_date(text).ok()?;
    Some(date.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<u64> {
        let headers = HeaderMap::from_iter([(RETRY_AFTER, text.parse().unwrap())]);
        retry_after(&headers).map(|wait| wait.as_secs())
    }

    #[test]
    fn seconds_and_dates_are_heard() {
        assert_eq!((read("0"), read("120"), read(" 7 ")), (Some(0), Some(120), Some(7)));
        assert_eq!(read("99999999999999999999999"), Some(u64::MAX));
        assert_eq!(read("Sun, 06 Nov 1994 08:49:37 GMT"), Some(0), "that was long ago");
        assert!(read("Fri, 31 Dec 9999 23:59:59 GMT").unwrap() > 200_000_000_000);
        let now = SystemTime::UNIX_EPOCH;
        assert_eq!(wait("Thu, 01 Jan 1970 00:00:09 GMT", now), Some(Duration::from_secs(9)));
    }

    #[test]
    fn anything_else_is_not() {
        for text in
            ["", "-1", "+1", "1.5", "1e3", "soon", "0x10", "١", "Fri, 31 Dec 99999 23:59:59 GMT", "Fri, 99 Dec 2026 23:59:59 GMT"]
        {
            let headers = HeaderMap::from_iter([(RETRY_AFTER, http::HeaderValue::from_bytes(text.as_bytes()).unwrap())]);
            assert_eq!(retry_after(&headers), None, "{text}");
        }
        assert_eq!(retry_after(&HeaderMap::new()), None);
    }

    #[test]
    fn of_several_the_longest_counts() {
        let mut headers = HeaderMap::new();
        for text in ["soon", "3", "9", "1"] {
            headers.append(RETRY_AFTER, text.parse().unwrap());
        }
        assert_eq!(retry_after(&headers), Some(Duration::from_secs(9)));
    }
}
