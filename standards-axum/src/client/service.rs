//! Another service, as this one calls it.

use std::fmt;
use std::io;
use std::panic::Location;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response};
use standards_core::Failure;
use tower_layer::Layer;
use tower_service::Service;

use super::attempts::perform;
use super::call::Call;
use super::exchange::Exchange;
use super::policy::Policy;
use super::record::CallObserver;
use super::upstream_error::UpstreamError;
use crate::url::Url;

/// Another service: its name in the log, and where it is. One is made at the start and cloned; clones share connections and the retry budget.
///
/// What it does with every call is told in the [module](crate::client).
///
/// # Example: a slow service that answers much, and is asked once
///
/// ```
/// use std::time::Duration;
///
/// use standards_axum::client::Client;
/// use standards_axum::core::settings::SettingValue;
/// use standards_axum::url::Url;
///
/// # fn main() -> std::io::Result<()> {
/// let base: Url = Url::parse("http://informes:8000").ok_or(std::io::ErrorKind::InvalidInput)?;
/// let informes = Client::new("informes", base)?
///     .with_patience(Duration::from_secs(30))
///     .with_longest_answer(16 << 20)
///     .with_connections(4)
///     .with_attempts(1);
/// assert_eq!(informes.upstream(), "informes");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Client<S = Exchange> {
    pub(super) service: S,
    pub(super) policy: Policy,
}

impl Client {
    /// A client of the service `upstream`, whose name stands in records and metrics, at `base`.
    ///
    /// # Errors
    ///
    /// Where `base` is `https` and this machine has no certificates that could be believed (`SSL_CERT_FILE`, `SSL_CERT_DIR`).
    pub fn new(upstream: &'static str, base: impl Into<Url>) -> io::Result<Self> {
        let base = base.into();
        Ok(Self::of(Exchange::to(upstream, &base)?, upstream, base))
    }

    /// Takes answers of up to `bytes`; 1 MiB when not said.
    #[must_use]
    pub fn with_longest_answer(self, bytes: usize) -> Self {
        Self { service: self.service.with_longest(bytes), ..self }
    }

    /// Has at most `connections` attempts on their way at once, one at least; 64 when not said. Others wait for their turn, within their time.
    #[must_use]
    pub fn with_connections(self, connections: usize) -> Self {
        Self { service: self.service.with_room(connections), ..self }
    }
}

impl<S> Client<S> {
    pub(super) fn of(service: S, upstream: &'static str, base: Url) -> Self {
        Self { service, policy: Policy::new(upstream, base) }
    }

    /// Lets a call take `patience` at most, retries included, and less where the request at hand has less time left; 5 s when not said.
    #[must_use]
    pub fn with_patience(mut self, patience: Duration) -> Self {
        self.policy.patience = patience;
        self
    }

    /// Sends a request that may be repeated `attempts` times at most; 3 when not said, one at least.
    #[must_use]
    pub fn with_attempts(mut self, attempts: u32) -> Self {
        self.policy.attempts = attempts;
        self
    }

    /// Tells `observer` how each call ended, beside those that are told already.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use std::sync::atomic::{AtomicU32, Ordering};
    ///
    /// use standards_axum::client::{CallOutcome, Client};
    /// use standards_axum::core::settings::SettingValue;
    /// use standards_axum::url::Url;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let late = Arc::new(AtomicU32::new(0));
    /// let counted = late.clone();
    /// let base: Url = Url::parse("http://127.0.0.1:1").ok_or("no address")?;
    /// let nobody = Client::new("nadie", base)?.with_observer(move |call: &CallOutcome<'_>| {
    ///     assert_eq!((call.upstream, call.outcome(), call.status), ("nadie", "unreachable", None));
    ///     counted.fetch_add(call.attempts, Ordering::Relaxed);
    /// });
    /// assert!(nobody.get("/").send::<()>().await.is_err());
    /// assert_eq!(late.load(Ordering::Relaxed), 3);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn with_observer(mut self, observer: impl CallObserver + 'static) -> Self {
        self.policy.observers.push(Arc::new(observer));
        self
    }

    /// Puts `layer` around each attempt, outside of those that are there: a circuit breaker, say.
    ///
    /// ```
    /// use bytes::Bytes;
    /// use http::{Request, Response};
    /// use standards_axum::client::Client;
    /// use standards_axum::core::Failure;
    /// use standards_axum::core::settings::SettingValue;
    /// use standards_axum::url::Url;
    /// use tower::layer::layer_fn;
    /// use tower::service_fn;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), standards_axum::core::Fatal> {
    /// let base: Url = Url::parse("http://saludos:8000").ok_or_else(|| standards_axum::core::Fatal::new("no address"))?;
    /// // This one asks nobody.
    /// let canned = layer_fn(|_| {
    ///     service_fn(async |request: Request<Bytes>| {
    ///         assert_eq!(request.uri(), "http://saludos:8000/saludo");
    ///         let answer = Response::builder().header("content-type", "application/json");
    ///         answer.body(Bytes::from(r#"{"success":true,"data":"hola","errors":[]}"#)).map_err(Failure::internal)
    ///     })
    /// });
    /// let saludos = Client::new("saludos", base)?.layer(canned);
    /// assert_eq!(saludos.get("/saludo").send::<String>().await?, "hola");
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn layer<L: Layer<S>>(self, layer: L) -> Client<L::Service> {
        Client { service: layer.layer(self.service), policy: self.policy }
    }

    /// The name of the service that is called.
    #[must_use]
    pub const fn upstream(&self) -> &'static str {
        self.policy.upstream
    }
}

impl<S: Clone> Client<S> {
    /// Begins a call with this verb, of `path` beneath the service's address, perhaps with a query.
    ///
    /// What comes from outside is put into a path with [`segment`](super::segment), and into a query with [`Call::query`].
    #[track_caller]
    pub fn request(&self, method: Method, path: impl AsRef<str>) -> Call<S> {
        Call::new(self.clone(), method, path.as_ref(), Location::caller())
    }

    /// Begins a `GET` of `path`.
    #[track_caller]
    pub fn get(&self, path: impl AsRef<str>) -> Call<S> {
        self.request(Method::GET, path)
    }

    /// Begins a `POST` to `path`. It is repeated where it has an [`Idempotency-Key`](Call::idempotency_key).
    #[track_caller]
    pub fn post(&self, path: impl AsRef<str>) -> Call<S> {
        self.request(Method::POST, path)
    }

    /// Begins a `PUT` of `path`.
    #[track_caller]
    pub fn put(&self, path: impl AsRef<str>) -> Call<S> {
        self.request(Method::PUT, path)
    }

    /// Begins a `PATCH` of `path`. It is repeated where it has an [`Idempotency-Key`](Call::idempotency_key).
    #[track_caller]
    pub fn patch(&self, path: impl AsRef<str>) -> Call<S> {
        self.request(Method::PATCH, path)
    }

    /// Begins a `DELETE` of `path`.
    #[track_caller]
    pub fn delete(&self, path: impl AsRef<str>) -> Call<S> {
        self.request(Method::DELETE, path)
    }
}

/// A call as tower makes it: of the request the verb, the path with its query, the headers and the body count, and it is sent to the client's service,
/// whatever host the request names. The answer is whatever the service says, of any status but 3xx.
impl<S> Service<Request<Bytes>> for Client<S>
where
    S: Service<Request<Bytes>, Response = Response<Bytes>> + Clone + Send + 'static,
    S::Error: Into<Failure>,
    S::Future: Send,
{
    type Response = Response<Bytes>;
    type Error = Failure;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Bytes>, Failure>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        // Each attempt waits for the services within to be ready, within its time.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request<Bytes>) -> Self::Future {
        let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
        let addressed = self.policy.address(path).map(|address| *request.uri_mut() = address);
        let broken = addressed.err().map(UpstreamError::into_failure);
        let Self { service, policy } = self.clone();
        Box::pin(perform(service, policy, request, broken, Ok))
    }
}

impl<S> fmt::Debug for Client<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("upstream", &self.policy.upstream).field("base", &self.policy.base).finish_non_exhaustive()
    }
}
