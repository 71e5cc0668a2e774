//! Tries again what certainly came to nothing.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::time::Duration;

use standards_core::log::{LogLevel, Record};

use crate::database::{Remedy, RepositoryError};

/// How often an operation is tried again.
const REINTENTOS: u32 = 3;
/// The longest wait before the first of them; it doubles each time.
const PAUSA: Duration = Duration::from_millis(4);

/// Does `operacion`, and does it again while two transactions were in each other's way and it is certain that nothing was committed.
///
/// # Errors
///
/// That of the last attempt.
pub async fn with_retries<T, F>(operacion: impl Fn() -> F) -> Result<T, RepositoryError>
where
    F: Future<Output = Result<T, RepositoryError>>,
{
    for reintento in 0..REINTENTOS {
        match operacion().await {
            Err(error) if error.remedy() == Remedy::Retry => {
                Record::new(LogLevel::Warning, "Operación reintentada").target(module_path!()).error(&error).emit();
                tokio::time::sleep(pausa(reintento)).await;
            }
            resultado => return resultado,
        }
    }
    operacion().await
}

/// A random part of the longest wait: two that were in each other's way do not meet again.
fn pausa(reintento: u32) -> Duration {
    // Each `RandomState` has keys of its own.
    let azar = RandomState::new().build_hasher().finish() % 1000;
    PAUSA.saturating_mul(1 << reintento).mul_f64((azar + 1) as f64 / 1000.0)
}
