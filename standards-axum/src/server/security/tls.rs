//! TLS, with a certificate that is exchanged while it is served.
//!
//! A certificate lasts weeks, a process may last longer. So the files are looked at again and again, and a connection is made with what
//! they held last; connections that are there keep theirs. Files are compared by what they hold, not by their dates: a volume that a
//! cluster mounts swaps a link.
//!
//! A renewal that goes wrong, half a file or a key of another certificate, is one record of the level `ERROR`, and the service goes on with
//! the last good one: an old certificate is better than none.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use standards_core::context;
use standards_core::log::{LogLevel, Record};
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;

use super::KeyPair;
use crate::server::transport::{Socket, Transport};

/// How often the files are looked at.
const INTERVAL: Duration = Duration::from_secs(5);

/// How long the two sides may take to agree.
const HANDSHAKE: Duration = Duration::from_secs(5);

/// The server's side of TLS.
pub(crate) struct Tls {
    files: KeyPair,
    current: watch::Sender<Current>,
    interval: Duration,
    handshake: Duration,
}

#[derive(Clone)]
struct Current {
    config: Arc<ServerConfig>,
    /// Of what the files held when they were last looked at, be it good or not.
    fingerprint: u64,
}

impl Tls {
    /// With the certificate that the files hold.
    ///
    /// # Errors
    ///
    /// Where a file cannot be read, is longer than 1 MiB, holds no PEM of its kind, or the key is not that of the certificate.
    pub(crate) fn load(files: KeyPair) -> io::Result<Self> {
        let contents = files.read();
        let fingerprint = contents.fingerprint();
        let current = Current { config: contents.config()?, fingerprint };
        Ok(Self { files, current: watch::Sender::new(current), interval: INTERVAL, handshake: HANDSHAKE })
    }

    #[cfg(test)]
    pub(crate) const fn with_times(mut self, interval: Duration, handshake: Duration) -> Self {
        (self.interval, self.handshake) = (interval, handshake);
        self
    }

    /// The connection, once both sides agree, if they do in time. A client that cannot is no failure of the service.
    pub(super) async fn accept(&self, socket: Socket) -> Option<Transport> {
        let config = self.current.borrow().config.clone();
        let agreed = tokio::time::timeout(self.handshake, TlsAcceptor::from(config).accept(socket)).await;
        Some(Transport::Tls(Box::new(agreed.ok()?.ok()?)))
    }

    /// Serves what the files hold once that has changed; what is no certificate is told once, and the last good one kept.
    pub(super) async fn keep_fresh(self: &Arc<Self>) {
        loop {
            tokio::time::sleep(self.interval).await;
            let this = Arc::clone(self);
            // The next look is another try.
            let _ = context::spawn_blocking(move || this.look()).await;
        }
    }

    /// One look at the files. It blocks, and is done on a thread where that may be.
    fn look(&self) {
        let contents = self.files.read();
        let fingerprint = contents.fingerprint();
        if fingerprint == self.current.borrow().fingerprint {
            return;
        }
        let config = match contents.config() {
            Ok(config) => {
                Record::new(LogLevel::Info, "Certificado TLS renovado").emit();
                config
            }
            Err(error) => {
                let message = "El certificado TLS nuevo no se puede usar; se conserva el anterior";
                Record::new(LogLevel::Error, message).error(&error).emit();
                self.current.borrow().config.clone()
            }
        };
        self.current.send_replace(Current { config, fingerprint });
    }
}
