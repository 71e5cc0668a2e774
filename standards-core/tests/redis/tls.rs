//! Redis behind TLS, with a certificate that the system does not know.

use std::sync::Arc;
use std::time::Duration;

use standards_core::cache::redis::{RedisLevel, RedisOptions, RedisUrl};
use standards_core::cache::{SharedHealth, SharedLevel as _};
use standards_core::settings::SettingValue as _;

use super::server::{Server, free_port};
use super::trial::{alone, connected, numbers, until};

#[tokio::test(flavor = "multi_thread")]
async fn a_server_is_believed_by_its_root_certificate_alone() {
    let (files, tls_port) = (tempfile::tempdir().unwrap(), free_port());
    let certified = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let [certificate, key] = ["certificate.pem", "key.pem"].map(|name| files.path().join(name).to_str().unwrap().to_owned());
    std::fs::write(&certificate, certified.cert.pem()).unwrap();
    std::fs::write(&key, certified.signing_key.serialize_pem()).unwrap();
    let port = tls_port.to_string();
    let settings = ["--tls-port", &port, "--tls-cert-file", &certificate, "--tls-key-file", &key];
    let settings: Vec<_> = settings.into_iter().chain(["--tls-ca-cert-file", &certificate, "--tls-auth-clients", "no"]).collect();
    let Some(_server) = Server::start_with(&settings) else { return };
    let _alone = alone().await;

    let url = RedisUrl::parse(&format!("rediss://localhost:{tls_port}")).unwrap();
    let options = RedisOptions::default().with_connect_timeout(Duration::from_secs(2));
    let trusting = Arc::new(RedisLevel::new(&url, options.clone().with_root_certificate(certified.cert.pem())));
    let cache = numbers(&trusting);
    connected(&cache, &trusting).await;
    cache.set("a", 7, Duration::from_secs(60)).await;
    assert!(cache.delete("a").await);

    let wary = Arc::new(RedisLevel::new(&url, options));
    numbers(&wary).get("a").await;
    until("degraded", async || wary.health() == SharedHealth::Degraded).await;
}
