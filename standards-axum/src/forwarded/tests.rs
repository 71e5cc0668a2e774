//! Who is believed, and what.

use std::net::IpAddr;

use axum::extract::ConnectInfo;
use http::request::{Builder, Parts};
use http::uri::Scheme;
use http::{HeaderValue, Request};
use standards_core::settings::SettingValue;

use super::*;

const PROXIES: &str = "10.0.0.0/8, 192.0.2.1, 2001:db8::/32, ::1";

/// The head of a request from `peer`, after `proxies` have told it.
fn told(proxies: &str, peer: &str, build: impl FnOnce(Builder) -> Builder) -> Parts {
    let peer = ConnectInfo(std::net::SocketAddr::new(peer.parse().unwrap(), 50_000));
    let mut head = build(Request::get("/").extension(peer)).body(()).unwrap().into_parts().0;
    TrustedProxies::parse(proxies).unwrap().tell(&mut head);
    head
}

fn client(peer: &str, lines: &[&[u8]]) -> String {
    let way = |request: Builder, line: &&[u8]| request.header("x-forwarded-for", HeaderValue::from_bytes(line).unwrap());
    let head = told(PROXIES, peer, |request| lines.iter().fold(request, way));
    ClientAddress::of(&head).unwrap().ip().to_string()
}

/// The peer, the lines of `X-Forwarded-For`, and whom the request is from.
const WAYS: &[(&str, &[&[u8]], &str)] = &[
    // Nobody is believed who is no proxy.
    ("203.0.113.9", &[], "203.0.113.9"),
    ("203.0.113.9", &[b"198.51.100.7"], "203.0.113.9"),
    ("203.0.113.9", &[b"10.0.0.1"], "203.0.113.9"),
    ("2001:db9::1", &[b"198.51.100.7"], "2001:db9::1"),
    // A proxy is, and those that it was asked by.
    ("10.0.0.1", &[], "10.0.0.1"),
    ("10.0.0.1", &[b"198.51.100.7"], "198.51.100.7"),
    ("192.0.2.1", &[b"198.51.100.7, 10.1.1.1 , 10.2.2.2"], "198.51.100.7"),
    ("10.0.0.1", &[b"10.9.9.9,10.8.8.8"], "10.9.9.9"),
    ("::1", &[b"2001:db8::7, 198.51.100.7, 2001:db8::8"], "198.51.100.7"),
    // What stands before the first that is no proxy, anybody may have written.
    ("10.0.0.1", &[b"127.0.0.1, 198.51.100.7"], "198.51.100.7"),
    ("10.0.0.1", &[b"10.0.0.2, 198.51.100.7, 10.0.0.3"], "198.51.100.7"),
    ("10.0.0.1", &[b"unknown, garbage, 198.51.100.7"], "198.51.100.7"),
    ("10.0.0.1", &[b"\xff\xfe, 198.51.100.7"], "198.51.100.7"),
    // Several lines are one list (RFC 9110, section 5.3).
    ("10.0.0.1", &[b"127.0.0.1", b"198.51.100.7"], "198.51.100.7"),
    ("10.0.0.1", &[b"127.0.0.1", b"198.51.100.7", b"10.0.0.2, 10.0.0.3"], "198.51.100.7"),
    ("10.0.0.1", &[b"198.51.100.7", b""], "198.51.100.7"),
    ("10.0.0.1", &[b",, 198.51.100.7 ,,", b" , "], "198.51.100.7"),
    // Forms of an address.
    ("10.0.0.1", &[b"198.51.100.7:4711"], "198.51.100.7"),
    ("10.0.0.1", &[b"2001:db9::7"], "2001:db9::7"),
    ("10.0.0.1", &[b"[2001:db9::7]"], "2001:db9::7"),
    ("10.0.0.1", &[b"[2001:db9::7]:4711"], "2001:db9::7"),
    ("10.0.0.1", &[b"\t198.51.100.7\t"], "198.51.100.7"),
    // IPv4 is IPv4, however it is written.
    ("::ffff:10.0.0.1", &[b"198.51.100.7"], "198.51.100.7"),
    ("::ffff:203.0.113.9", &[b"198.51.100.7"], "203.0.113.9"),
    ("10.0.0.1", &[b"198.51.100.7, ::ffff:10.0.0.2"], "198.51.100.7"),
    // Where the way is lost, the last proxy that is known.
    ("10.0.0.1", &[b"198.51.100.7, unknown"], "10.0.0.1"),
    ("10.0.0.1", &[b"198.51.100.7, _hidden, 10.0.0.2"], "10.0.0.2"),
    ("10.0.0.1", &[b"198.51.100.7, _secret:80"], "10.0.0.1"),
    ("10.0.0.1", &[b"198.51.100.7, \xff"], "10.0.0.1"),
    ("10.0.0.1", &[b"198.51.100"], "10.0.0.1"),
    ("10.0.0.1", &[b"198.51.100.007"], "10.0.0.1"),
    ("10.0.0.1", &[b"3325256711"], "10.0.0.1"),
    ("10.0.0.1", &[b"198.51.100.7:99999"], "10.0.0.1"),
    ("10.0.0.1", &[b"198.51.100.7/32"], "10.0.0.1"),
    ("10.0.0.1", &[b"\"198.51.100.7\""], "10.0.0.1"),
    ("10.0.0.1", &[b"for=198.51.100.7"], "10.0.0.1"),
    ("10.0.0.1", &[b"[198.51.100.7]"], "10.0.0.1"),
    ("10.0.0.1", &[b"[2001:db9::7"], "10.0.0.1"),
    ("10.0.0.1", &[b"fe80::1%eth0"], "10.0.0.1"),
    ("10.0.0.1", &[b"198.51.100.7;198.51.100.8"], "10.0.0.1"),
];

#[test]
fn a_client_is_whom_the_nearest_trusted_proxy_was_asked_by() {
    for (peer, lines, expected) in WAYS {
        let shown: Vec<_> = lines.iter().map(|line| String::from_utf8_lossy(line)).collect();
        assert_eq!(client(peer, lines), *expected, "{peer}: {shown:?}");
    }
}

#[test]
fn a_way_of_ten_thousand_hops_is_walked_once() {
    let long = |last: &str| format!("198.51.100.7{}{last}", ", 10.0.0.2".repeat(10_000));
    assert_eq!(client("10.0.0.1", &[long("").as_bytes()]), "198.51.100.7");
    assert_eq!(client("10.0.0.1", &[long(", 203.0.113.9").as_bytes()]), "203.0.113.9");
    let lines = vec![&b"10.0.0.2"[..]; 10_000];
    assert_eq!(client("10.0.0.1", &lines), "10.0.0.2");
}

#[test]
fn other_headers_name_no_client() {
    let head = told(PROXIES, "10.0.0.1", |request| {
        request.header("forwarded", "for=198.51.100.7").header("x-real-ip", "198.51.100.7").header("client-ip", "198.51.100.7")
    });
    assert_eq!(ClientAddress::of(&head).unwrap().ip(), "10.0.0.1".parse::<IpAddr>().unwrap());
}

fn forwarded(peer: &str, headers: &[(&str, &str)]) -> (Option<Scheme>, String) {
    let head = told(PROXIES, peer, |request| headers.iter().fold(request, |all, (name, value)| all.header(*name, *value)));
    let forwarded = head.extensions.get::<Forwarded>().cloned().unwrap_or_default();
    (forwarded.scheme().cloned(), forwarded.prefix().to_owned())
}

#[test]
fn scheme_and_prefix_are_a_trusted_proxys() {
    let headers = [("x-forwarded-proto", "https"), ("x-forwarded-prefix", "/caja")];
    assert_eq!(forwarded("10.0.0.1", &headers), (Some(Scheme::HTTPS), "/caja".to_owned()));
    assert_eq!(forwarded("203.0.113.9", &headers), (None, String::new()));
    for (text, scheme) in
        [("HTTP", Some(Scheme::HTTP)), ("http, https", Some(Scheme::HTTPS)), ("javascript", None), ("", None), ("https ,", None)]
    {
        assert_eq!(forwarded("10.0.0.1", &[("x-forwarded-proto", text)]).0, scheme, "{text:?}");
    }
}

#[test]
fn a_prefix_leads_to_no_other_place() {
    let prefix = |text| forwarded("10.0.0.1", &[("x-forwarded-prefix", text)]).1;
    for (text, expected) in [("/caja/v1", "/caja/v1"), ("/caja/", "/caja"), ("/a.b~c_d-1", "/a.b~c_d-1")] {
        assert_eq!(prefix(text), expected, "{text}");
    }
    for text in ["", "/", "caja", "//evil.example", "/a//b", "/..", "/a/../b", "/a?b", "/a#b", "/\"><script>", "/a, /b", "/a%2f"]
    {
        assert_eq!(prefix(text), "", "{text}");
    }
    let twice = [("x-forwarded-prefix", "/a"), ("x-forwarded-prefix", "/b")];
    assert_eq!(forwarded("10.0.0.1", &twice).1, "");
}

#[test]
fn networks_come_in_both_spellings() {
    let both = TrustedProxies::parse("10.0.0.0/8, ::1").unwrap();
    assert_eq!(Some(&both), TrustedProxies::parse(r#"["10.0.0.0/8","::1"]"#).as_ref());
    assert_eq!(both.to_string(), "10.0.0.0/8,::1/128");
    assert!(TrustedProxies::parse("").unwrap().is_empty() && !both.is_empty());
    assert!(TrustedProxies::parse(&"10.0.0.1,".repeat(256)).is_some());
}

const NO_NETWORKS: &[&str] = &[
    "10.0.0.1/8",
    "10.0.0.0/33",
    "10.0.0.0/",
    "10.0.0.0/-1",
    "10.0.0/8",
    "proxy.example",
    "*",
    "0.0.0.0/0",
    "::/0",
    "10.0.0.1:80",
    "[::1]",
    "::ffff:10.0.0.0/104",
    "2001:db8::1/32",
    "[\"10.0.0.1\"",
    "10.0.0.1 10.0.0.2",
];

#[test]
fn what_is_no_network_is_refused() {
    for text in NO_NETWORKS.iter().copied().chain([&*"10.0.0.1,".repeat(257)]) {
        assert_eq!(TrustedProxies::parse(text), None, "{text}");
    }
}
