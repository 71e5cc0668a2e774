//! What the service manager is told.

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
