//! What the service manager is told.
//!
//! systemd's protocol (`sd_notify(3)`), which others speak too: a line to the socket in `NOTIFY_SOCKET`. With `Type=notify` a unit counts
//! as started once the service accepts connections, not once its process is there.
//!
//! That the manager cannot be told ends nothing: the service is for its clients.

use sd_notify::NotifyState;
use standards_core::log::{LogLevel, Record};

/// Connections are accepted (`READY=1`).
pub(crate) fn ready() {
    tell(NotifyState::Ready);
}

/// The service has been told to stop (`STOPPING=1`).
pub(crate) fn stopping() {
    tell(NotifyState::Stopping);
}

/// Does nothing where there is no manager (`NOTIFY_SOCKET`).
fn tell(state: NotifyState<'_>) {
    if let Err(error) = sd_notify::notify(&[state]) {
        Record::new(LogLevel::Warning, "No se pudo avisar al gestor de servicios").field("cause", error.to_string()).emit();
    }
}
