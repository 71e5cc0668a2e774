//! A unit of work on the writer.

use sqlx::pool::PoolConnection;
use sqlx::{Sqlite, SqliteConnection};

use crate::database::{BoxFuture, RepositoryError, SqliteDatabase, detached};

/// Run `work` in one `begin immediate` transaction and commit what it did; roll back when it errs.
///
/// It runs to its end even when the caller's future is dropped. Whatever happens (a failed commit,
/// a panic), the writer's next user finds a connection outside any transaction.
pub(super) async fn write<T, F>(database: &SqliteDatabase, work: F) -> Result<T, RepositoryError>
where
    T: Send + 'static,
    F: for<'c> FnOnce(&'c mut SqliteConnection) -> BoxFuture<'c, T> + Send + 'static,
{
    let database = database.clone();
    detached(async move {
        let outcome = transact(&database, work).await;
        database.note_write(&outcome);
        outcome
    })
    .await
}

async fn transact<T, F>(database: &SqliteDatabase, work: F) -> Result<T, RepositoryError>
where
    F: for<'c> FnOnce(&'c mut SqliteConnection) -> BoxFuture<'c, T>,
{
    let mut unit = Unit::begin(database).await?;
    let outcome = work(&mut unit.connection).await;
    unit.end(outcome).await
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
        let mut unit = Self { connection: database.writer().acquire().await?, open: false };
        unit.run("begin immediate").await?;
        unit.open = true;
        Ok(unit)
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

#[cfg(test)]
mod tests {
    use sqlx::SqliteConnection;
    use tempfile::TempDir;

    use super::write;
    use crate::database::{Database, DatabaseOptions, ErrorKind, Remedy, RepositoryError, SqliteDatabase};

    async fn open() -> (TempDir, SqliteDatabase) {
        let directory = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}?mode=rwc", directory.path().join("pagos.db").display());
        let database = Database::open(&url.parse().unwrap(), &DatabaseOptions::default()).await.unwrap();
        database.migrate_up().await.unwrap();
        let Database::Sqlite(sqlite) = database else { panic!("not SQLite") };
        (directory, sqlite)
    }

    async fn run(writer: &mut SqliteConnection, statement: &'static str) -> Result<(), RepositoryError> {
        sqlx::query(statement).execute(writer).await?;
        Ok(())
    }

    const CLIENTE: &str = "insert into clientes (nombre, email, email_normalizado, created_at) \
        values ('Ana', 'ana@x.cl', 'ana@x.cl', 0)";
    const RECARGA_WITHOUT_CLIENTE: &str = "insert into recargas (cliente_id, monto, created_at) values (99, 1, 0)";

    async fn assert_only_later_work_is_kept(database: &SqliteDatabase) {
        write(database, |writer| Box::pin(run(writer, CLIENTE))).await.unwrap();
        let count = "select (select count(*) from clientes) * 10 + (select count(*) from recargas)";
        let rows: i64 = sqlx::query_scalar(count).fetch_one(database.readers()).await.unwrap();
        assert_eq!(rows, 10);
    }

    #[tokio::test]
    async fn a_failed_commit_leaves_no_transaction_open() {
        let (_directory, database) = open().await;
        let outcome = write(&database, |writer| {
            Box::pin(async move {
                run(writer, "pragma defer_foreign_keys = on").await?;
                run(writer, RECARGA_WITHOUT_CLIENTE).await
            })
        });
        assert_eq!(outcome.await.unwrap_err().kind(), ErrorKind::Internal);
        assert_only_later_work_is_kept(&database).await;
    }

    #[tokio::test]
    async fn a_transaction_that_sqlite_ended_by_itself_does_not_poison_the_writer() {
        let (_directory, database) = open().await;
        let outcome = write(&database, |writer| {
            Box::pin(async move {
                run(writer, CLIENTE).await?;
                run(writer, "rollback").await?;
                Err::<(), _>(RepositoryError::internal("disk full"))
            })
        });
        assert!(outcome.await.is_err());
        assert_only_later_work_is_kept(&database).await;
    }

    #[tokio::test]
    async fn a_panic_reaches_the_caller_and_undoes_the_work() {
        let (_directory, database) = open().await;
        let outcome = write::<(), _>(&database, |writer| {
            Box::pin(async move {
                run(writer, CLIENTE).await?;
                panic!("half-way")
            })
        });
        let error = outcome.await.unwrap_err();
        assert_eq!((error.kind(), error.remedy(), error.error_type()), (ErrorKind::Internal, Remedy::GiveUp, "panic"));
        assert_only_later_work_is_kept(&database).await;
    }

    #[tokio::test]
    async fn nothing_is_acknowledged_once_the_file_is_gone() {
        let (directory, database) = open().await;
        std::fs::remove_file(directory.path().join("pagos.db")).unwrap();
        let outcome = write(&database, |writer| Box::pin(run(writer, CLIENTE))).await;
        assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Unavailable);
    }
}
