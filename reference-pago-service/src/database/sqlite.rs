//! SQLite: one writer, many readers, one file.

#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use sqlx::pool::PoolConnection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, Sqlite, SqliteConnection};

use super::data_file::DataFile;
use super::{BoxFuture, DatabaseOptions, OpenError, PoolUse, RepositoryError, detached};

const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
const BUSY_RETRY: Duration = Duration::from_millis(20);
/// A migration may have to wait for another instance's.
const MIGRATION_BUSY_TIMEOUT: Duration = Duration::from_secs(60);

/// The room that the disk must have before it counts as writable again: a payment writes fewer pages. Each write takes one of the
/// log's, so that a disk with less room than this is full afterwards.
const PAGES: u32 = 16;

/// The connections to a SQLite file.
#[derive(Clone, Debug)]
pub struct SqliteDatabase {
    writer: SqlitePool,
    readers: SqlitePool,
    file: Arc<DataFile>,
    /// Whether the last write found that the file cannot be written to: the disk is full, or worse.
    unwritable: Arc<AtomicBool>,
}

impl SqliteDatabase {
    pub(super) async fn open(url: &SqliteConnectOptions, options: &DatabaseOptions) -> Result<Self, OpenError> {
        let writer = writer_options(url);
        require_directory(url.get_filename())?;
        prepare(&writer).await.map_err(|error| explain(error, url.get_filename()))?;
        // From here on a missing file is a failure, not an occasion to make an empty one.
        Self::lazily(writer.create_if_missing(false), url, options)
    }

    /// The file as it is: it is not made, and its writer may only read.
    pub(super) fn inspect(url: &SqliteConnectOptions, options: &DatabaseOptions) -> Result<Self, OpenError> {
        require_directory(url.get_filename())?;
        if !url.get_filename().exists() {
            return Err(OpenError::MissingFile);
        }
        Self::lazily(reader_options(url), url, options)
    }

    fn lazily(writer: SqliteConnectOptions, url: &SqliteConnectOptions, options: &DatabaseOptions) -> Result<Self, OpenError> {
        let file =
            DataFile::at(url.get_filename().to_owned()).map_err(|error| OpenError::Unusable(sqlx::Error::Io(error).into()))?;
        Ok(Self {
            writer: pool(1, options).connect_lazy_with(writer),
            readers: pool(options.pool_size, options).connect_lazy_with(reader_options(url)),
            file: Arc::new(file),
            unwritable: Arc::default(),
        })
    }

    /// Where the file is.
    pub(crate) fn path(&self) -> &Path {
        self.file.path()
    }

    /// The pool of the one connection that writes.
    #[must_use]
    pub fn writer(&self) -> &SqlitePool {
        &self.writer
    }

    /// The pool of the connections that only read.
    #[must_use]
    pub fn readers(&self) -> &SqlitePool {
        &self.readers
    }

    /// # Errors
    ///
    /// [`ErrorKind::Unavailable`](crate::database::ErrorKind::Unavailable) when the file is no longer the one that was opened.
    pub(crate) fn check_file(&self) -> Result<(), RepositoryError> {
        self.file.check()
    }

    /// Runs `work` in one `begin immediate` transaction and commits what it did; rolls back when it errs.
    ///
    /// It runs to its end even when the caller's future is dropped. Whatever happens (a failed commit, a panic), the writer's next user
    /// finds a connection outside any transaction.
    ///
    /// # Errors
    ///
    /// Those of the work, its panic, and what keeps the writer from beginning or committing.
    pub(crate) async fn write<T, F>(&self, work: F) -> Result<T, RepositoryError>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut SqliteConnection) -> BoxFuture<'c, T> + Send + 'static,
    {
        let database = self.clone();
        detached(async move { database.write_here(work).await }).await
    }

    /// The same in the caller's own task, which no request can end: a caller that drops the future undoes the work.
    ///
    /// # Errors
    ///
    /// As [`write`](Self::write); a panic goes on to the caller.
    pub(crate) async fn write_here<T, F>(&self, work: F) -> Result<T, RepositoryError>
    where
        F: for<'c> FnOnce(&'c mut SqliteConnection) -> BoxFuture<'c, T>,
    {
        let outcome = self.transact(work).await;
        self.note_write(&outcome);
        outcome
    }

    async fn transact<T, F>(&self, work: F) -> Result<T, RepositoryError>
    where
        F: for<'c> FnOnce(&'c mut SqliteConnection) -> BoxFuture<'c, T>,
    {
        let mut unit = Unit::begin(self).await?;
        let outcome = work(&mut unit.connection).await;
        unit.end(outcome).await
    }

    /// Remember of a write whether the file could be written to. Every unit of work tells.
    fn note_write<T>(&self, outcome: &Result<T, RepositoryError>) {
        match outcome {
            Ok(_) => self.unwritable.store(false, Ordering::Relaxed),
            Err(error) if error.is_unwritable() => self.unwritable.store(true, Ordering::Relaxed),
            Err(_) => {}
        }
    }

    /// A file that can only be read counts as not there: no payment could be made. Once a write has shown that, it is tried until
    /// it succeeds; nobody may come to pay where the service says that it is not ready.
    pub(super) async fn ping(&self) -> Result<(), RepositoryError> {
        self.check_file()?;
        self.readers.acquire().await?.ping().await?;
        if self.unwritable.load(Ordering::Relaxed) { self.try_to_write().await } else { Ok(()) }
    }

    /// Writes some pages, and changes nothing: a number that is nobody's is set to what it is.
    async fn try_to_write(&self) -> Result<(), RepositoryError> {
        let database = self.clone();
        detached(async move {
            let outcome = rewrite(&database.writer).await.map_err(RepositoryError::from);
            database.note_write(&outcome);
            outcome
        })
        .await
    }

    pub(super) fn pool_use(&self) -> PoolUse {
        let pools = [&self.writer, &self.readers];
        let open = pools.iter().map(|pool| usize::try_from(pool.size()).unwrap_or(usize::MAX)).sum::<usize>();
        let idle = pools.iter().map(|pool| pool.num_idle()).sum::<usize>();
        PoolUse { open, in_use: open.saturating_sub(idle), waiting: 0 }
    }

    pub(super) async fn close(&self) {
        self.writer.close().await;
        self.readers.close().await;
    }

    /// A connection outside the pools that waits long enough for another instance's migrations.
    pub(crate) async fn migration_connection(&self) -> Result<SqliteConnection, sqlx::Error> {
        let options = self.writer.connect_options();
        (*options).clone().busy_timeout(MIGRATION_BUSY_TIMEOUT).connect().await
    }
}

/// The transaction is sqlx's business on no account: when SQLite has rolled back by itself (disk
/// full, I/O error), sqlx 0.9 goes on believing in an open transaction and refuses every later one.
struct Unit {
    connection: PoolConnection<Sqlite>,
    open: bool,
}

impl Unit {
    async fn begin(database: &SqliteDatabase) -> Result<Self, RepositoryError> {
        database.check_file()?;
        // Open from here on: whoever drops this while SQLite begins leaves a transaction that nobody knows of.
        let mut unit = Self { connection: database.writer.acquire().await?, open: true };
        let begun = unit.run("begin immediate").await;
        unit.open = begun.is_ok();
        begun.map(|()| unit)
    }

    async fn end<T>(mut self, outcome: Result<T, RepositoryError>) -> Result<T, RepositoryError> {
        let outcome = match outcome {
            Ok(value) => self.run("commit").await.map(|()| value),
            Err(error) => Err(error),
        };
        // A commit that failed leaves its transaction open.
        self.open = outcome.is_err() && self.run("rollback").await.is_err();
        outcome
    }

    async fn run(&mut self, statement: &'static str) -> Result<(), RepositoryError> {
        sqlx::query(statement).execute(&mut *self.connection).await?;
        Ok(())
    }
}

impl Drop for Unit {
    fn drop(&mut self) {
        if self.open {
            self.connection.close_on_drop();
        }
    }
}

async fn rewrite(writer: &SqlitePool) -> Result<(), sqlx::Error> {
    let mut writer = writer.acquire().await?;
    let version: i32 = sqlx::query_scalar("pragma user_version").fetch_one(&mut *writer).await?;
    for _ in 0..PAGES {
        // A pragma takes no parameters.
        sqlx::query(AssertSqlSafe(format!("pragma user_version = {version}"))).execute(&mut *writer).await?;
    }
    Ok(())
}

fn writer_options(url: &SqliteConnectOptions) -> SqliteConnectOptions {
    common_options(url)
        .journal_mode(SqliteJournalMode::Wal)
        // With NORMAL a loss of power may undo acknowledged commits.
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
}

fn reader_options(url: &SqliteConnectOptions) -> SqliteConnectOptions {
    common_options(url).create_if_missing(false).read_only(true)
}

fn common_options(url: &SqliteConnectOptions) -> SqliteConnectOptions {
    url.clone().shared_cache(false).busy_timeout(BUSY_TIMEOUT).disable_statement_logging()
}

fn pool(size: u32, options: &DatabaseOptions) -> SqlitePoolOptions {
    SqlitePoolOptions::new().max_connections(size).acquire_timeout(options.acquire_timeout).idle_timeout(None).max_lifetime(None)
}

fn require_directory(file: &Path) -> Result<(), OpenError> {
    match file.parent() {
        Some(directory) if !directory.as_os_str().is_empty() && !directory.is_dir() => Err(OpenError::MissingDirectory),
        _ => Ok(()),
    }
}

fn explain(error: sqlx::Error, file: &Path) -> OpenError {
    if file.exists() { OpenError::Unusable(error.into()) } else { OpenError::MissingFile }
}

/// Create the file if need be and put it into WAL mode. SQLite does not wait for a lock when it
/// changes the mode, so that two instances that start at once need a loop here.
async fn prepare(options: &SqliteConnectOptions) -> Result<(), sqlx::Error> {
    let deadline = Instant::now() + BUSY_TIMEOUT;
    loop {
        match options.connect().await {
            Ok(connection) => return connection.close().await,
            Err(error) if is_busy(&error) && Instant::now() < deadline => {
                tokio::time::sleep(BUSY_RETRY).await;
            }
            Err(error) => return Err(error),
        }
    }
}

fn is_busy(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
    code.and_then(|code| code.parse::<i32>().ok()).is_some_and(|code| code & 0xff == 5)
}
