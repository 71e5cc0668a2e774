//! Calls by `https`.

use std::net::SocketAddr;
use std::sync::Arc;

use rcgen::generate_simple_self_signed;
use standards_core::settings::SettingValue;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, ServerConfig};

use super::*;
use crate::client::connection::http_client;
use crate::url::{Https, Url};

/// A server for `localhost`, and its certificate.
async fn server() -> (SocketAddr, CertificateDer<'static>) {
    let made = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let certificate = CertificateDer::from(made.cert);
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let versions =
        ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider())).with_safe_default_protocol_versions();
    let config = versions.unwrap().with_no_client_auth().with_single_cert(vec![certificate.clone()], key).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    context::spawn_worker(serve(listener, TlsAcceptor::from(Arc::new(config))));
    (address, certificate)
}

async fn serve(listener: TcpListener, acceptor: TlsAcceptor) {
    let Answer::Bytes(answer) = stub::json(200, FINE) else { return };
    while let Ok((stream, _)) = listener.accept().await {
        let Ok(mut stream) = acceptor.accept(stream).await else { continue };
        let _ = stream.read(&mut [0; 2048]).await;
        let _ = stream.write_all(&answer).await;
        let _ = stream.shutdown().await;
    }
}

fn believing(certificate: CertificateDer<'static>, base: Url) -> Client {
    let mut roots = RootCertStore::empty();
    roots.add(certificate).unwrap();
    let versions =
        ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider())).with_safe_default_protocol_versions();
    let config = versions.unwrap().with_root_certificates(roots).with_no_client_auth();
    Client::of(Exchange::new("clientes", http_client(config)), "clientes", base)
}

#[tokio::test]
async fn who_is_believed_is_called_and_nobody_else() {
    let (address, certificate) = server().await;
    let url = |host: &str| -> Url { Url::<Https>::parse(&format!("https://{host}:{}", address.port())).unwrap().into() };
    let believing = |host| believing(certificate.clone(), url(host)).with_attempts(1);
    assert_eq!(believing("localhost").get("/").send::<u8>().await.unwrap(), 7);
    let stranger = Client::new("clientes", url("localhost")).unwrap().with_attempts(1);
    for (client, why) in [(stranger, "no such root"), (believing("127.0.0.1"), "another name")] {
        let (result, log) = made(client.get("/").send::<u8>()).await;
        assert_eq!(reason_of(&result.unwrap_err()), Reason::Unreachable, "{why}");
        assert!(record_of(&log)["context"]["error"].as_str().unwrap().contains("certificate"), "{why}");
    }
}
