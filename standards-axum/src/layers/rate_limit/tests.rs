//! Who is refused, when, and at what cost.

use std::net::SocketAddr;
use std::time::Duration;

use axum::extract::ConnectInfo;
use http::{HeaderMap, Request};
use standards_core::log::LogLevel;
use standards_core::settings::SettingValue;
use tokio::time::advance;

use super::*;

fn limit(rate: &str) -> RateLimit {
    RateLimitLayer::new(Rate::parse(rate).unwrap()).check()
}

fn head(path: &str, peer: &str) -> Parts {
    let peer = ConnectInfo(SocketAddr::new(peer.parse().unwrap(), 50_000));
    Request::get(path).extension(peer).body(()).unwrap().into_parts().0
}

/// The seconds that a request from `peer` has to wait, or none where it passes.
fn asked(limit: &RateLimit, peer: &str) -> Option<u64> {
    let error = limit.check(&mut head("/", peer)).err()?;
    assert_eq!(error.failure().status().as_u16(), 429);
    header(error.into_answer().headers(), "retry-after")
}

fn header(headers: &HeaderMap, name: &str) -> Option<u64> {
    headers.get(name)?.to_str().ok()?.parse().ok()
}

#[tokio::test(start_paused = true)]
async fn a_burst_passes_and_what_follows_is_as_fast_as_the_rate() {
    let limit = limit("2/3");
    let answers: Vec<_> = (0..5).map(|_| asked(&limit, "198.51.100.7")).collect();
    assert_eq!(answers, [None, None, None, Some(1), Some(1)]);
    advance(Duration::from_millis(499)).await;
    assert_eq!(asked(&limit, "198.51.100.7"), Some(1));
    advance(Duration::from_millis(1)).await;
    assert_eq!([asked(&limit, "198.51.100.7"), asked(&limit, "198.51.100.7")], [None, Some(1)]);
    advance(Duration::from_secs(60)).await;
    let answers: Vec<_> = (0..4).map(|_| asked(&limit, "198.51.100.7")).collect();
    assert_eq!(answers, [None, None, None, Some(1)]);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_says_when_to_come_again() {
    let limit = limit("1/5");
    for _ in 0..5 {
        assert_eq!(asked(&limit, "198.51.100.7"), None);
    }
    let answer = limit.check(&mut head("/", "198.51.100.7")).unwrap_err().into_answer();
    let told = ["retry-after", "ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"];
    assert_eq!(told.map(|name| header(answer.headers(), name)), [Some(1), Some(5), Some(0), Some(5)]);
    advance(Duration::from_secs(1)).await;
    assert_eq!(asked(&limit, "198.51.100.7"), None);
}

#[tokio::test(start_paused = true)]
async fn each_client_has_a_count_of_its_own() {
    let limit = limit("1");
    let clients = ["198.51.100.7", "198.51.100.8", "2001:db8:0:1::1", "2001:db8:0:2::1"];
    assert_eq!(clients.map(|client| asked(&limit, client)), [None; 4]);
    // Other spellings, and other addresses of a network that is one client's.
    for client in ["198.51.100.7", "::ffff:198.51.100.8", "2001:db8:0:1::2", "2001:db8:0:2:ffff:ffff:ffff:ffff"] {
        assert_eq!(asked(&limit, client), Some(1), "{client}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_tells_about_the_service_is_not_counted() {
    let limit = limit("1");
    for path in ["/health/live", "/health/ready", "/metrics", "/admin/requests"] {
        assert!(limit.check(&mut head(path, "198.51.100.7")).is_ok(), "{path}");
    }
    assert_eq!([asked(&limit, "198.51.100.7"), asked(&limit, "198.51.100.7")], [None, Some(1)]);
    assert!(limit.check(&mut head("/health/live", "198.51.100.7")).is_ok());
}

#[tokio::test(start_paused = true)]
async fn requests_of_nobody_known_are_counted_together() {
    let limit = limit("1");
    let unknown = || Request::get("/").body(()).unwrap().into_parts().0;
    assert!(limit.check(&mut unknown()).is_ok());
    assert!(limit.check(&mut unknown()).is_err());
}

#[tokio::test(start_paused = true)]
async fn a_key_of_ones_own_may_be_none_and_may_panic() {
    let key = |head: &Parts| match head.uri.path() {
        "/panic" => panic!("no key"),
        "/free" => None,
        path => Some(path.to_owned()),
    };
    let limit = RateLimitLayer::keyed_by(Rate::parse("1").unwrap(), key).check();
    let status = |path| limit.check(&mut head(path, "198.51.100.7")).err().map(|error| error.failure().status().as_u16());
    assert_eq!(["/a", "/b", "/a", "/free", "/free", "/panic"].map(status), [None, None, Some(429), None, None, Some(500)]);
}

#[tokio::test(start_paused = true)]
async fn one_refusal_a_second_is_a_warning() {
    let limit = limit("1/1");
    assert_eq!(asked(&limit, "198.51.100.7"), None);
    let mut levels = [LogLevel::Debug, LogLevel::Warning].map(|level| (level, 0));
    for _ in 0..100 {
        let level = limit.check(&mut head("/", "198.51.100.7")).unwrap_err().failure().level();
        levels.iter_mut().filter(|(known, _)| *known == level).for_each(|(_, count)| *count += 1);
    }
    assert_eq!(levels.map(|(_, count)| count), [99, 1]);
    advance(Duration::from_secs(1)).await;
    assert_eq!(asked(&limit, "198.51.100.7"), None);
    let refused = limit.check(&mut head("/", "198.51.100.7")).unwrap_err();
    let expected = [("unsaid", 99_u64.into()), ("limited_by", "address".into()), ("client", "198.51.100.7".into())];
    assert_eq!((refused.failure().level(), refused.failure().context()), (LogLevel::Warning, &expected[..]));
}

#[cfg(feature = "auth")]
mod subjects {
    use governor::state::StateStore;

    use super::*;

    /// A request with a token, whose subject is known once it was let in.
    fn called(limit: &RateLimit, subject: &str) -> Option<&'static str> {
        let mut head = head("/", "198.51.100.7");
        head.headers.insert("authorization", "Bearer x".parse().unwrap());
        if limit.check(&mut head).is_err() {
            return Some("address");
        }
        charge_subject(&mut head, subject).err().map(|_| "subject")
    }

    #[tokio::test(start_paused = true)]
    async fn a_subject_is_counted_in_the_place_of_its_address() {
        let limit = limit("2");
        let flood: Vec<_> = (0..100).map(|_| called(&limit, "ana")).collect();
        assert_eq!(flood[..3], [None, None, Some("subject")]);
        assert!(flood[3..].iter().all(|refused| *refused == Some("subject")));
        assert_eq!([called(&limit, "luis"), called(&limit, "luis"), called(&limit, "luis")], [None, None, Some("subject")]);
        assert_eq!(["a", "b", "c"].map(|_| asked(&limit, "198.51.100.7")), [None, None, Some(1)]);
    }

    #[tokio::test(start_paused = true)]
    async fn an_address_that_floods_is_refused_before_its_tokens_are_looked_at() {
        let limit = limit("2");
        assert_eq!([asked(&limit, "198.51.100.7"), asked(&limit, "198.51.100.7")], [None, None]);
        assert_eq!(called(&limit, "ana"), Some("address"));
        advance(Duration::from_millis(500)).await;
        assert_eq!(called(&limit, "ana"), None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_is_charged_once_however_often_its_token_is_verified() {
        let limit = limit("1");
        let mut head = head("/", "198.51.100.7");
        head.headers.insert("authorization", "Bearer x".parse().unwrap());
        limit.check(&mut head).unwrap();
        for _ in 0..3 {
            charge_subject(&mut head, "ana").unwrap();
        }
        assert_eq!(called(&limit, "ana"), Some("subject"));
        assert_eq!([asked(&limit, "198.51.100.7"), asked(&limit, "198.51.100.7")], [None, Some(1)]);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_given_back_is_no_more_than_was_taken() {
        let cells = Cells::new(Ticks::start());
        cells.give_back(7, Duration::from_secs(1));
        let due = cells.measure_and_replace(&7, |due| Ok::<_, ()>((due, 5_u64.into()))).unwrap();
        assert_eq!(due, None);
        cells.give_back(7, Duration::from_secs(1));
        let due = cells.measure_and_replace(&7, |due| Ok::<_, ()>((due, 5_u64.into()))).unwrap();
        assert_eq!(due, Some(0_u64.into()));
    }
}

#[tokio::test(start_paused = true)]
async fn a_million_clients_take_bounded_memory_and_lock_nobody_out() {
    let limit = limit("1");
    let known = limit.0.hasher.hash_one("known");
    limit.take(known).unwrap();
    let crowd = || (0..1_000_000_u64).filter(|client| limit.take(limit.0.hasher.hash_one(client)).is_ok()).count();
    let mut admitted = 0;
    let memory = allocation_counter::measure(|| admitted = crowd());
    // As many as there are cells, and what is kept is what those take.
    assert_eq!(admitted, 16 * 7_168 - 1);
    assert!(memory.bytes_max < 4 << 20, "{memory:?}");
    assert!(memory.bytes_current < 3 << 20, "{memory:?}");
    // Who was there keeps its own count, and newcomers share those that become free.
    assert!(limit.take(known).is_err());
    advance(Duration::from_secs(1)).await;
    assert!(limit.take(known).is_ok());
    assert!(limit.take(limit.0.hasher.hash_one("newcomer")).is_ok());
}

#[tokio::test(start_paused = true)]
async fn memory_is_given_back_after_a_flood() {
    let limit = limit("1");
    let memory = allocation_counter::measure(|| {
        for client in 0..100_000_u64 {
            limit.take(limit.0.hasher.hash_one(client)).unwrap();
        }
    });
    assert!(memory.bytes_current > 1 << 20, "{memory:?}");
    advance(Duration::from_secs(2)).await;
    let freed = allocation_counter::measure(|| {
        for client in 0..1_000_u64 {
            limit.take(limit.0.hasher.hash_one(("later", client))).unwrap();
        }
    });
    assert!(freed.bytes_current < -(1 << 20), "{freed:?}");
}

#[tokio::test(start_paused = true)]
async fn newcomers_to_a_full_house_are_limited_too() {
    let limit = limit("2");
    let admitted =
        |wave: u8| (0..200_000_u64).filter(|client| limit.take(limit.0.hasher.hash_one((wave, client))).is_ok()).count();
    // Each that has a cell of its own, and two for each that is shared.
    assert_eq!(admitted(1), 16 * (7_168 - 256) + 16 * 256 * 2);
    advance(Duration::from_millis(500)).await;
    assert_eq!(admitted(2), 16 * 256);
}

#[test]
fn a_rate_is_one_number_or_two() {
    let most = 1_000_000;
    for (text, rate) in
        [("1", (1, 1)), ("50", (50, 50)), ("50/100", (50, 100)), ("50/1", (50, 1)), ("1000000/1000000", (most, most))]
    {
        assert_eq!(Rate::parse(text).map(|rate| (rate.per_second(), rate.burst())), Some(rate), "{text}");
    }
}

const NO_RATES: &str = ",0,-1,+1,1.5, 1,1/0,0/1,1/,/1,1/2/3,1 / 2,1000001,1/1000001,99999999999,1e3,x";

#[test]
fn what_is_no_rate_is_refused() {
    for text in NO_RATES.split(',') {
        assert_eq!(Rate::parse(text), None, "{text:?}");
    }
}
