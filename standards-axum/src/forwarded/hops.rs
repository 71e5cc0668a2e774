//! The way of a request through proxies, as `X-Forwarded-For` tells it.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use http::{HeaderMap, HeaderName};

use super::networks::TrustedProxies;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The nearest address on the way that is no trusted proxy's.
///
/// Each proxy adds, at the end, whom it was asked by. So the way is walked backwards, for as long as those who wrote it down are trusted;
/// what stands before that anybody may have written. Where a proxy knew no address (`unknown`, `_hidden`, or nothing that is one) it is
/// the last one that is known.
pub(super) fn client(proxies: &TrustedProxies, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
    let lines = headers.get_all(X_FORWARDED_FOR).iter().rev();
    let mut hops = lines.flat_map(|line| line.as_bytes().rsplit(|byte| *byte == b',')).map(<[u8]>::trim_ascii);
    let mut nearest = peer;
    while proxies.trusts(nearest) {
        // Empty elements of a list count for nothing (RFC 9110, section 5.6.1).
        let Some(next) = hops.find(|hop| !hop.is_empty()).and_then(address) else { break };
        nearest = next;
    }
    nearest
}

/// An address, perhaps with a port, and of IPv6 perhaps in brackets.
fn address(hop: &[u8]) -> Option<IpAddr> {
    let hop = std::str::from_utf8(hop).ok()?;
    let bracketed = || hop.strip_prefix('[')?.strip_suffix(']')?.parse::<Ipv6Addr>().ok().map(IpAddr::V6);
    let with_port = || hop.parse().ok().map(|address: SocketAddr| address.ip());
    hop.parse().ok().or_else(with_port).or_else(bracketed).map(|address: IpAddr| address.to_canonical())
}
