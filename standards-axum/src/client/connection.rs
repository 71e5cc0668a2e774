//! Connections to another service: few, for a while, and to nobody whose certificate is not believed.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::uri::Scheme;
use http_body_util::Full;
use hyper_rustls::{ConfigBuilderExt, HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use crate::url::Url;

/// How long one address may take to take a connection.
const CONNECT: Duration = Duration::from_secs(2);

/// How long a connection is kept that nobody uses, and how many of them. Servers keep theirs for longer, and one that is closed at the very moment
/// of its next request costs a retry.
const IDLE: Duration = Duration::from_secs(30);
const MAX_IDLE: usize = 16;

/// The longest head of an answer, in bytes, and its most headers.
const MAX_HEAD: usize = 64 * 1024;
const MAX_HEADERS: usize = 100;

/// What sends requests, over HTTP/1.1, with TLS where the address says `https`.
pub(super) type HttpClient = Client<HttpsConnector<HttpConnector>, Full<Bytes>>;

/// Whom to believe: for `https` those whom the machine believes (`SSL_CERT_FILE` names others), for `http` nobody is asked.
pub(super) fn trust(base: &Url) -> io::Result<ClientConfig> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let versions =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().map_err(io::Error::other)?;
    let config = if base.as_uri().scheme() == Some(&Scheme::HTTPS) {
        versions.with_native_roots()?
    } else {
        versions.with_root_certificates(RootCertStore::empty())
    };
    Ok(config.with_no_client_auth())
}

pub(super) fn http_client(trust: ClientConfig) -> HttpClient {
    let mut tcp = HttpConnector::new();
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    tcp.set_connect_timeout(Some(CONNECT));
    let connector = HttpsConnectorBuilder::new().with_tls_config(trust).https_or_http().enable_http1().wrap_connector(tcp);
    let mut builder = Client::builder(TokioExecutor::new());
    builder.pool_timer(TokioTimer::new()).pool_idle_timeout(IDLE).pool_max_idle_per_host(MAX_IDLE);
    builder.http1_max_buf_size(MAX_HEAD).http1_max_headers(MAX_HEADERS);
    builder.build(connector)
}
