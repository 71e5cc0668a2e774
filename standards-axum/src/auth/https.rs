//! A set of keys by HTTPS: one answer, in time, of a bounded size, from the very place that was named.

use std::time::Duration;

use bytes::Bytes;
use http::{StatusCode, Uri};
use http_body_util::{BodyExt, Empty, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use standards_core::Cause;
use tokio::time;

use super::jwks::LONGEST;

/// How long a source has for its whole answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// What asks, by TLS and nothing else.
pub(super) type HttpsClient = Client<HttpsConnector<HttpConnector>, Empty<Bytes>>;

/// A client that believes the certificates which the machine believes (`SSL_CERT_FILE` names others).
pub(super) fn client() -> Result<HttpsClient, Cause> {
    let connector = HttpsConnectorBuilder::new().with_native_roots()?.https_only().enable_http1().build();
    Ok(Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build(connector))
}

/// The text at `url`: a 200 within five seconds, with a byte more than is allowed at most. A redirection is not followed.
pub(super) async fn get(client: &HttpsClient, url: Uri) -> Result<Vec<u8>, Cause> {
    time::timeout(PATIENCE, answer(client, url)).await.map_err(|_| "it did not answer within five seconds")?
}

async fn answer(client: &HttpsClient, url: Uri) -> Result<Vec<u8>, Cause> {
    let answer = client.get(url).await?;
    if answer.status() != StatusCode::OK {
        return Err(format!("it answered {}", answer.status().as_u16()).into());
    }
    Ok(Limited::new(answer.into_body(), LONGEST).collect().await?.to_bytes().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::SocketAddr;
    use std::sync::Arc;

    use rcgen::generate_simple_self_signed;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;
    use tokio_rustls::TlsAcceptor;
    use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
    use tokio_rustls::rustls::{ClientConfig, RootCertStore, ServerConfig};

    /// A server for one host, whose every answer is `answer`, and a client that believes it.
    async fn server(answer: Vec<u8>) -> (SocketAddr, HttpsClient) {
        super::super::authenticator::install_cryptography();
        let made = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let certificate = CertificateDer::from(made.cert);
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
        let config = ServerConfig::builder().with_no_client_auth().with_single_cert(vec![certificate.clone()], key).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        standards_core::context::spawn(serve(listener, TlsAcceptor::from(Arc::new(config)), answer));
        (address, believing(certificate))
    }

    /// Gives every connection the same bytes; none is silence.
    async fn serve(listener: TcpListener, acceptor: TlsAcceptor, answer: Vec<u8>) {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let _ = stream.read(&mut [0; 1024]).await;
            if answer.is_empty() {
                std::future::pending::<()>().await;
            }
            let _ = stream.write_all(&answer).await;
            let _ = stream.shutdown().await;
        }
    }

    fn believing(certificate: CertificateDer<'static>) -> HttpsClient {
        let mut roots = RootCertStore::empty();
        roots.add(certificate).unwrap();
        let config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
        let connector = HttpsConnectorBuilder::new().with_tls_config(config).https_only().enable_http1().build();
        Client::builder(TokioExecutor::new()).build(connector)
    }

    fn url(address: SocketAddr) -> Uri {
        format!("https://localhost:{}/keys", address.port()).parse().unwrap()
    }

    async fn asked(answer: impl Into<Vec<u8>>) -> Result<Vec<u8>, String> {
        let (address, client) = server(answer.into()).await;
        get(&client, url(address)).await.map_err(|error| error.to_string())
    }

    #[tokio::test]
    async fn the_text_of_a_200_is_taken() {
        assert_eq!(asked("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}").await, Ok(b"{}".to_vec()));
    }

    #[tokio::test]
    async fn nothing_else_is_taken_and_no_redirection_followed() {
        let moved = "HTTP/1.1 302 Found\r\nlocation: https://evil.example/\r\ncontent-length: 0\r\n\r\n";
        assert_eq!(asked(moved).await.unwrap_err(), "it answered 302");
        assert_eq!(asked("HTTP/1.1 500 X\r\ncontent-length: 0\r\n\r\n").await.unwrap_err(), "it answered 500");
        for broken in ["nonsense", "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{}"] {
            assert!(asked(broken).await.is_err(), "{broken}");
        }
    }

    #[tokio::test]
    async fn a_huge_answer_is_not_read_to_its_end() {
        let mut endless = b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n".to_vec();
        endless.resize(16 << 20, b' ');
        assert!(asked(endless).await.unwrap_err().contains("length limit exceeded"));
    }

    #[tokio::test(start_paused = true)]
    async fn a_silent_source_is_given_up() {
        assert_eq!(asked("").await.unwrap_err(), "it did not answer within five seconds");
    }

    #[tokio::test]
    async fn a_certificate_of_nobody_is_not_believed() {
        let (address, _) = server(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}".to_vec()).await;
        assert!(get(&client().unwrap(), url(address)).await.is_err());
        let plain: Uri = format!("http://localhost:{}/keys", address.port()).parse().unwrap();
        assert!(get(&client().unwrap(), plain).await.is_err());
    }
}
