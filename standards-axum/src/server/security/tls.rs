//! TLS, with a certificate that is exchanged while it is served.
//!
//! A certificate lasts weeks, a process may last longer. So the files are looked at again and again, and a connection is made with what
//! they held last; connections that are there keep theirs. Files are compared by what they hold, not by their dates: a volume that a
//! cluster mounts swaps a link.
//!
//! A renewal that goes wrong, half a file or a key of another certificate, is one record of the level `WARNING`, and the service goes on with
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
                Record::new(LogLevel::Warning, message).error(&error).emit();
                self.current.borrow().config.clone()
            }
        };
        self.current.send_replace(Current { config, fingerprint });
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::json;
    use standards_core::log::capture::Capture;
    use standards_core::{CorrelationId, RequestContext};
    use tempfile::TempDir;

    use super::*;

    /// Writes a new certificate with its key.
    fn renew(directory: &Path) {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        std::fs::write(directory.join("key.pem"), made.signing_key.serialize_pem()).unwrap();
        std::fs::write(directory.join("cert.pem"), made.cert.pem()).unwrap();
    }

    /// What a look at the files says, and whether it changes what is served.
    fn look(tls: &Tls) -> (Capture, bool) {
        let id = CorrelationId::generate();
        let (log, before) = (Capture::of(&id), tls.current.borrow().config.clone());
        context::sync_scope(RequestContext::new(id, "/", "GET"), || tls.look());
        (log, !Arc::ptr_eq(&before, &tls.current.borrow().config))
    }

    /// What is done to the files, and the level and the message of what is said of it.
    type Step<'a> = (&'a dyn Fn(), Option<(&'static str, &'static str)>);

    const RENEWED: &str = "Certificado TLS renovado";
    const KEPT: &str = "El certificado TLS nuevo no se puede usar; se conserva el anterior";

    #[test]
    fn what_becomes_of_the_files_is_told_once() {
        let directory = TempDir::new().unwrap();
        let path = |name| directory.path().join(name);
        renew(directory.path());
        let tls = Tls::load(KeyPair { certificate: path("cert.pem"), key: path("key.pem") }).unwrap();
        let steps: [Step<'_>; 5] = [
            (&|| {}, None),
            (&|| renew(directory.path()), Some(("INFO", RENEWED))),
            (&|| std::fs::write(path("cert.pem"), "no es un certificado").unwrap(), Some(("WARNING", KEPT))),
            (&|| std::fs::remove_file(path("key.pem")).unwrap(), Some(("WARNING", KEPT))),
            (&|| renew(directory.path()), Some(("INFO", RENEWED))),
        ];
        for (change, told) in steps {
            change();
            let (log, changed) = look(&tls);
            assert_eq!(log.messages(), Vec::from_iter(told.map(|(_, message)| message)));
            told.inspect(|(level, message)| log.assert_logged(&json!({"level": level, "message": message})));
            assert_eq!(changed, told == Some(("INFO", RENEWED)));
            assert_eq!(look(&tls).0.messages(), [""; 0], "a second look");
        }
    }
}
