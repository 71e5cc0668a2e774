//! How a service ends.

use std::process::{ExitCode, Termination};

/// What `main` returns. The reason stands in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// The service was told to stop and did: status 0.
    Stopped,
    /// It could not start or go on: status 1.
    Failed,
    /// Its configuration is not valid: status 2.
    Misconfigured,
}

impl Termination for Exit {
    fn report(self) -> ExitCode {
        match self {
            Self::Stopped => ExitCode::SUCCESS,
            Self::Failed => ExitCode::from(1),
            Self::Misconfigured => ExitCode::from(2),
        }
    }
}
