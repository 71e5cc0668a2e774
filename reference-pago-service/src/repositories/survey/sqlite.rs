//! What SQLite says of its file.

use crate::database::{RepositoryError, SqliteDatabase};

/// The library and the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct File {
    /// Of the library.
    pub(crate) version: String,
    pub(crate) encoding: String,
    /// `wal` once the service has opened it.
    pub(crate) journal_mode: String,
}

pub(crate) async fn file(database: &SqliteDatabase) -> Result<File, RepositoryError> {
    let mut reader = database.readers().acquire().await?;
    Ok(File {
        version: sqlx::query_scalar("select sqlite_version()").fetch_one(&mut *reader).await?,
        encoding: sqlx::query_scalar("pragma encoding").fetch_one(&mut *reader).await?,
        journal_mode: sqlx::query_scalar("pragma journal_mode").fetch_one(&mut *reader).await?,
    })
}

/// The first thing that is wrong with its pages, if anything is. It reads all of them.
pub(crate) async fn damage(database: &SqliteDatabase) -> Result<Option<String>, RepositoryError> {
    let mut reader = database.readers().acquire().await?;
    let said: String = sqlx::query_scalar("pragma quick_check(1)").fetch_one(&mut *reader).await?;
    Ok((said != "ok").then_some(said))
}
