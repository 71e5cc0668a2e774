//! PostgreSQL: one pool, every session with its own limits.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{ConnectOptions as _, Connection as _, PgConnection, Row as _};

use super::kept::Kept;
use super::{DatabaseOptions, Futuro, RepositoryError, detached};

const APPLICATION_NAME: &str = env!("CARGO_PKG_NAME");
const LOCK_TIMEOUT_MS: &str = "1000";
const IDLE_IN_TRANSACTION_TIMEOUT_MS: &str = "5000";
/// A migration may have to wait for another instance's.
const MIGRATION_LOCK_TIMEOUT_MS: &str = "60000";
const MIGRATION_CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long after its statement timeout a server may still stay silent.
const SILENCE: Duration = Duration::from_millis(500);
/// The guideline's `pool_recycle`.
const MAX_LIFETIME: Duration = Duration::from_secs(3600);
/// How long a connection may have been idle and still be trusted without a ping.
const TRUSTED_IDLE: Duration = Duration::from_secs(1);

/// The connections to a PostgreSQL server.
#[derive(Clone)]
pub struct PostgresDatabase {
    pool: PgPool,
    unhurried: Arc<PgConnectOptions>,
    patience: Duration,
    kept: Kept,
}

impl PostgresDatabase {
    pub(super) fn new(url: &PgConnectOptions, options: &DatabaseOptions) -> Self {
        let statement_timeout = options.statement_timeout.as_millis().to_string();
        Self {
            pool: pool(options).connect_lazy_with(session(url, &statement_timeout, LOCK_TIMEOUT_MS).options(PLANS)),
            unhurried: Arc::new(session(url, "0", MIGRATION_LOCK_TIMEOUT_MS)),
            patience: options.statement_timeout + SILENCE,
            kept: Kept::default(),
        }
    }

    /// The pool of all connections.
    #[must_use]
    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// Run `work`, one statement, on a connection of the pool, to its end even when the caller's
    /// future is dropped.
    ///
    /// The statement would be whole either way; the pool would not. In sqlx 0.9.0 a connection
    /// that is given back before the error of its statement was read is closed, over TLS that
    /// waits for ever for the server to speak, and the pool has a place less from then on.
    ///
    /// # Errors
    ///
    /// Those of the work, and [`RepositoryError::Unavailable`] when the server stays silent for
    /// longer than its own statement timeout allows. Such a connection is dropped, not given
    /// back: the pool would wait for it without limit.
    pub async fn run<T, F>(&self, work: F) -> Result<T, RepositoryError>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut PgConnection) -> Futuro<'c, T> + Send + 'static,
    {
        let Self { pool, patience, .. } = self.clone();
        detached(async move {
            let mut connection = pool.acquire().await?;
            let answer = tokio::time::timeout(patience, work(&mut connection)).await;
            let outcome = answer.unwrap_or_else(|_| Err(silence().into()));
            if outcome.as_ref().is_err_and(is_broken) {
                drop(connection.detach());
            }
            outcome
        })
        .await
    }

    /// Runs `work`, one statement, for a caller that sends one after the other: it keeps its connection from one to the next.
    ///
    /// A caller that drops the future leaves the statement to the server, which ends it, and the connection is closed.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run).
    pub async fn run_kept<T, F>(&self, work: F) -> Result<T, RepositoryError>
    where
        F: for<'c> FnOnce(&'c mut PgConnection) -> Futuro<'c, T>,
    {
        let mut loan = self.kept.borrow(&self.pool).await?;
        let answer = tokio::time::timeout(self.patience, work(loan.connection()?)).await;
        let outcome = answer.unwrap_or_else(|_| Err(silence().into()));
        match &outcome {
            Ok(_) => self.kept.keep(loan),
            Err(error) if is_broken(error) => drop(loan),
            Err(_) => loan.give_back(),
        }
        outcome
    }

    /// A server that only reads, as a standby does, counts as not there: no payment could be made.
    pub(super) async fn ping(&self) -> Result<(), RepositoryError> {
        // The simple protocol needs one round trip even on a new connection.
        let ask = sqlx::raw_sql("show transaction_read_only");
        let row = self.run(|connection| Box::pin(async move { Ok(ask.fetch_one(connection).await?) })).await?;
        if row.try_get::<String, _>(0)? == "on" {
            return Err(RepositoryError::Unavailable("the server is read-only".into()));
        }
        Ok(())
    }

    pub(super) async fn close(&self) {
        self.pool.close().await;
    }

    /// A connection outside the pool without a statement timeout, which waits long enough for another instance's
    /// migrations: for them, and for what reads the whole database.
    pub(crate) async fn unhurried_connection(&self) -> Result<PgConnection, sqlx::Error> {
        let connect = self.unhurried.connect();
        tokio::time::timeout(MIGRATION_CONNECT_TIMEOUT, connect).await.map_err(|_| silence())?
    }
}

fn silence() -> sqlx::Error {
    sqlx::Error::Io(io::ErrorKind::TimedOut.into())
}

/// Whether the failure is the connection's own, and not an answer of the server.
fn is_broken(error: &RepositoryError) -> bool {
    let RepositoryError::Unavailable(cause) = error else {
        return false;
    };
    let error = cause.downcast_ref::<sqlx::Error>();
    error.is_none_or(|error| error.as_database_error().is_none())
}

impl fmt::Debug for PostgresDatabase {
    /// Without the options of the connections, which hold the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresDatabase").field("size", &self.pool.size()).finish_non_exhaustive()
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

/// A ping before each use would double the round trips of a busy service; after a pause it is
/// what notices that the server was restarted.
fn pool(options: &DatabaseOptions) -> PgPoolOptions {
    PgPoolOptions::new()
        .max_connections(options.pool_size)
        .acquire_timeout(options.acquire_timeout)
        .max_lifetime(MAX_LIFETIME)
        .test_before_acquire(false)
        .before_acquire(|connection, state| {
            Box::pin(async move {
                if state.idle_for > TRUSTED_IDLE {
                    connection.ping().await?;
                }
                Ok(true)
            })
        })
}
