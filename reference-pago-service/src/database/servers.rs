//! The servers that a URL names, and which of them a session is made with.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions as _, PgConnection};
use tokio::time::timeout;

/// One server, or several of which the first that will do is taken (libpq's `target_session_attrs`).
///
/// The one that did last is asked first, so that a server that stays silent costs its time once and not with each connection.
/// Clones remember it together.
#[derive(Clone)]
pub(super) struct Servers {
    hosts: Vec<PgConnectOptions>,
    /// How long each may take to connect (`connect_timeout`).
    limit: Option<Duration>,
    wanted: Wanted,
    last: Arc<AtomicUsize>,
}

/// Which sessions will do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Any.
    #[default]
    Any,
    /// One that may write.
    ReadWrite,
    /// One with a server that is no standby.
    Primary,
}

impl Servers {
    pub(super) fn new(hosts: Vec<PgConnectOptions>, limit: Option<Duration>, wanted: Wanted) -> Self {
        Self { hosts, limit, wanted, last: Arc::default() }
    }

    /// The same with other settings for each session, and, where one silent server must not keep from the next, no longer than
    /// `patience` for all of them.
    pub(super) fn with(&self, patience: Duration, settings: impl Fn(&PgConnectOptions) -> PgConnectOptions) -> Self {
        let hosts: Vec<_> = self.hosts.iter().map(settings).collect();
        let share = patience / u32::try_from(hosts.len()).unwrap_or(u32::MAX).max(1);
        let limit = if hosts.len() > 1 { Some(self.limit.map_or(share, |limit| limit.min(share))) } else { self.limit };
        Self { hosts, limit, wanted: self.wanted, last: self.last.clone() }
    }

    /// # Errors
    ///
    /// That of the server that was asked last, when none will do.
    pub(super) async fn connect(&self) -> Result<PgConnection, sqlx::Error> {
        let first = self.last.load(Ordering::Relaxed);
        let mut failure = sqlx::Error::PoolTimedOut;
        for place in (0..self.hosts.len()).map(|n| (first + n) % self.hosts.len()) {
            let Some(host) = self.hosts.get(place) else { continue };
            // Boxed: whoever connects is deep in other futures, and does it rarely.
            match Box::pin(self.attempt(host)).await {
                Ok(connection) => {
                    self.last.store(place, Ordering::Relaxed);
                    return Ok(connection);
                }
                Err(error) => failure = error,
            }
        }
        Err(failure)
    }

    async fn attempt(&self, host: &PgConnectOptions) -> Result<PgConnection, sqlx::Error> {
        let connect = async {
            let mut connection = host.connect().await?;
            self.check(&mut connection).await?;
            Ok(connection)
        };
        match self.limit {
            None => connect.await,
            Some(limit) => timeout(limit, connect).await.unwrap_or_else(|_| Err(io::Error::from(io::ErrorKind::TimedOut).into())),
        }
    }

    async fn check(&self, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        let question = match self.wanted {
            Wanted::Any => return Ok(()),
            Wanted::ReadWrite => "select current_setting('transaction_read_only') = 'off'",
            Wanted::Primary => "select not pg_is_in_recovery()",
        };
        if sqlx::query_scalar(question).persistent(false).fetch_one(connection).await? {
            return Ok(());
        }
        Err(io::Error::other("the server is not what target_session_attrs asks for").into())
    }

    /// Whether a session is of no use any more once it can only read.
    pub(super) fn want_writer(&self) -> bool {
        self.wanted != Wanted::Any
    }

    /// How the session with each is set up.
    #[cfg(test)]
    pub(super) fn hosts(&self) -> &[PgConnectOptions] {
        &self.hosts
    }

    #[cfg(test)]
    pub(super) fn terms(&self) -> (Option<Duration>, Wanted) {
        (self.limit, self.wanted)
    }
}
