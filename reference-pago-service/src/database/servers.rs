//! The servers that a URL names, and what is wanted of them.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions as _, PgConnection};
use tokio::time::timeout;

use super::writers::Writers;

/// One server, or several of which one will do (libpq's `target_session_attrs`).
///
/// Where any will do, the one that did last is asked first, so that a server that stays silent costs its time once and not with each
/// connection. Where a writer is wanted it is looked for. Clones remember together.
#[derive(Clone)]
pub(super) struct Servers {
    hosts: Vec<PgConnectOptions>,
    /// How long each may take to connect (`connect_timeout`).
    pub(super) limit: Option<Duration>,
    pub(super) wanted: Wanted,
    last: Arc<AtomicUsize>,
    pub(super) writers: Arc<Writers>,
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
        Self { hosts, limit, wanted, last: Arc::default(), writers: Arc::default() }
    }

    /// The same with other settings for each session, and, where one silent server must not keep from the next, no longer than
    /// `patience` for all of them.
    pub(super) fn with(&self, patience: Duration, settings: impl Fn(&PgConnectOptions) -> PgConnectOptions) -> Self {
        let hosts: Vec<_> = self.hosts.iter().map(settings).collect();
        let share = patience / u32::try_from(hosts.len()).unwrap_or(u32::MAX).max(1);
        let limit = if hosts.len() > 1 { Some(self.limit.map_or(share, |limit| limit.min(share))) } else { self.limit };
        Self { hosts, limit, ..self.clone() }
    }

    /// A session with the first that answers, whatever it is; there is no writer to change.
    ///
    /// # Errors
    ///
    /// That of the last of them, when none answers.
    pub(super) async fn first_to_answer(&self) -> Result<(PgConnection, u32), sqlx::Error> {
        let first = self.last.load(Ordering::Relaxed);
        let mut failure = sqlx::Error::PoolTimedOut;
        for place in (0..self.hosts.len()).map(|n| (first + n) % self.hosts.len()) {
            let Some(host) = self.hosts.get(place) else { continue };
            match Box::pin(self.within_limit(async { host.connect().await })).await {
                Ok(connection) => {
                    self.last.store(place, Ordering::Relaxed);
                    return Ok((connection, 0));
                }
                Err(error) => failure = error,
            }
        }
        Err(failure)
    }

    /// What `work` with one of them comes to, or that it took too long.
    pub(super) async fn within_limit<T>(&self, work: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, sqlx::Error> {
        match self.limit {
            None => work.await,
            Some(limit) => timeout(limit, work).await.unwrap_or_else(|_| Err(io::Error::from(io::ErrorKind::TimedOut).into())),
        }
    }

    /// Whether a session is of no use any more once it can only read.
    pub(super) fn want_writer(&self) -> bool {
        self.wanted != Wanted::Any
    }

    /// How the session with each is set up.
    pub(super) fn hosts(&self) -> &[PgConnectOptions] {
        &self.hosts
    }

    #[cfg(test)]
    pub(super) fn terms(&self) -> (Option<Duration>, Wanted) {
        (self.limit, self.wanted)
    }
}

/// What the URL calls it: host and port, or the directory of a socket. Never a password.
pub(super) fn name_of(host: &PgConnectOptions) -> String {
    match host.get_socket() {
        Some(directory) => format!("{}:{}", directory.display(), host.get_port()),
        None => format!("{}:{}", host.get_host(), host.get_port()),
    }
}
