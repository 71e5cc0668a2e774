//! PostgreSQL: one pool, every session with its own limits.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{ConnectOptions as _, Connection as _, PgConnection};

use super::{DatabaseOptions, RepositoryError};

const APPLICATION_NAME: &str = env!("CARGO_PKG_NAME");
const LOCK_TIMEOUT_MS: &str = "1000";
const IDLE_IN_TRANSACTION_TIMEOUT_MS: &str = "5000";
/// A migration may have to wait for another instance's.
const MIGRATION_LOCK_TIMEOUT_MS: &str = "60000";
const MIGRATION_CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// The guideline's `pool_recycle`.
const MAX_LIFETIME: Duration = Duration::from_secs(3600);
/// How long a connection may have been idle and still be trusted without a ping.
const TRUSTED_IDLE: Duration = Duration::from_secs(1);

/// The connections to a PostgreSQL server.
#[derive(Clone)]
pub struct PostgresDatabase {
    pool: PgPool,
    unhurried: Arc<PgConnectOptions>,
}

impl PostgresDatabase {
    pub(super) fn new(url: &PgConnectOptions, options: &DatabaseOptions) -> Self {
        let statement_timeout = options.statement_timeout.as_millis().to_string();
        Self {
            pool: pool(options).connect_lazy_with(session(url, &statement_timeout, LOCK_TIMEOUT_MS)),
            unhurried: Arc::new(session(url, "0", MIGRATION_LOCK_TIMEOUT_MS)),
        }
    }

    /// The pool of all connections.
    #[must_use]
    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    pub(super) async fn ping(&self) -> Result<(), RepositoryError> {
        self.pool.acquire().await?.ping().await.map_err(Into::into)
    }

    pub(super) async fn close(&self) {
        self.pool.close().await;
    }

    /// A connection outside the pool without a statement timeout, which waits long enough for another instance's
    /// migrations: for them, and for what reads the whole database.
    pub(crate) async fn unhurried_connection(&self) -> Result<PgConnection, sqlx::Error> {
        let connect = self.unhurried.connect();
        let timed_out = |_| sqlx::Error::Io(std::io::ErrorKind::TimedOut.into());
        tokio::time::timeout(MIGRATION_CONNECT_TIMEOUT, connect).await.map_err(timed_out)?
    }
}

impl fmt::Debug for PostgresDatabase {
    /// Without the options of the connections, which hold the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresDatabase").field("size", &self.pool.size()).finish_non_exhaustive()
    }
}

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
