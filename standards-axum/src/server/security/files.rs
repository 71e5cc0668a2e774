//! A certificate and its key, in two files.
//!
//! Nothing of them reaches a record but which of the two is meant and what the system says of it.

use std::fs::File;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// A file that is longer is none of a certificate.
const MAX_BYTES: u64 = 1 << 20;

/// Where a server's certificate (PEM, its own first, then those that vouch for it) and its private key (PEM) stand.
#[derive(Clone, Debug)]
pub(crate) struct KeyPair {
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
}

/// What the files hold, or why they cannot be read.
pub(super) struct Contents(io::Result<[Vec<u8>; 2]>);

impl KeyPair {
    /// Both of them, or the error of the one that cannot be read; that is kept as a value, so that it is told once.
    pub(super) fn read(&self) -> Contents {
        let certificate = read(&self.certificate).map_err(|error| named("certificate", &error));
        Contents(certificate.and_then(|certificate| {
            let key = read(&self.key).map_err(|error| named("key", &error))?;
            Ok([certificate, key])
        }))
    }
}

impl Contents {
    /// Differs from that of others; the key cannot be told from it.
    pub(super) fn fingerprint(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.0.as_ref().map_err(io::Error::to_string).hash(&mut hasher);
        hasher.finish()
    }

    /// What a server does with them: TLS 1.2 and 1.3, HTTP/1.1.
    pub(super) fn config(self) -> io::Result<Arc<ServerConfig>> {
        let [certificate, key] = self.0?;
        let chain: Vec<CertificateDer<'static>> =
            CertificateDer::pem_slice_iter(&certificate).collect::<Result<_, _>>().map_err(io::Error::other)?;
        let key = PrivateKeyDer::from_pem_slice(&key).map_err(io::Error::other)?;
        let provider = Arc::new(aws_lc_rs::default_provider());
        let versions = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let config = versions.and_then(|versions| versions.with_no_client_auth().with_single_cert(chain, key));
        let mut config = config.map_err(io::Error::other)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }
}

/// All of a file, unless it is longer than a certificate could be.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "more than 1 MiB"));
    }
    Ok(bytes)
}

/// Which of the files it is; a path is a setting's value, which no record holds.
fn named(which: &str, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{which}: {error}"))
}
