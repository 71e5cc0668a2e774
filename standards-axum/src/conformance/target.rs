//! Whom requests are sent to, and to nobody else.

use std::net::IpAddr;

use http::Uri;
use standards_core::rules::Bilingual;

use super::text::both;

/// The service's address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Target {
    pub host: String,
    pub port: u16,
}

impl Target {
    /// Reads `http://host:port`.
    pub(super) fn parse(url: &str) -> Result<Self, Bilingual> {
        let uri: Uri = url.parse().map_err(|_| unreadable(url))?;
        match uri.scheme_str() {
            Some("http") => {}
            Some("https") => return Err(no_tls()),
            _ => return Err(unreadable(url)),
        }
        if !matches!(uri.path_and_query().map(http::uri::PathAndQuery::as_str), None | Some("/")) {
            return Err(with_path(url));
        }
        let authority = uri.authority().filter(|authority| !authority.as_str().contains('@')).ok_or_else(|| unreadable(url))?;
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
        Ok(Self { host, port: authority.port_u16().unwrap_or(80) })
    }

    /// Whether it is this machine.
    pub(super) fn is_loopback(&self) -> bool {
        self.host == "localhost" || self.host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    }

    /// What stands in the `Host` header.
    pub(super) fn authority(&self) -> String {
        if self.host.contains(':') { format!("[{}]:{}", self.host, self.port) } else { format!("{}:{}", self.host, self.port) }
    }

    /// `http://host:port`.
    pub(super) fn origin(&self) -> String {
        format!("http://{}", self.authority())
    }
}

fn unreadable(url: &str) -> Bilingual {
    let shown = super::text::clean(url);
    both(format!("No es una dirección http://host:puerto: {shown}"), format!("Not an address http://host:port: {shown}"))
}

fn no_tls() -> Bilingual {
    both(
        "standards-check no habla TLS: diríjalo a la dirección http del servicio, detrás de quien termina TLS",
        "standards-check does not speak TLS: point it at the service's http address, behind what ends TLS",
    )
}

fn with_path(url: &str) -> Bilingual {
    let shown = super::text::clean(url);
    both(
        format!("La dirección no lleva ruta; la del API es `base` en el perfil: {shown}"),
        format!("The address has no path; that of the API is `base` in the profile: {shown}"),
    )
}

#[cfg(test)]
mod tests {
    use super::Target;

    #[test]
    fn an_address_is_read_with_its_port() {
        let target = Target::parse("http://[::1]:8000/").unwrap();
        assert_eq!((target.host.as_str(), target.port, target.is_loopback()), ("::1", 8000, true));
        assert_eq!(target.origin(), "http://[::1]:8000");
        assert!(!Target::parse("http://10.0.0.7").unwrap().is_loopback());
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for url in ["", "8000", "ftp://a", "https://127.0.0.1", "http://127.0.0.1/api", "http://user@127.0.0.1", "http://"] {
            assert!(Target::parse(url).is_err(), "{url}");
        }
    }
}
