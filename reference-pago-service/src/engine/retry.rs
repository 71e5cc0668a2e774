//! Tries again what certainly came to nothing.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::time::Duration;

use standards_core::log::{LogLevel, Record};

use crate::database::{Remedy, RepositoryError};

/// How often an operation is tried again.
const RETRIES: u32 = 3;
/// The longest wait before the first of them; it doubles each time.
const BACKOFF: Duration = Duration::from_millis(4);

/// Does `operation`, and does it again while two transactions were in each other's way and it is certain that nothing was committed.
///
/// # Errors
///
/// That of the last attempt.
pub async fn with_retries<T, F>(operation: impl Fn() -> F) -> Result<T, RepositoryError>
where
    F: Future<Output = Result<T, RepositoryError>>,
{
    for retry in 0..RETRIES {
        match operation().await {
            Err(error) if error.remedy() == Remedy::Retry => {
                Record::new(LogLevel::Warning, "Operación reintentada").target(module_path!()).error(&error).emit();
                tokio::time::sleep(backoff(retry)).await;
            }
            outcome => return outcome,
        }
    }
    operation().await
}

/// A random part of the longest wait: two that were in each other's way do not meet again.
fn backoff(retry: u32) -> Duration {
    // Each `RandomState` has keys of its own.
    let random = RandomState::new().build_hasher().finish() % 1000;
    BACKOFF.saturating_mul(1 << retry).mul_f64((random + 1) as f64 / 1000.0)
}
