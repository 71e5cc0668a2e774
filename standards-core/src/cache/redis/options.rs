//! How Redis is asked.

use std::time::Duration;

use crate::resilience::CircuitPolicy;

/// How long Redis is waited for, and how much it is asked at once.
///
/// ```
/// use std::time::Duration;
/// use standards_core::cache::redis::RedisOptions;
///
/// let options = RedisOptions::default().with_response_timeout(Duration::from_millis(20)).with_prefix("pagos:");
/// assert!(format!("{options:?}").contains("20ms"));
/// ```
#[derive(Clone, Debug)]
pub struct RedisOptions {
    pub(super) connect_timeout: Duration,
    pub(super) response_timeout: Duration,
    pub(super) in_flight: usize,
    pub(super) prefix: String,
    pub(super) circuit: CircuitPolicy,
    #[cfg(feature = "redis-tls")]
    pub(super) root_certificate: Option<Vec<u8>>,
}

/// 200 ms to connect, 50 ms for an answer, eight questions at once, no prefix, and a circuit for which 25 ms are slow.
impl Default for RedisOptions {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_millis(200),
            response_timeout: Duration::from_millis(50),
            in_flight: 8,
            prefix: String::new(),
            circuit: CircuitPolicy::default().with_slow_after(Duration::from_millis(25)),
            #[cfg(feature = "redis-tls")]
            root_certificate: None,
        }
    }
}

impl RedisOptions {
    /// How long connecting may take, with its name, TLS and password; nobody waits for it.
    #[must_use]
    pub fn with_connect_timeout(self, connect_timeout: Duration) -> Self {
        Self { connect_timeout, ..self }
    }

    /// How long an answer may take. One that takes longer ends the connection, so that it is not taken for the next one's.
    #[must_use]
    pub fn with_response_timeout(self, response_timeout: Duration) -> Self {
        Self { response_timeout, ..self }
    }

    /// How many questions are on their way at once, at least one; no more can be slow before the connection is given up. Who finds no place
    /// within five milliseconds goes without.
    #[must_use]
    pub fn with_in_flight(self, in_flight: usize) -> Self {
        Self { in_flight: in_flight.max(1), ..self }
    }

    /// What all keys begin with, and the channel: where several services share a database.
    #[must_use]
    pub fn with_prefix(self, prefix: impl Into<String>) -> Self {
        Self { prefix: prefix.into(), ..self }
    }

    /// When Redis is left alone.
    #[must_use]
    pub fn with_circuit(self, circuit: CircuitPolicy) -> Self {
        Self { circuit, ..self }
    }

    /// Believes a Redis whose certificate comes from this one, in PEM, and none that the system believes; for `rediss://`.
    #[cfg(feature = "redis-tls")]
    #[must_use]
    pub fn with_root_certificate(self, pem: impl Into<Vec<u8>>) -> Self {
        Self { root_certificate: Some(pem.into()), ..self }
    }
}
