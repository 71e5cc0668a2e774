//! Errors of the standard library and of the runtime that end an operation.

use std::fmt;

use tokio::task::JoinError;

use super::Failure;

/// Errors that nobody foresaw convert by themselves; those of a service's own types it converts as it knows best.
macro_rules! unexpected {
    ($($error:ty),+) => {
        $(
            impl From<$error> for Failure {
                #[track_caller]
                fn from(error: $error) -> Self {
                    Self::internal(error)
                }
            }
        )+
    };
}

unexpected!(std::io::Error, fmt::Error, serde_json::Error);

/// A task that panicked is a panic of whoever waited for it; one that was cancelled was so because the process is stopping.
impl From<JoinError> for Failure {
    #[track_caller]
    fn from(error: JoinError) -> Self {
        match error.try_into_panic() {
            Ok(payload) => Self::panic(payload.as_ref()),
            Err(cancelled) => Self::unavailable(cancelled),
        }
    }
}
