//! The process's own word to stop.

use std::io;
use std::thread;
use std::time::Duration;

use standards_core::log::{self, LogLevel, Record};
use tokio::runtime;
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

    /// From now on the next signal ends the process: there is nothing left to stop, but a runtime that is dropped waits for work that
    /// blocks one of its threads, a name that is being resolved for instance. So a thread and a runtime of their own wait for the signal.
    pub(crate) fn ends_the_process(mut self) {
        let wait = move || {
            let Ok(runtime) = runtime::Builder::new_current_thread().enable_io().build() else { return };
            runtime.block_on(self.received());
            end_the_process()
        };
        // Where the system has no thread to give the process ends when its work does.
        let _ = thread::Builder::new().name("next-signal".to_owned()).spawn(wait);
    }
}

/// How long the last record may take to arrive where its reader has fallen asleep.
const LAST_RECORD: Duration = Duration::from_secs(2);

/// Ends the process at once, with status 1: neither destructors nor the runtime's other threads are waited for.
#[expect(clippy::disallowed_methods, reason = "the log has its records, and whatever else would be waited for must not be")]
pub(crate) fn end_the_process() -> ! {
    Record::new(LogLevel::Warning, "Segunda señal: el servicio termina sin esperar a nadie").emit();
    if let Some(log) = log::handle() {
        let _arrived = log.flush(LAST_RECORD);
    }
    std::process::exit(1)
}
