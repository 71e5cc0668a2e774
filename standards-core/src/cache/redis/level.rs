//! Redis as the level behind the memory of each instance.

use std::fmt;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

#[cfg(feature = "redis-tls")]
use redis::TlsCertificates;
use redis::{Client, Pipeline, RedisResult, Value};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;
use uuid::Uuid;

use super::link::Link;
use super::replies::{Failing, judge};
use super::told::Told;
use super::{RedisOptions, RedisUrl, keeper};
use crate::cache::{Listener, NoAnswer, SharedEvent, SharedHealth};
use crate::resilience::{CircuitBreaker, State};

/// How long a place is waited for.
const PLACE_WITHIN: Duration = Duration::from_millis(5);

/// Values in Redis, and what instances tell each other of them. Clones are one.
///
/// Nothing is connected to before the first question or [`connect`](Self::connect), and nobody waits for that: until there is a connection,
/// all is as if nothing were kept.
///
/// ```no_run
/// use std::sync::Arc;
/// use standards_core::cache::redis::{RedisLevel, RedisOptions, RedisUrl};
/// use standards_core::cache::{Cache, Namespace};
/// use standards_core::settings::SettingValue;
///
/// let url = RedisUrl::parse("redis://pagos:hunter2@redis:6379/0").unwrap();
/// let redis = Arc::new(RedisLevel::new(&url, RedisOptions::default()));
/// let clientes: Cache<String> = Cache::builder(Namespace::new("cliente", 1)).shared_by(redis).build();
/// ```
#[derive(Clone)]
pub struct RedisLevel(pub(super) Arc<Shared>);

pub(super) struct Shared {
    pub(super) client: Client,
    pub(super) options: RedisOptions,
    pub(super) instance: String,
    pub(super) channel: String,
    pub(super) link: Arc<Link>,
    pub(super) breaker: CircuitBreaker,
    pub(super) is_kept: AtomicBool,
    places: Semaphore,
    listeners: Mutex<Vec<Weak<dyn Listener>>>,
    told: Told,
}

impl RedisLevel {
    /// A level that connects when it is first asked, or told to.
    ///
    /// # Panics
    ///
    /// Never for a [`RedisUrl`] that was parsed.
    #[must_use]
    #[expect(clippy::expect_used, reason = "the address was checked when it was parsed, and nothing is connected to here")]
    pub fn new(url: &RedisUrl, options: RedisOptions) -> Self {
        let client = client(url, &options).expect("a parsed address");
        let breaker = CircuitBreaker::new("redis", options.circuit);
        let (channel, places) = (format!("{}~annulled", options.prefix), Semaphore::new(options.in_flight));
        let instance = Uuid::new_v4().simple().to_string();
        let (link, listeners, told) = (Arc::default(), Mutex::default(), Told::default());
        let is_kept = AtomicBool::new(false);
        Self(Arc::new(Shared { client, options, instance, channel, link, breaker, is_kept, places, listeners, told }))
    }

    /// Connects from now on, and not only once it is asked; nobody waits for that. A Redis that was never there is then known to be
    /// [degraded](SharedHealth::Degraded), and its circuit opens, though nobody reads.
    ///
    /// # Panics
    ///
    /// Outside a Tokio runtime.
    pub fn connect(&self) {
        keeper::ensure(&self.0);
    }

    /// The circuit around it, for metrics and operators.
    #[must_use]
    pub fn breaker(&self) -> &CircuitBreaker {
        &self.0.breaker
    }

    /// Asks, unless there is no connection, no place or an open circuit.
    pub(super) async fn ask(&self, questions: &Pipeline) -> Result<Vec<Value>, NoAnswer> {
        let shared = &self.0;
        keeper::ensure(shared);
        let _place = shared.place().await?;
        let (number, mut connection) = shared.link.connection().ok_or(NoAnswer)?;
        let permit = shared.breaker.acquire().map_err(|_| NoAnswer)?;
        let (replies, permit) = permit.watch(connection.send_packed_commands(questions, 0, questions.len())).await;
        let judged = shared.judged(number, replies);
        if judged.is_ok() {
            permit.success();
        } else {
            permit.failure();
        }
        judged
    }
}

#[cfg(not(feature = "redis-tls"))]
fn client(url: &RedisUrl, _options: &RedisOptions) -> RedisResult<Client> {
    Client::open(url.connection())
}

/// A root certificate that is none leaves the system's, which then refuse the server: that is a connection that fails, and no panic.
#[cfg(feature = "redis-tls")]
fn client(url: &RedisUrl, options: &RedisOptions) -> RedisResult<Client> {
    choose_provider();
    let certificates = TlsCertificates { client_tls: None, root_cert: options.root_certificate.clone() };
    let with_root = options.root_certificate.as_ref().and_then(|_| Client::build_with_tls(url.connection(), certificates).ok());
    with_root.map_or_else(|| Client::open(url.connection()), Ok)
}

/// The driver takes the process's provider of cryptography, and panics where there are two and none was chosen.
#[cfg(feature = "redis-tls")]
fn choose_provider() {
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        let _chosen_meanwhile = rustls::crypto::aws_lc_rs::default_provider().install_default();
    }
}

impl Shared {
    /// One of the few places; nobody waits for one where there is no connection.
    async fn place(&self) -> Result<SemaphorePermit<'_>, NoAnswer> {
        if !self.link.is_up() {
            return Err(NoAnswer);
        }
        timeout(PLACE_WITHIN, self.places.acquire()).await.map_err(|_| NoAnswer)?.map_err(|_| NoAnswer)
    }

    fn judged(&self, number: u64, replies: RedisResult<Vec<Value>>) -> Result<Vec<Value>, NoAnswer> {
        judge(replies).map_err(|Failing { reason, ends_connection }| {
            if ends_connection {
                self.link.lose(number, reason);
            }
            NoAnswer
        })
    }

    pub(super) fn tell_listeners(&self, event: &SharedEvent<'_>) {
        let listeners: Vec<_> =
            self.listeners.lock().unwrap_or_else(PoisonError::into_inner).iter().filter_map(Weak::upgrade).collect();
        listeners.iter().for_each(|listener| listener.hear(event));
    }

    pub(super) fn listen(&self, listener: Weak<dyn Listener>) {
        let mut listeners = self.listeners.lock().unwrap_or_else(PoisonError::into_inner);
        listeners.retain(|listener| listener.strong_count() > 0);
        listeners.push(listener);
    }

    /// Tells the log how the connection is.
    pub(super) fn tell(&self) {
        self.told.tell(self.link.is_up(), self.link.reason().as_deref());
    }

    pub(super) fn health(&self) -> SharedHealth {
        let is_open = matches!(self.breaker.state(), State::Open | State::HalfOpen | State::ForcedOpen);
        match (self.link.is_up(), self.link.reason()) {
            (true, _) if !is_open => SharedHealth::Reachable,
            (false, None) if !is_open => SharedHealth::Idle,
            _ => SharedHealth::Degraded,
        }
    }
}

impl fmt::Debug for RedisLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisLevel").field("health", &self.0.health()).field("options", &self.0.options).finish_non_exhaustive()
    }
}
