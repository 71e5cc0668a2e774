//! What the log is told of the connection: each change once, and one a second at most.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use tracing::{info, warn};

const EVERY: Duration = Duration::from_secs(1);

/// What was told last.
#[derive(Default)]
pub(super) struct Told(Mutex<Last>);

#[derive(Default)]
struct Last {
    is_up: Option<bool>,
    at: Option<Instant>,
}

impl Told {
    /// Tells how it is now, if that is news; `reason` is why there is no connection.
    pub(super) fn tell(&self, is_up: bool, reason: Option<&str>) {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if last.is_up == Some(is_up) || last.at.is_some_and(|at| at.elapsed() < EVERY) {
            return;
        }
        *last = Last { is_up: Some(is_up), at: Some(Instant::now()) };
        drop(last);
        if is_up {
            info!("Cache compartido disponible");
        } else {
            warn!(reason, "Cache compartido no disponible: se sigue sin él");
        }
    }
}
