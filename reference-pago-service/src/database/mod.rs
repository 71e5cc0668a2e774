//! The database behind the service: SQLite or PostgreSQL, as `DATABASE_URL` says.
//!
//! [`DatabaseUrl`] is parsed and [`Database::open`]ed with [`DatabaseOptions`]; [`migrate`](crate::migrate) then brings its schema up
//! to date. Opening never waits for PostgreSQL: the service starts, and says that it is not ready, while the database is down.
//!
//! A statement's way, on PostgreSQL: `postgres` runs it, in a task of its own (`detached`) or in its caller's, on a connection
//! from the `pool`, which has the `connector` make one where none lies idle: a `search` picks one of the `servers`, the latest of
//! the `writers` where one is wanted, and is asked what it can (`capabilities`); whether they can be used at all
//! is asked once (`fitness`). On SQLite: a unit of work looks whether the `data_file` is still there and takes the one writer, or a
//! reader, of `sqlite`. What fails on the way becomes a
//! [`RepositoryError`] in `error`, the one place that decides whose fault it is.

mod capabilities;
mod connector;
mod data_file;
mod detached;
mod error;
mod fitness;
mod options;
mod pool;
mod pool_use;
mod postgres;
mod search;
mod servers;
mod sqlite;
mod url;
mod writers;

pub use detached::{BoxFuture, detached};
#[cfg(test)]
pub(crate) use error::coded;
pub use error::{ErrorKind, OpenError, Remedy, RepositoryError};
pub use options::DatabaseOptions;
pub(crate) use pool_use::Crowd;
pub use pool_use::PoolUse;
pub use postgres::PostgresDatabase;
pub use sqlite::SqliteDatabase;
pub use url::{DatabaseUrl, DatabaseUrlError};

use self::url::Target;

/// The open database. Cloning it shares its connections.
#[derive(Clone, Debug)]
pub enum Database {
    /// One file on this machine.
    Sqlite(SqliteDatabase),
    /// A server.
    Postgres(PostgresDatabase),
}

impl Database {
    /// Open the database that `url` names.
    ///
    /// # Errors
    ///
    /// Only for SQLite, whose file is opened here: when its directory or (without `mode=rwc`) the
    /// file is missing, or when it is no usable database. PostgreSQL is connected to when it is
    /// first needed.
    pub async fn open(url: &DatabaseUrl, options: &DatabaseOptions) -> Result<Self, OpenError> {
        match &url.0 {
            Target::Sqlite(sqlite) => SqliteDatabase::open(sqlite, options).await.map(Self::Sqlite),
            Target::Postgres(postgres) => Ok(Self::Postgres(PostgresDatabase::new(postgres, options))),
        }
    }

    /// The same for one who only looks, and changes nothing: SQLite's file is neither made nor put into another mode.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open); a missing file is [`OpenError::MissingFile`] whatever the URL says.
    pub(crate) fn inspect(url: &DatabaseUrl, options: &DatabaseOptions) -> Result<Self, OpenError> {
        match &url.0 {
            Target::Sqlite(sqlite) => SqliteDatabase::inspect(sqlite, options).map(Self::Sqlite),
            Target::Postgres(postgres) => Ok(Self::Postgres(PostgresDatabase::new(postgres, options))),
        }
    }

    /// The name of the engine: `sqlite` or `postgresql`.
    #[must_use]
    pub fn engine(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "sqlite",
            Self::Postgres(_) => "postgresql",
        }
    }

    /// Ask the database whether it is there.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unavailable`] when it does not answer within the acquire and statement
    /// timeouts, when a server only reads, when SQLite's file was removed or replaced, or while it cannot be written to.
    pub async fn ping(&self) -> Result<(), RepositoryError> {
        match self {
            Self::Sqlite(sqlite) => sqlite.ping().await,
            Self::Postgres(postgres) => postgres.ping().await,
        }
    }

    /// Look whether the database can be used at all. SQLite's can, once it is open.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Internal`] when its encoding is another than UTF-8, or when a connection pooler stands before it that drops the
    /// settings of a session; [`ErrorKind::Unavailable`] when it does not answer.
    pub async fn examine(&self) -> Result<(), RepositoryError> {
        match self {
            Self::Sqlite(_) => Ok(()),
            Self::Postgres(postgres) => postgres.examine().await,
        }
    }

    /// How its connections are used now.
    #[must_use]
    pub fn pool_use(&self) -> PoolUse {
        match self {
            Self::Sqlite(sqlite) => sqlite.pool_use(),
            Self::Postgres(postgres) => postgres.pool_use(),
        }
    }

    /// Wait for the writes under way and close every connection. Later calls of the repositories
    /// are [`ErrorKind::Unavailable`].
    pub async fn close(&self) {
        match self {
            Self::Sqlite(sqlite) => sqlite.close().await,
            Self::Postgres(postgres) => postgres.close().await,
        }
    }
}
