//! The address of a request's client.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts, OptionalFromRequestParts};
use http::request::Parts;
use standards_core::Failure;

use crate::answer::ApiError;

/// The address that a request comes from: that of the connection's peer, or, where the peer is one of `TRUSTED_PROXIES`, the nearest one in
/// `X-Forwarded-For` that is not.
///
/// `ConnectInfo<SocketAddr>` stays the peer. An IPv4 address is always written as one.
///
/// ```
/// use std::net::SocketAddr;
///
/// use axum::body::Body;
/// use axum::extract::ConnectInfo;
/// use axum::{Router, routing::get};
/// use http::Request;
/// use http_body_util::BodyExt;
/// use standards_axum::TrustedProxies;
/// use standards_axum::core::settings::SettingValue;
/// use standards_axum::extract::ClientAddress;
/// use standards_axum::layers::TrustedProxiesLayer;
/// use tower::ServiceExt;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let proxies = TrustedProxies::parse("10.0.0.0/8").unwrap();
/// let app: Router = Router::new()
///     .route("/", get(async |client: ClientAddress| client.ip().to_string()))
///     .layer(TrustedProxiesLayer::new(proxies));
/// let from = async |peer: [u8; 4], way: &str| {
///     let request = Request::get("/").header("x-forwarded-for", way).extension(ConnectInfo(SocketAddr::from((peer, 443))));
///     let answer = app.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
///     answer.into_body().collect().await.unwrap().to_bytes()
/// };
/// assert_eq!(from([10, 0, 0, 1], "1.1.1.1, 198.51.100.7, 10.0.0.2").await, "198.51.100.7");
/// assert_eq!(from([203, 0, 113, 9], "1.1.1.1").await, "203.0.113.9");
/// # }
/// ```
///
/// A server of one's own has to tell its peers by `into_make_service_with_connect_info`, as a [`Service`](crate::Service) does by itself;
/// where it does not, the argument is a 500 and an `Option<ClientAddress>` is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ClientAddress(IpAddr);

impl ClientAddress {
    pub(super) const fn new(address: IpAddr) -> Self {
        Self(address)
    }

    /// The address itself.
    #[must_use]
    pub const fn ip(self) -> IpAddr {
        self.0
    }

    /// That of the request with this head, as far as it is known.
    pub(crate) fn of(head: &Parts) -> Option<Self> {
        head.extensions.get::<Self>().copied().or_else(|| peer(head).map(Self))
    }
}

/// Whom the connection is with.
pub(super) fn peer(head: &Parts) -> Option<IpAddr> {
    head.extensions.get().map(|ConnectInfo(peer): &ConnectInfo<SocketAddr>| peer.ip().to_canonical())
}

impl<S: Sync> FromRequestParts<S> for ClientAddress {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        Ok(Self::of(parts).ok_or_else(|| Failure::internal("the server does not tell whom a connection is with"))?)
    }
}

impl<S: Sync> OptionalFromRequestParts<S> for ClientAddress {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, ApiError> {
        Ok(Self::of(parts))
    }
}
