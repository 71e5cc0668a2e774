//! Find out whom a request is from, behind proxies.

use http::request::Parts;
use tower_layer::Layer;

use super::{Guard, HeadCheck};
use crate::answer::ApiError;
use crate::forwarded::TrustedProxies;

/// Tells handlers and what stands inside, such as a [`RateLimitLayer`](super::RateLimitLayer), the
/// [`ClientAddress`](crate::extract::ClientAddress) and what is [`Forwarded`](crate::extract::Forwarded) of each request, as far as the
/// proxies that say so are trusted.
///
/// It refuses nobody. Without it every client is the peer of its connection. See [`ClientAddress`](crate::extract::ClientAddress) for an
/// example.
#[derive(Clone, Debug)]
pub struct TrustedProxiesLayer {
    proxies: TrustedProxies,
}

impl TrustedProxiesLayer {
    /// Believes these proxies.
    #[must_use]
    pub const fn new(proxies: TrustedProxies) -> Self {
        Self { proxies }
    }
}

/// It refuses nobody.
impl HeadCheck for TrustedProxies {
    fn check(&self, head: &mut Parts) -> Result<(), ApiError> {
        self.tell(head);
        Ok(())
    }
}

impl<S> Layer<S> for TrustedProxiesLayer {
    type Service = Guard<S, TrustedProxies>;

    fn layer(&self, inner: S) -> Guard<S, TrustedProxies> {
        Guard::new(inner, self.proxies.clone())
    }
}
