//! Let operators in, and nobody else.
//!
//! Whoever reaches a loopback address is on this machine, and needs no token; from anywhere else one with the scope `admin` is asked for, also
//! where there is no such route, so that nobody learns by asking which there are. Only `/metrics` is open: what scrapes has no token.
//!
//! A browser on an operator's machine reaches the loopback address too, on behalf of any page that has had its own name resolved to it. The name
//! tells: it is one of the public DNS, with a dot in it, and no address. Such a request is refused.

#[cfg(feature = "auth")]
use http::header::AUTHORIZATION;
use http::header::HOST;
use http::request::Parts;
use http::uri::Authority;
use standards_core::{ErrorStatus, Failure};

use crate::answer::ApiError;
#[cfg(feature = "auth")]
use crate::auth::Authenticator;
use crate::layers::HeadCheck;

/// What a token must name in its `scope`.
#[cfg(feature = "auth")]
const SCOPE: &str = "admin";

/// Who may ask.
#[derive(Clone, Debug)]
pub(crate) struct Gate {
    is_local: bool,
    #[cfg(feature = "auth")]
    authenticator: Option<Authenticator>,
}

impl Gate {
    /// That of a loopback address: a token is not needed, and verified where there is one.
    pub(crate) const fn local() -> Self {
        Self::new(true)
    }

    /// That of any other address: nobody passes without a token.
    pub(crate) const fn closed() -> Self {
        Self::new(false)
    }

    const fn new(is_local: bool) -> Self {
        Self {
            is_local,
            #[cfg(feature = "auth")]
            authenticator: None,
        }
    }

    /// The same, with what verifies tokens.
    #[cfg(feature = "auth")]
    pub(crate) fn verifying(self, authenticator: Option<Authenticator>) -> Self {
        Self { authenticator, ..self }
    }

    #[cfg(feature = "auth")]
    fn identify(&self, head: &mut Parts) -> Result<(), ApiError> {
        match &self.authenticator {
            Some(authenticator) if !self.is_local || head.headers.contains_key(AUTHORIZATION) => {
                authenticator.admit(head, Some(SCOPE))
            }
            _ => self.let_unknown_pass(),
        }
    }

    #[cfg(not(feature = "auth"))]
    fn identify(&self, _: &mut Parts) -> Result<(), ApiError> {
        self.let_unknown_pass()
    }

    fn let_unknown_pass(&self) -> Result<(), ApiError> {
        if self.is_local { Ok(()) } else { Err(Failure::http(ErrorStatus::UNAUTHORIZED).into()) }
    }
}

impl HeadCheck for Gate {
    fn check(&self, head: &mut Parts) -> Result<(), ApiError> {
        if self.is_local && names_another_host(head) {
            return Err(Failure::http(ErrorStatus::FORBIDDEN).with_context("admin_refused", "host").into());
        }
        if head.uri.path() == "/metrics" { Ok(()) } else { self.identify(head) }
    }
}

/// Whether the request is for a name of the public DNS.
fn names_another_host(head: &Parts) -> bool {
    let header = || head.headers.get(HOST)?.to_str().ok()?.parse::<Authority>().ok();
    let is_name = |host: &str| host.contains('.') && host.parse::<std::net::Ipv4Addr>().is_err();
    head.uri.authority().cloned().or_else(header).is_some_and(|authority| is_name(authority.host()))
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn head(path: &str, host: &str) -> Parts {
        Request::get(path).header(HOST, host).body(()).unwrap().into_parts().0
    }

    fn status(gate: &Gate, mut head: Parts) -> u16 {
        gate.check(&mut head).map_or_else(|error| error.failure().status().as_u16(), |()| 200)
    }

    #[test]
    fn on_this_machine_names_of_the_public_dns_are_refused() {
        for host in ["127.0.0.1:9000", "127.0.0.1", "[::1]:9000", "localhost:9000", "pagos", "x"] {
            assert_eq!(status(&Gate::local(), head("/admin/config", host)), 200, "{host}");
        }
        for host in ["evil.example", "evil.example:9000", "127.0.0.1.evil.example", "localhost.:9000"] {
            assert_eq!(status(&Gate::local(), head("/admin/config", host)), 403, "{host}");
            assert_eq!(status(&Gate::local(), head("/metrics", host)), 403, "{host}");
        }
    }

    #[test]
    fn from_elsewhere_only_metrics_are_open() {
        assert_eq!(status(&Gate::closed(), head("/metrics", "pagos.example")), 200);
        for path in
            ["/admin/config", "/admin", "/", "/metrics/", "/Metrics", "//metrics", "/%6detrics", "/metrics/../admin/config"]
        {
            assert_eq!(status(&Gate::closed(), head(path, "pagos.example")), 401, "{path}");
        }
    }
}
