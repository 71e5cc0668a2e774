//! The networks of the proxies that are believed (`TRUSTED_PROXIES`).

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use http::request::Parts;
use ipnet::IpNet;
use standards_core::settings::SettingValue;

use super::address::{ClientAddress, peer};
use super::base::Forwarded;
use super::hops;
use crate::listed::listed;

/// The networks of `TRUSTED_PROXIES`: whose `X-Forwarded-For`, `X-Forwarded-Proto` and `X-Forwarded-Prefix` count.
///
/// Separated by commas or as a JSON list: `10.0.0.0/8,::1` or `["10.0.0.0/8"]`. An address alone is a network of one. A network is written
/// without bits beyond its prefix, so that a slip of the pen trusts nobody by mistake, and everybody (`0.0.0.0/0`) cannot be trusted:
/// then each client would say what its address is.
///
/// ```
/// use standards_axum::TrustedProxies;
/// use standards_axum::core::settings::SettingValue;
///
/// let proxies = TrustedProxies::parse("10.0.0.0/8, ::1").unwrap();
/// assert_eq!(proxies.to_string(), "10.0.0.0/8,::1/128");
/// assert!(proxies.trusts("10.1.2.3".parse().unwrap()) && !proxies.trusts("11.0.0.1".parse().unwrap()));
/// for text in ["10.0.0.1/8", "0.0.0.0/0", "10.0.0.0/33", "proxy.example"] {
///     assert_eq!(TrustedProxies::parse(text), None);
/// }
/// ```
///
/// List proxies, and not the networks in which clients stand beside them: a client in a trusted network says what its address is.
///
/// Only `X-Forwarded-For` names a client. `Forwarded` (RFC 7239) is not read: a proxy that writes one of the two passes the other one on as
/// the client wrote it, so whoever reads both believes the client.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedProxies(Arc<[IpNet]>);

impl TrustedProxies {
    /// Whether the networks are none at all: then every client is the peer of its connection.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether one of the networks has this address. An IPv4 address that is written as IPv6 (`::ffff:10.0.0.1`) is the IPv4 address.
    #[must_use]
    pub fn trusts(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }

    /// Leaves the [`ClientAddress`] in the head's extensions, and for a request from a trusted proxy what is [`Forwarded`].
    pub(crate) fn tell(&self, head: &mut Parts) {
        let Some(peer) = peer(head) else { return };
        head.extensions.insert(ClientAddress::new(hops::client(self, peer, &head.headers)));
        if self.trusts(peer) {
            head.extensions.insert(Forwarded::told(&head.headers));
        }
    }
}

impl SettingValue for TrustedProxies {
    const EXPECTED: &'static str = "una lista de hasta 256 redes (10.0.0.0/8) separadas por comas, y ninguna de todo el mundo";

    fn parse(text: &str) -> Option<Self> {
        let networks = listed(text).filter(|entries| entries.len() <= MOST)?;
        networks.iter().map(|entry| network(entry)).collect::<Option<Arc<_>>>().map(Self)
    }
}

/// Each is compared with the peer of every request.
const MOST: usize = 256;

/// A network in one form, or an address alone.
fn network(entry: &str) -> Option<IpNet> {
    let network: IpNet = entry.parse().ok().or_else(|| entry.parse::<IpAddr>().ok().map(IpNet::from))?;
    let is_plain = network == network.trunc() && network.addr() == network.addr().to_canonical();
    (is_plain && network.prefix_len() > 0).then_some(network)
}

impl fmt::Display for TrustedProxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let networks: Vec<_> = self.0.iter().map(IpNet::to_string).collect();
        f.write_str(&networks.join(","))
    }
}
