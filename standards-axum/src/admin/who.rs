//! Who makes a change, as its record tells.

use std::convert::Infallible;
use std::net::SocketAddr;

use axum::extract::{ConnectInfo, FromRequestParts};
use http::request::Parts;

/// The subject of the operator's token, else the address that the request is from.
pub(super) struct Who(String);

impl Who {
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl<S: Sync> FromRequestParts<S> for Who {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let address = || parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.to_string());
        Ok(Self(subject(parts).or_else(address).unwrap_or_else(|| "desconocido".to_owned())))
    }
}

#[cfg(feature = "auth")]
fn subject(parts: &Parts) -> Option<String> {
    parts.extensions.get::<crate::auth::Caller>().map(|caller| caller.subject().to_owned())
}

#[cfg(not(feature = "auth"))]
const fn subject(_: &Parts) -> Option<String> {
    None
}
