//! What keeps a PostgreSQL database from being used, whatever is tried.

use sqlx::{PgConnection, Row as _};

use super::RepositoryError;

/// Why a database cannot be used before somebody has mended it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unfit {
    /// Not every name can be kept in it.
    #[error("its encoding is {0} and must be UTF8: make it with `create database ... template template0 encoding 'UTF8'`")]
    Encoding(String),
}

/// Requires an encoding that can hold every text.
///
/// # Errors
///
/// When it is another, and those of the server.
pub(super) async fn require(connection: &mut PgConnection) -> Result<(), RepositoryError> {
    let row = sqlx::raw_sql("select getdatabaseencoding()::text").fetch_one(connection).await?;
    match row.try_get(0)? {
        encoding if encoding == "UTF8" => Ok(()),
        encoding => Err(RepositoryError::unfit(Unfit::Encoding(encoding))),
    }
}
