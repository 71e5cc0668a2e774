//! Refuse who asks too often.
//!
//! The walk: [`RateLimitLayer`] puts a [`RateLimit`] before a service, which counts each request for its client in `cells` by the algorithm of
//! `governor`; once a token was verified, `charge` counts it for the token's subject in the address's place; `refusal` is the answer.

mod cells;
#[cfg(feature = "auth")]
mod charge;
mod rate;
mod refusal;

use std::fmt;
use std::hash::{BuildHasher, Hash, RandomState};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;
use std::time::Duration;

use governor::RateLimiter;
use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use http::request::Parts;
use standards_core::catch_panic;
use tower_layer::Layer;

use self::cells::{Cells, Ticks};
use self::refusal::{Counted, Refusals};
use super::admission::is_exempt;
use super::{Guard, HeadCheck};
use crate::answer::ApiError;
use crate::forwarded::ClientAddress;

#[cfg(feature = "auth")]
pub(crate) use self::charge::charge_subject;
pub use self::rate::Rate;
#[cfg(test)]
pub(crate) use self::refusal::{RATE_LIMIT_LIMIT, RATE_LIMIT_REMAINING, RATE_LIMIT_RESET};

#[cfg(test)]
mod tests;

/// Answers 429 with `Retry-After` to a client that asks more often than a [`Rate`] allows.
///
/// | a request | is counted for |
/// |---|---|
/// | whose token an [`Authenticator`](crate::auth::Authenticator) inside verifies | the token's subject, wherever it comes from |
/// | any other | the [address](crate::extract::ClientAddress) that it comes from, of IPv6 its network of 64 bits |
/// | to a path that tells about the service (`/health/..`, `/metrics`, `/admin/..`) | nobody |
///
/// An address that has spent what it may is refused before its token is looked at, so a flood of bad tokens costs no cryptography; whoever
/// shares that address shares the refusals. A subject that has spent what it may is refused after its token was verified, and costs its
/// address nothing: others who call from there are served.
///
/// Copies of the layer share one count. What is kept has a bound, 2.2 MB, whatever comes: past 110,592 clients at once newcomers
/// share 4,096 counts, so that no number of addresses gets around the limit, and none locks the others out.
///
/// ```
/// use std::net::SocketAddr;
/// use std::num::NonZeroU32;
///
/// use axum::body::Body;
/// use axum::extract::ConnectInfo;
/// use axum::{Router, routing::get};
/// use http::Request;
/// use standards_axum::layers::{Rate, RateLimitLayer};
/// use tower::ServiceExt;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let limit = RateLimitLayer::new(Rate::new(NonZeroU32::MIN));
/// let app: Router = Router::new().route("/", get(async || "hola")).layer(limit);
/// let answer = async |peer: [u8; 4]| {
///     let request = Request::get("/").extension(ConnectInfo(SocketAddr::from((peer, 50_000))));
///     app.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
/// };
/// assert_eq!(answer([198, 51, 100, 7]).await.status(), 200);
/// let refused = answer([198, 51, 100, 7]).await;
/// assert_eq!((refused.status().as_u16(), &refused.headers()["retry-after"]), (429, &"1".parse().unwrap()));
/// assert_eq!(answer([198, 51, 100, 8]).await.status(), 200);
/// # }
/// ```
///
/// Beside `Retry-After` a refusal says `RateLimit-Limit`, `RateLimit-Remaining` and `RateLimit-Reset`
/// (draft-ietf-httpapi-ratelimit-headers-06). Its record is at `WARNING`, but once a second at most, with `context.limited_by`,
/// `context.client` and how many were left out (`unsaid`); the records of the others are at `DEBUG`.
///
/// In a [`Service`](crate::Service) the rate is `RATE_LIMIT`. Behind a proxy all clients have the proxy's address, unless it is one of
/// `TRUSTED_PROXIES` or a [`TrustedProxiesLayer`](super::TrustedProxiesLayer) stands outside. Where a server does not tell the addresses of its
/// peers (`into_make_service_with_connect_info`), all requests are counted together.
#[derive(Clone, Debug)]
pub struct RateLimitLayer {
    limit: RateLimit,
}

/// The check of [`RateLimitLayer`].
#[derive(Clone)]
pub struct RateLimit(Arc<Limit>);

struct Limit {
    rate: Rate,
    limiter: Limiter,
    /// The limiter's own.
    #[cfg(feature = "auth")]
    cells: Cells,
    ticks: Ticks,
    /// Nobody knows who would share a cell with whom.
    hasher: RandomState,
    key: Option<KeyOf>,
    refusals: Refusals,
}

type Limiter = RateLimiter<u64, Cells, Ticks, NoOpMiddleware<Nanos>>;

/// The hash of a key of one's own, if a head has one.
type KeyOf = Box<dyn Fn(&Parts, &RandomState) -> Option<u64> + Send + Sync>;

impl RateLimitLayer {
    /// Allows `rate` to each subject, and to each address that sends no valid token.
    #[must_use]
    pub fn new(rate: Rate) -> Self {
        Self::with(rate, None)
    }

    /// Allows `rate` to whatever `key` says of a head: two requests with equal keys are counted together, one without a key is not counted.
    ///
    /// The key has to be something that a client cannot choose freely, or has to be checked by the time that the layer sees it: who invents a
    /// key for each request is never refused.
    ///
    /// ```
    /// use std::num::NonZeroU32;
    ///
    /// use axum::body::Body;
    /// use axum::{Router, routing::post};
    /// use http::Request;
    /// use standards_axum::layers::{Rate, RateLimitLayer};
    /// use tower::ServiceExt;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// // What a gateway has checked already.
    /// let by_branch = |head: &http::request::Parts| head.headers.get("x-sucursal").cloned();
    /// let limit = RateLimitLayer::keyed_by(Rate::new(NonZeroU32::MIN), by_branch);
    /// let app: Router = Router::new().route("/", post(async || "hola")).layer(limit);
    /// let status = async |branch: &str| {
    ///     let request = Request::post("/").header("x-sucursal", branch).body(Body::empty()).unwrap();
    ///     app.clone().oneshot(request).await.unwrap().status().as_u16()
    /// };
    /// assert_eq!([status("7").await, status("7").await, status("8").await], [200, 429, 200]);
    /// # }
    /// ```
    #[must_use]
    pub fn keyed_by<K: Hash>(rate: Rate, key: impl Fn(&Parts) -> Option<K> + Send + Sync + 'static) -> Self {
        Self::with(rate, Some(Box::new(move |head, hasher| key(head).map(|key| hasher.hash_one(key)))))
    }

    fn with(rate: Rate, key: Option<KeyOf>) -> Self {
        let ticks = Ticks::start();
        let cells = Cells::new(ticks);
        let limiter = RateLimiter::new(rate.quota(), cells.clone(), ticks);
        let (hasher, refusals) = (RandomState::new(), Refusals::default());
        let limit = Limit {
            rate,
            limiter,
            #[cfg(feature = "auth")]
            cells,
            ticks,
            hasher,
            key,
            refusals,
        };
        Self { limit: RateLimit(Arc::new(limit)) }
    }

    /// What the layer asks of a head, for the stack.
    /// How many requests were refused since the layer was made.
    ///
    /// ```
    /// use std::num::NonZeroU32;
    ///
    /// use standards_axum::layers::{Rate, RateLimitLayer};
    ///
    /// assert_eq!(RateLimitLayer::new(Rate::new(NonZeroU32::MIN)).refused(), 0);
    /// ```
    #[must_use]
    pub fn refused(&self) -> u64 {
        self.limit.refused()
    }

    pub(crate) fn check(self) -> RateLimit {
        self.limit
    }
}

impl<S> Layer<S> for RateLimitLayer {
    type Service = Guard<S, RateLimit>;

    fn layer(&self, inner: S) -> Guard<S, RateLimit> {
        Guard::new(inner, self.limit.clone())
    }
}

impl HeadCheck for RateLimit {
    fn check(&self, head: &mut Parts) -> Result<(), ApiError> {
        if is_exempt(head.uri.path()) {
            return Ok(());
        }
        let Some(key_of) = &self.0.key else { return self.count_address(head) };
        // A function of a team's may panic, and nothing outside of this layer has to answer that.
        let key = catch_panic(|| key_of(head, &self.0.hasher))?;
        key.map_or(Ok(()), |key| self.count(key, Counted::Key, head))
    }
}

impl RateLimit {
    pub(crate) fn refused(&self) -> u64 {
        self.0.refusals.all()
    }

    fn count_address(&self, head: &mut Parts) -> Result<(), ApiError> {
        let address = ClientAddress::of(head).map(ClientAddress::ip).map(network);
        let key = self.0.hasher.hash_one(address);
        self.count(key, Counted::Address, head)?;
        #[cfg(feature = "auth")]
        charge::note(self, key, head);
        Ok(())
    }

    fn count(&self, key: u64, counted: Counted, head: &Parts) -> Result<(), ApiError> {
        let Limit { rate, refusals, .. } = &*self.0;
        self.take(key).map_err(|wait| refusals.refuse(*rate, wait, counted, ClientAddress::of(head).map(ClientAddress::ip)))
    }

    /// One of what `key` may have, or how long it has to wait for it.
    fn take(&self, key: u64) -> Result<(), Duration> {
        let Limit { limiter, ticks, .. } = &*self.0;
        limiter.check_key(&key).map_err(|until| until.wait_time_from(ticks.now()))
    }
}

/// A client has a whole network of IPv6 to itself, and may call from each of its addresses.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64)).into(),
    }
}

impl fmt::Debug for RateLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RateLimit").field("rate", &self.0.rate).finish_non_exhaustive()
    }
}
