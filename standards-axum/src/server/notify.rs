//! What the service manager is told.
//!
//! systemd's protocol (`sd_notify(3)`), which others speak too: a line to the socket in `NOTIFY_SOCKET`. With `Type=notify` a unit counts
//! as started once the service accepts connections, not once its process is there; with `WatchdogSec=` it is ended, and started again, once its
//! runtime runs no tasks any more.
//!
//! That the manager cannot be told ends nothing: the service is for its clients.

use std::time::Duration;

use sd_notify::NotifyState;
use standards_core::context;
use standards_core::log::{LogLevel, Record};
use tokio::task::AbortHandle;

/// Connections are accepted (`READY=1`).
pub(crate) fn ready() {
    tell(NotifyState::Ready);
}

/// The service has been told to stop (`STOPPING=1`).
pub(crate) fn stopping() {
    tell(NotifyState::Stopping);
}

/// Tells the manager again and again that tasks are run (`WATCHDOG=1`), until it is dropped. Does nothing where no manager wants to know
/// (`WATCHDOG_USEC`).
///
/// It is a task like those of requests: where none is run for want of a thread, nobody is told.
pub(crate) struct Watchdog(Option<AbortHandle>);

impl Watchdog {
    /// Must be called in a runtime.
    pub(crate) fn start() -> Self {
        let limit = sd_notify::watchdog_enabled().filter(|limit| !limit.is_zero());
        Self(limit.map(|limit| context::spawn_worker(reassure(limit)).abort_handle()))
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        if let Some(task) = &self.0 {
            task.abort();
        }
    }
}

/// Twice as often as the manager asks for, as `sd_watchdog_enabled(3)` has it.
async fn reassure(limit: Duration) {
    let mut turns = tokio::time::interval(limit / 2);
    loop {
        turns.tick().await;
        tell(NotifyState::Watchdog);
    }
}

/// Does nothing where there is no manager (`NOTIFY_SOCKET`).
fn tell(state: NotifyState<'_>) {
    if let Err(error) = sd_notify::notify(&[state]) {
        Record::new(LogLevel::Warning, "No se pudo avisar al gestor de servicios").field("cause", error.to_string()).emit();
    }
}
