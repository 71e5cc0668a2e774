//! How long a check may take.

use std::time::Duration;

use tokio::time::timeout;

use crate::database::{DatabaseOptions, RepositoryError};

/// For each check.
pub(super) const LIMIT: Duration = Duration::from_secs(5);

/// How the database is asked: by few connections, each of which is waited for less than a check may take.
pub(super) const OPTIONS: DatabaseOptions = DatabaseOptions {
    pool_size: 4,
    acquire_timeout: Duration::from_secs(4),
    statement_timeout: Duration::from_secs(3),
    shorter_ways: true,
};

/// What the database answers, or that it does not.
pub(super) async fn within<T>(question: impl Future<Output = Result<T, RepositoryError>>) -> Result<T, RepositoryError> {
    timeout(LIMIT, question).await.unwrap_or_else(|_| Err(RepositoryError::unavailable("sin respuesta en 5 s")))
}
