//! TLS: who is served, who is not, and with which certificate.

use super::*;
use crate::server::{KeyPair, Tls};
use std::path::Path;
use tempfile::TempDir;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};

const INTERVAL: Duration = Duration::from_millis(50);
const HANDSHAKE: Duration = Duration::from_millis(300);

/// A server whose certificate stands in `directory`.
async fn start_tls(directory: &Path) -> Started {
    let files = KeyPair { certificate: directory.join("cert.pem"), key: directory.join("key.pem") };
    let tls = Tls::load(files).unwrap().with_times(INTERVAL, HANDSHAKE);
    let answer = async |_| Response::new(Full::new(Bytes::from("hecho")));
    let security = Security::Tls(Arc::new(tls));
    start_behind(Limits::default(), security, answer, Duration::from_secs(10)).await
}

/// Writes a new certificate with its key.
fn write_certificate(directory: &Path) -> CertificateDer<'static> {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    std::fs::write(directory.join("key.pem"), made.signing_key.serialize_pem()).unwrap();
    std::fs::write(directory.join("cert.pem"), made.cert.pem()).unwrap();
    made.cert.der().clone()
}

fn client(trusted: &CertificateDer<'static>, versions: &[&'static SupportedProtocolVersion], protocols: &[&str]) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).unwrap();
    let builder = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()));
    let mut config = builder.with_protocol_versions(versions).unwrap().with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
    config
}

async fn handshake(address: SocketAddr, config: ClientConfig) -> std::io::Result<TlsStream<TcpStream>> {
    let stream = TcpStream::connect(address).await.unwrap();
    TlsConnector::from(Arc::new(config)).connect(ServerName::try_from("localhost").unwrap(), stream).await
}

async fn is_served(address: SocketAddr, config: ClientConfig) -> bool {
    let Ok(mut stream) = handshake(address, config).await else { return false };
    stream.write_all(REQUEST).await.unwrap();
    until(&mut stream, b"hecho").await.starts_with("HTTP/1.1 200")
}

/// Waits until clients that trust this certificate are served.
async fn serves(address: SocketAddr, certificate: &CertificateDer<'static>) {
    let begun = Instant::now();
    while !is_served(address, client(certificate, &[&TLS13], &[])).await {
        assert!(begun.elapsed() < Duration::from_secs(30), "the certificate is not served");
        tokio::time::sleep(INTERVAL).await;
    }
}

#[tokio::test]
async fn either_version_is_served_and_no_other_protocol_than_http_1() {
    let directory = TempDir::new().unwrap();
    let certificate = write_certificate(directory.path());
    let (address, _stop, _running) = start_tls(directory.path()).await;
    for versions in [&[&TLS12][..], &[&TLS13]] {
        assert!(is_served(address, client(&certificate, versions, &[])).await);
        assert!(is_served(address, client(&certificate, versions, &["h2", "http/1.1"])).await);
        assert!(!is_served(address, client(&certificate, versions, &["h2"])).await);
    }
}

#[tokio::test]
async fn a_new_certificate_is_served_and_a_broken_one_is_not() {
    let directory = TempDir::new().unwrap();
    let first = write_certificate(directory.path());
    let (address, _stop, _running) = start_tls(directory.path()).await;
    serves(address, &first).await;
    let mut open = handshake(address, client(&first, &[&TLS13], &[])).await.unwrap();
    let second = write_certificate(directory.path());
    serves(address, &second).await;
    assert!(!is_served(address, client(&first, &[&TLS13], &[])).await);
    // A connection that is open goes on.
    open.write_all(REQUEST).await.unwrap();
    until(&mut open, b"hecho").await;
    for broken in ["", "no es un certificado", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
        std::fs::write(directory.path().join("cert.pem"), broken).unwrap();
        tokio::time::sleep(INTERVAL * 4).await;
        assert!(is_served(address, client(&second, &[&TLS13], &[])).await, "{broken}");
    }
    let third = write_certificate(directory.path());
    serves(address, &third).await;
}

#[tokio::test]
async fn a_handshake_that_does_not_end_is_cut_off() {
    let directory = TempDir::new().unwrap();
    write_certificate(directory.path());
    let (address, _stop, _running) = start_tls(directory.path()).await;
    // Nothing, and the beginning of a client's hello.
    for begun in [&b""[..], b"\x16\x03\x01\x02\x00\x01"] {
        let client = connect(address, begun).await;
        let begun = Instant::now();
        assert_eq!(read(client).await, "");
        assert!(begun.elapsed() >= HANDSHAKE / 2);
    }
}

/// A client's hello of TLS 1.1: that version, two suites, no extension.
const TLS_1_1: &[u8] = b"\x16\x03\x01\x00\x31\x01\x00\x00\x2d\x03\x02\
    0123456789abcdef0123456789abcdef\x00\x00\x04\xc0\x13\x00\x2f\x01\x00";

#[tokio::test]
async fn what_is_no_tls_or_too_old_is_refused() {
    let directory = TempDir::new().unwrap();
    let certificate = write_certificate(directory.path());
    let (address, _stop, _running) = start_tls(directory.path()).await;
    for hello in [REQUEST, TLS_1_1] {
        let mut answer = Vec::new();
        let _ = connect(address, hello).await.read_to_end(&mut answer).await;
        // An alert or nothing, but neither a hello nor an answer.
        assert!(answer.first().is_none_or(|kind| *kind == 0x15), "{}", answer.escape_ascii());
    }
    assert!(is_served(address, client(&certificate, &[&TLS13], &[])).await);
}
