//! New connections, and few attempts at a server that takes none.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use sqlx::PgConnection;
use tokio::sync::{Mutex, Semaphore};
use tokio::time::{Instant, sleep_until};

use super::capabilities::Capabilities;
use super::servers::Servers;
use super::{RepositoryError, search};

/// From one attempt to the next at a server that is in doubt: four a second.
const PAUSE: Duration = Duration::from_millis(250);
/// Attempts at once at a server that is believed to be well. What it has stopped taking meanwhile is found out by so many, and not by
/// as many as the pool has places.
const AT_ONCE: usize = 2;

/// Connects to the servers of one URL, which are one server to all who ask.
///
/// While the server is well, whoever wants to connects, few at once. Once a connection broke or could not be made the server is in doubt: one
/// attempt at a time is made, all others wait for it, and go on when it succeeds. When it fails they are refused with its failure,
/// and so is whoever comes before the pause has passed: a server that is out of connections, or is just starting, is not helped by
/// attempts.
pub(super) struct Connector {
    /// Whom it connects to.
    pub(super) servers: Servers,
    trusted: AtomicBool,
    at_once: Semaphore,
    /// How often all connections were found to be of no more use: the tables are others than those that statements were prepared for,
    /// or the server is no longer the one that writes.
    pub(super) generation: AtomicU32,
    /// What the server can do, as it answered when the last connection was made.
    pub(super) capabilities: Capabilities,
    /// The last attempt at a server in doubt. Whoever holds it makes the next one.
    last: Mutex<Option<Attempt>>,
}

/// A connection, and how often the writer had changed when it was made.
pub(super) type Session = (PgConnection, u32);

struct Attempt {
    begun: Instant,
    failure: Option<RepositoryError>,
}

impl Connector {
    /// In doubt, since the server was never heard of.
    pub(super) fn new(servers: Servers, shorter_ways: bool) -> Self {
        let at_once = Semaphore::new(AT_ONCE);
        let capabilities = Capabilities::new(shorter_ways);
        let generation = AtomicU32::new(0);
        Self { servers, trusted: AtomicBool::new(false), at_once, generation, capabilities, last: Mutex::default() }
    }

    /// Have the next attempt made alone: a connection broke, or did not come in time.
    pub(super) fn doubt(&self) {
        self.trusted.store(false, Ordering::Release);
    }

    /// The connections of `generation` are of no more use: every one of them is replaced. Of several that find out the first is heard.
    pub(super) fn outdate(&self, generation: u32) {
        let _somebody_else_did =
            self.generation.compare_exchange(generation, generation.wrapping_add(1), Ordering::Relaxed, Ordering::Relaxed);
    }

    /// # Errors
    ///
    /// The server's, or the network's; within the pause after an attempt that failed, the failure of that one.
    pub(super) async fn connect(&self) -> Result<Session, RepositoryError> {
        loop {
            if self.trusted.load(Ordering::Acquire) {
                let _place = self.at_once.acquire().await;
                // Those before may have found it out.
                if self.trusted.load(Ordering::Acquire) {
                    return self.judged(search::connect(&self.servers).await).await;
                }
            }
            let mut last = self.last.lock().await;
            if !self.trusted.load(Ordering::Acquire) {
                return self.attempt_in_turn(&mut last).await;
            }
        }
    }

    /// An attempt at a server in doubt, by the one whose turn it is.
    async fn attempt_in_turn(&self, last: &mut Option<Attempt>) -> Result<Session, RepositoryError> {
        if let Some(Attempt { begun, failure }) = last {
            match failure {
                Some(failure) if begun.elapsed() < PAUSE => return Err(failure.clone()),
                _ => sleep_until(*begun + PAUSE).await,
            }
        }
        self.attempt_alone(last).await
    }

    async fn attempt_alone(&self, last: &mut Option<Attempt>) -> Result<Session, RepositoryError> {
        // What is true if the caller loses its patience meanwhile.
        let late = RepositoryError::from(sqlx::Error::PoolTimedOut);
        let attempt = last.insert(Attempt { begun: Instant::now(), failure: Some(late) });
        match self.judged(search::find(&self.servers).await).await {
            Ok(session) => {
                attempt.failure = None;
                self.trusted.store(true, Ordering::Release);
                Ok(session)
            }
            Err(error) => {
                attempt.failure = Some(error.clone());
                Err(error)
            }
        }
    }

    async fn judged(&self, outcome: Result<Session, sqlx::Error>) -> Result<Session, RepositoryError> {
        let probed = match outcome {
            Ok((mut connection, writer)) => {
                let probed = self.capabilities.probe(&mut connection).await;
                probed.map(|()| (connection, writer))
            }
            Err(error) => Err(error),
        };
        probed.map_err(|error| {
            self.doubt();
            error.into()
        })
    }
}
