//! TLS as `healthcheck` speaks it: with a service of its own, on an address that its certificate does not name.
//!
//! Nobody is asked whether the certificate is to be trusted, as a cluster's own probes do not: what is sent and read is no secret, and a
//! certificate that clients refuse is nothing that a restart mends. That the service has the certificate's key is looked at.

use std::io;
use std::sync::Arc;

use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::{ClientConfig, DigitallySignedStruct, Error, SignatureScheme};

/// The connection, once both sides agree.
pub(super) async fn secure(stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
    let name = ServerName::from(stream.peer_addr()?.ip());
    let provider = Arc::new(aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions();
    let config =
        config.map_err(io::Error::other)?.dangerous().with_custom_certificate_verifier(Arc::new(AnyCertificate(provider)));
    let agreed = TlsConnector::from(Arc::new(config.with_no_client_auth())).connect(name, stream).await;
    agreed.map_err(|error| io::Error::new(error.kind(), format!("no TLS with it: {error}")))
}

/// Takes any certificate whose key the other side has.
#[derive(Debug)]
struct AnyCertificate(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use standards_core::settings::Environment;
    use standards_core::{Failure, context};
    use tempfile::TempDir;
    use tokio::net::TcpListener;
    use tokio::sync::oneshot;

    use super::super::healthcheck::ask;
    use crate::{Exit, Readiness, Service, StandardSettings, service_info};

    /// What a check with TLS and one without it say of a service under these variables.
    async fn checked(variables: &[(&str, &str)], readiness: Readiness) -> [Result<(), String>; 2] {
        let settings: StandardSettings = Environment::from_pairs(variables.iter().copied()).settings().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, (stop, stopped)) = (listener.local_addr().unwrap(), oneshot::channel::<()>());
        let service = Service::new(service_info!(), settings).readiness(readiness);
        let running = context::spawn(service.run_on(listener, async { drop(stopped.await) }));
        let told = async |tls| ask(address, tls).await.map_err(|error| error.to_string().replace(&format!("{address}: "), ""));
        let answers = [told(true).await, told(false).await];
        drop(stop);
        assert_eq!(running.await.unwrap(), Exit::Stopped);
        answers
    }

    /// A certificate that names another host, and its key.
    fn certificate() -> (TempDir, [String; 2]) {
        let (directory, made) =
            (TempDir::new().unwrap(), rcgen::generate_simple_self_signed(["pagos.example".to_owned()]).unwrap());
        let write = |name, text| {
            let path = directory.path().join(name);
            std::fs::write(&path, text).unwrap();
            path.to_str().unwrap().to_owned()
        };
        let paths = [write("cert.pem", made.cert.pem()), write("key.pem", made.signing_key.serialize_pem())];
        (directory, paths)
    }

    #[tokio::test]
    async fn a_service_with_tls_is_asked_with_tls() {
        let (_directory, [certificate, key]) = certificate();
        let variables = [("TLS_CERT", certificate.as_str()), ("TLS_KEY", key.as_str())];
        let plain = Err("it speaks TLS: set TLS_CERT and TLS_KEY here as there".to_owned());
        assert_eq!(checked(&variables, Readiness::default()).await, [Ok(()), plain.clone()]);
        let broken = Readiness::default().with_check("db", async || Err(Failure::unavailable("down")));
        assert_eq!(checked(&variables, broken).await, [Err("not ready".to_owned()), plain]);
    }

    #[tokio::test]
    async fn a_service_without_tls_is_told_apart() {
        let [tls, plain] = checked(&[], Readiness::default()).await;
        assert_eq!(plain, Ok(()));
        assert!(tls.as_ref().is_err_and(|error| error.starts_with("no TLS with it: ")), "{tls:?}");
    }
}
