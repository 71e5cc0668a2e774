//! What keeps a PostgreSQL database from being used, whatever is tried.

use sqlx::{PgConnection, Row as _};

use super::RepositoryError;
use super::error::Unfit;

/// Requires an encoding that can hold every text, and a session of its own: one whose lock timeout is the one that was asked for.
///
/// Behind a pooler in transaction mode no limit of a session would hold, and statements would be prepared in one session and run in
/// another. Such a pooler hands on no settings, by which it is known.
///
/// # Errors
///
/// When either is missing, and those of the server.
pub(super) async fn require(connection: &mut PgConnection, lock_timeout_ms: &str) -> Result<(), RepositoryError> {
    // The simple protocol: nothing is prepared in a session that may be somebody else's.
    let ask = "select getdatabaseencoding()::text, (select setting from pg_settings where name = 'lock_timeout')";
    let row = sqlx::raw_sql(ask).fetch_one(connection).await?;
    let (encoding, lock_timeout): (String, String) = (row.try_get(0)?, row.try_get(1)?);
    if encoding != "UTF8" {
        return Err(RepositoryError::unfit(Unfit::Encoding(encoding)));
    }
    if lock_timeout != lock_timeout_ms {
        return Err(RepositoryError::unfit(Unfit::Pooler));
    }
    Ok(())
}
