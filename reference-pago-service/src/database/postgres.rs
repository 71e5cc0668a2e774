//! PostgreSQL: one pool, every session with its own limits.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, PgConnection, Row as _};
use tokio::time::{sleep, timeout};

use super::pool::{Loan, Pool};
use super::pool_use::Crowd;
use super::servers::{Servers, name_of};
use super::{BoxFuture, DatabaseOptions, ErrorKind, PoolUse, RepositoryError, detached, fitness, search};

const APPLICATION_NAME: &str = env!("CARGO_PKG_NAME");
const LOCK_TIMEOUT_MS: &str = "1000";
const IDLE_IN_TRANSACTION_TIMEOUT_MS: &str = "5000";
/// A migration may have to wait for another instance's.
const MIGRATION_LOCK_TIMEOUT_MS: &str = "60000";
const MIGRATION_CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How often the server is asked whether it is there while a migration has it work without a time limit.
const WATCH: Duration = Duration::from_secs(2);
/// After so many questions without an answer, one after the other, it is not.
const UNANSWERED: u32 = 5;
/// No more can be written until somebody makes room.
const DISK_FULL: &str = "53100";
/// How long after its statement timeout a server may still stay silent.
const SILENCE: Duration = Duration::from_millis(500);

/// The connections to a PostgreSQL server.
#[derive(Clone)]
pub struct PostgresDatabase {
    pool: Pool,
    /// How a session is set up that may take its time.
    unhurried: Servers,
    patience: Duration,
    /// A write has shown that the server's disk is full, and none has shown since that it has room.
    is_full: Arc<AtomicBool>,
}

impl PostgresDatabase {
    pub(super) fn new(servers: &Servers, options: &DatabaseOptions) -> Self {
        let statement_timeout = options.statement_timeout.as_millis().to_string();
        let hurried = |url: &PgConnectOptions| session(url, &statement_timeout, LOCK_TIMEOUT_MS).options(PLANS);
        let unhurried = |url: &PgConnectOptions| session(url, "0", MIGRATION_LOCK_TIMEOUT_MS);
        Self {
            pool: Pool::new(servers.with(options.acquire_timeout, hurried), *options),
            unhurried: servers.with(MIGRATION_CONNECT_TIMEOUT, unhurried),
            patience: options.statement_timeout + SILENCE,
            is_full: Arc::default(),
        }
    }

    pub(super) fn pool_use(&self) -> PoolUse {
        self.pool.in_use()
    }

    /// A connection outside the pool, with the same limits as those in it.
    ///
    /// # Errors
    ///
    /// When the server takes none.
    pub async fn connect(&self) -> Result<PgConnection, sqlx::Error> {
        Ok(search::connect(self.pool.servers()).await?.0)
    }

    /// A connection to each of the servers that the URL names, whatever they are, one after the other.
    pub(crate) async fn connect_each(&self) -> Vec<(String, Result<PgConnection, RepositoryError>)> {
        let servers = self.pool.servers();
        let mut connections = Vec::new();
        for host in servers.hosts() {
            let connection = servers.within_limit(async { host.connect().await }).await;
            connections.push((name_of(host), connection.map_err(RepositoryError::from)));
        }
        connections
    }

    /// Whether the URL names several servers, and whether it asks for the one that writes.
    pub(crate) fn names(&self) -> (usize, bool) {
        (self.pool.servers().hosts().len(), self.pool.servers().want_writer())
    }

    /// Run `work`, one statement, on a connection of the pool, to its end even when the caller's
    /// future is dropped.
    ///
    /// The work may return before it has read the whole answer; the rest is read before the connection is used again. It is done
    /// again, once, where the server says that the statement was prepared for tables that have been altered since: then nothing was done.
    ///
    /// # Errors
    ///
    /// Those of the work; [`ErrorKind::Unavailable`](crate::database::ErrorKind::Unavailable) when there is no connection to be had, or when the server stays silent
    /// for longer than its own statement timeout allows.
    pub async fn run<T, F>(&self, work: F) -> Result<T, RepositoryError>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut PgConnection) -> BoxFuture<'c, T> + Clone + Send + 'static,
    {
        let database = self.clone();
        detached(async move {
            let again = work.clone();
            match database.attempt(work).await {
                Err(error) if error.is_outdated() => database.attempt(again).await,
                outcome => outcome,
            }
        })
        .await
    }

    async fn attempt<T, F>(&self, work: F) -> Result<T, RepositoryError>
    where
        F: for<'c> FnOnce(&'c mut PgConnection) -> BoxFuture<'c, T>,
    {
        let mut loan = self.pool.acquire(&Crowd::of(1)).await?;
        let outcome = self.ask(&mut loan, work).await;
        if outcome.as_ref().is_err_and(|error| self.is_broken(error)) {
            loan.discard();
        } else {
            loan.give_back_within(self.patience);
        }
        outcome
    }

    /// Runs `work`, statements whose answers it reads to the end, for a caller that sends one after the other: the connection is
    /// ready for the next one at once. `crowd` are the requests that it is for, which count as waiting until there is a connection.
    ///
    /// A caller that drops the future leaves the statement to the server, which ends it, and the connection is closed. Work whose
    /// statement was prepared for tables that have been altered since is not done again here, for that would cost a copy of it: its
    /// [`remedy`](RepositoryError::remedy) is to be [tried again](super::Remedy::Retry), on a new connection.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run).
    pub(crate) async fn run_whole<T, F>(&self, crowd: Crowd, work: F) -> Result<T, RepositoryError>
    where
        F: for<'c> FnOnce(&'c mut PgConnection) -> BoxFuture<'c, T>,
    {
        let mut loan = self.pool.acquire(&crowd).await?;
        let outcome = self.ask(&mut loan, work).await;
        match &outcome {
            Ok(_) => loan.give_back(),
            Err(error) if self.is_broken(error) => loan.discard(),
            Err(_) => loan.give_back_within(self.patience),
        }
        outcome
    }

    async fn ask<T, F>(&self, loan: &mut Loan, work: F) -> Result<T, RepositoryError>
    where
        F: for<'c> FnOnce(&'c mut PgConnection) -> BoxFuture<'c, T>,
    {
        let outcome = timeout(self.patience, work(loan)).await.unwrap_or_else(|_| Err(silence().into()));
        // What a server acknowledged that is no longer the writer may be lost with it: whoever asks again learns what became of it.
        let outcome = if loan.is_superseded() { outcome.and(Err(superseded())) } else { outcome };
        self.note(loan, &outcome);
        outcome
    }

    /// Has all connections replaced where one was found to be outdated or to lead to no writer, and remembers that the disk is full.
    fn note<T>(&self, loan: &Loan, outcome: &Result<T, RepositoryError>) {
        match outcome {
            Err(error) if error.is_outdated() || self.is_lost(error) => loan.outdate(),
            Err(error) if error.sqlstate() == Some(DISK_FULL) => self.is_full.store(true, Ordering::Relaxed),
            _ => {}
        }
    }

    /// Whether a statement that writes may pass over rows that others hold (`skip locked`), as the server answered when it was
    /// connected to.
    pub(crate) fn skip_locked(&self) -> bool {
        self.pool.capabilities().skip_locked.load(Ordering::Relaxed)
    }

    /// Whether the server's disk was full when something was last written to it.
    pub(crate) fn is_full(&self) -> bool {
        self.is_full.load(Ordering::Relaxed)
    }

    /// What was written shows that its disk has room again.
    pub(crate) fn note_room(&self) {
        self.is_full.store(false, Ordering::Relaxed);
    }

    /// Whether the failure is the connection's own, and not an answer of the server; or that of a server that only reads now, where
    /// another is to be looked for.
    fn is_broken(&self, error: &RepositoryError) -> bool {
        let only_reads = error.sqlstate() == Some("25006") && self.unhurried.want_writer();
        only_reads || error.kind() == ErrorKind::Unavailable && !error.is_answer()
    }

    /// Whether all connections to the server are of no more use, where another is to be looked for.
    fn is_lost(&self, error: &RepositoryError) -> bool {
        let stops = || error.sqlstate().is_some_and(|code| code.starts_with("57P"));
        self.unhurried.want_writer() && (self.is_broken(error) || stops())
    }

    /// A server that only reads, as a standby does, counts as not there: no payment could be made.
    pub(super) async fn ping(&self) -> Result<(), RepositoryError> {
        let reads_only = || RepositoryError::unavailable("the server is read-only");
        let elsewhere = self.unhurried.want_writer();
        let only_reads = self.run(move |connection| {
            Box::pin(async move {
                // The simple protocol needs one round trip even on a new connection.
                let row = sqlx::raw_sql("show transaction_read_only").fetch_one(connection).await?;
                let only_reads = row.try_get::<String, _>(0)? == "on";
                // A failure that is no answer has the connection closed: the next one may be another server's.
                if only_reads && elsewhere { Err(reads_only()) } else { Ok(only_reads) }
            })
        });
        if only_reads.await? { Err(reads_only()) } else { Ok(()) }
    }

    /// Look whether the database can be used at all: see [`require`](super::fitness::require).
    pub(super) async fn examine(&self) -> Result<(), RepositoryError> {
        self.run(|connection| Box::pin(fitness::require(connection, LOCK_TIMEOUT_MS))).await
    }

    pub(super) async fn close(&self) {
        self.pool.close().await;
    }

    /// Do `work` on a connection outside the pool without a statement timeout, which waits long enough for another instance's
    /// migrations: for them, and for what reads the whole database.
    ///
    /// The work may take any time as long as the server is there; that is asked on another connection, all the while.
    ///
    /// # Errors
    ///
    /// Those of the work, those of a database that cannot be used, and [`ErrorKind::Unavailable`](crate::database::ErrorKind::Unavailable)
    /// when the server cannot be reached or has fallen silent. What the work has not committed by then is undone.
    pub(crate) async fn unhurried<T, E, W>(&self, work: W) -> Result<T, E>
    where
        E: From<RepositoryError>,
        W: AsyncFnOnce(&mut PgConnection) -> Result<T, E>,
    {
        let connect = timeout(MIGRATION_CONNECT_TIMEOUT, self.connect_unhurried());
        let mut connection = connect.await.unwrap_or_else(|_| Err(silence().into()))?;
        let outcome = tokio::select! {
            outcome = work(&mut connection) => outcome?,
            () = self.falls_silent() => return Err(RepositoryError::from(silence()).into()),
        };
        connection.close().await.map_err(RepositoryError::from)?;
        Ok(outcome)
    }

    async fn connect_unhurried(&self) -> Result<PgConnection, RepositoryError> {
        let (mut connection, _) = search::connect(&self.unhurried).await?;
        fitness::require(&mut connection, MIGRATION_LOCK_TIMEOUT_MS).await?;
        Ok(connection)
    }

    /// Returns once the server has answered nobody for a while. A refusal is an answer.
    async fn falls_silent(&self) {
        let mut unanswered = 0;
        while unanswered < UNANSWERED {
            sleep(WATCH).await;
            let asked = self.run(|connection| Box::pin(async move { Ok(connection.ping().await?) })).await;
            unanswered = if asked.is_err_and(|error| !error.is_answer()) { unanswered + 1 } else { 0 };
        }
    }
}

fn superseded() -> RepositoryError {
    RepositoryError::unavailable("another server has become the writer meanwhile")
}

fn silence() -> sqlx::Error {
    sqlx::Error::Io(io::ErrorKind::TimedOut.into())
}

impl fmt::Debug for PostgresDatabase {
    /// Without the options of the connections, which hold the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresDatabase").finish_non_exhaustive()
    }
}

/// Every statement of the pool finds its rows by an index, whatever the planner believes when it plans it.
///
/// A plan is made once per connection: the planner takes an array for ten elements and would else plan a batch anew each time that it
/// is given another number, half a millisecond, more than a small batch takes. A plan made while a table was empty would scan it
/// whole long after it has grown, until the next `analyze`; and a scan that seems dear enough is compiled first.
const PLANS: [(&str, &str); 3] = [("plan_cache_mode", "force_generic_plan"), ("enable_seqscan", "off"), ("jit", "off")];

fn session(url: &PgConnectOptions, statement_timeout_ms: &str, lock_timeout_ms: &str) -> PgConnectOptions {
    let name = url.get_application_name().unwrap_or(APPLICATION_NAME);
    url.clone()
        .application_name(name)
        .options([
            ("statement_timeout", statement_timeout_ms),
            ("lock_timeout", lock_timeout_ms),
            ("idle_in_transaction_session_timeout", IDLE_IN_TRANSACTION_TIMEOUT_MS),
        ])
        .disable_statement_logging()
}
