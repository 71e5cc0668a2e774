//! A place that publishes keys by HTTPS, and answers what it is told to.

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use rcgen::generate_simple_self_signed;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// What a connection gets.
#[derive(Clone, Debug)]
pub(super) enum Behaviour {
    /// These bytes.
    Answer(Arc<[u8]>),
    /// An end before the handshake.
    Close,
    /// Nothing, for ever.
    Silence,
}

impl Behaviour {
    /// 200 with this body.
    pub(super) fn set(body: &str) -> Self {
        Self::bytes(format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len()))
    }

    pub(super) fn bytes(bytes: impl Into<Vec<u8>>) -> Self {
        Self::Answer(bytes.into().into())
    }
}

/// Serves until the test's runtime ends.
pub(super) struct Source {
    pub(super) url: String,
    /// A file with the certificate that clients must believe.
    pub(super) certificate: PathBuf,
    shared: Arc<Shared>,
    _directory: TempDir,
}

struct Shared {
    behaviour: Mutex<Behaviour>,
    asked: AtomicUsize,
}

impl Source {
    pub(super) async fn start(behaviour: Behaviour) -> Self {
        let made = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let directory = tempfile::tempdir().unwrap();
        let certificate = directory.path().join("ca.pem");
        std::fs::write(&certificate, made.cert.pem()).unwrap();
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider())).with_safe_default_protocol_versions();
        let config = config.unwrap().with_no_client_auth().with_single_cert(vec![CertificateDer::from(made.cert)], key).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://localhost:{}/keys", listener.local_addr().unwrap().port());
        let shared = Arc::new(Shared { behaviour: Mutex::new(behaviour), asked: AtomicUsize::new(0) });
        tokio::spawn(serve(listener, TlsAcceptor::from(Arc::new(config)), shared.clone()));
        Self { url, certificate, shared, _directory: directory }
    }

    /// From now on.
    pub(super) fn behave(&self, behaviour: Behaviour) {
        *self.shared.behaviour.lock().unwrap() = behaviour;
    }

    /// How many connections there were.
    pub(super) fn asked(&self) -> usize {
        self.shared.asked.load(Ordering::Relaxed)
    }
}

async fn serve(listener: TcpListener, acceptor: TlsAcceptor, shared: Arc<Shared>) {
    while let Ok((stream, _)) = listener.accept().await {
        shared.asked.fetch_add(1, Ordering::Relaxed);
        let behaviour = shared.behaviour.lock().unwrap().clone();
        tokio::spawn(answer(stream, acceptor.clone(), behaviour));
    }
}

async fn answer(stream: TcpStream, acceptor: TlsAcceptor, behaviour: Behaviour) {
    if matches!(behaviour, Behaviour::Close) {
        return;
    }
    let Ok(mut stream) = acceptor.accept(stream).await else { return };
    let _head = stream.read(&mut [0; 1024]).await;
    match behaviour {
        Behaviour::Answer(bytes) => {
            let _whole = stream.write_all(&bytes).await;
            let _ended = stream.shutdown().await;
        }
        _ => std::future::pending().await,
    }
}
