//! The process's own word to stop.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// SIGTERM or SIGINT, from the moment on from which they are watched for.
///
/// The first process of a container is not ended by a SIGTERM for which it does not watch: what arrives before is lost. So whatever takes time
/// before a service is run (a database that is opened, a migration) is done once this is there.
///
/// ```no_run
/// use standards_axum::core::settings::Environment;
/// use standards_axum::{Exit, Service, StandardSettings, StopSignal, service_info};
///
/// async fn open_database() {}
///
/// # async fn run() -> std::io::Result<Exit> {
/// let mut stop = StopSignal::watch()?;
/// # let settings: StandardSettings = Environment::default().settings().unwrap();
/// tokio::select! {
///     () = open_database() => {}
///     () = stop.received() => return Ok(Exit::Stopped),
/// }
/// Ok(Service::new(service_info!(), settings).run_until(stop.received()).await)
/// # }
/// ```
#[derive(Debug)]
pub struct StopSignal {
    terminate: Signal,
    interrupt: Signal,
}

impl StopSignal {
    /// Watches for the signals from now on: neither ends the process by itself any more.
    ///
    /// # Errors
    ///
    /// When the signals cannot be watched.
    ///
    /// # Panics
    ///
    /// Outside a Tokio runtime.
    pub fn watch() -> io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    /// Resolves when the process is, or was meanwhile, told to stop.
    pub async fn received(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
