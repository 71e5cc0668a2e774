//! `JWKS_URL` on the real binary: places that fail in every way, and keys that are exchanged.

mod source;

use std::fs;
use std::time::{Duration, Instant};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::VARIABLES;
use super::tokens::signer::{claims, encoded};
use crate::http::service::{Exit, ServiceProcess, until};
use crate::support::http::PAGOS;
use source::{Behaviour, Source};

const SQLITE: (&str, &str) = ("DATABASE_URL", "sqlite://pagos.db?mode=rwc");
const FAILED: &str = "Las claves de JWKS_URL no se pudieron leer";

/// A key, and its name in a set.
struct Key {
    pair: Ed25519KeyPair,
    id: &'static str,
}

impl Key {
    fn new(id: &'static str) -> Self {
        let pair = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        Self { pair: Ed25519KeyPair::from_pkcs8(pair.as_ref()).unwrap(), id }
    }

    /// As a set holds it (RFC 8037).
    fn public(&self) -> Value {
        json!({"kty": "OKP", "crv": "Ed25519", "kid": self.id, "x": encoded(self.pair.public_key().as_ref())})
    }

    fn token(&self) -> String {
        let header = json!({"alg": "EdDSA", "kid": self.id}).to_string();
        let message = format!("{}.{}", encoded(header), encoded(claims(&json!({}))));
        format!("{message}.{}", encoded(self.pair.sign(message.as_bytes())))
    }
}

fn set(keys: &[Value]) -> String {
    json!({ "keys": keys }).to_string()
}

/// What a place does or answers that is of no use, with a part of the sentence that the record tells.
type Useless = (&'static str, Behaviour, &'static str);

fn useless(key: &Key) -> Vec<Useless> {
    failing().into_iter().chain(unusable(key)).collect()
}

fn failing() -> Vec<Useless> {
    let mut huge = b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{\"keys\":[".to_vec();
    huge.resize(64 << 20, b' ');
    let moved = "HTTP/1.1 302 Found\r\nlocation: https://evil.example/\r\ncontent-length: 0\r\n\r\n";
    vec![
        ("down", Behaviour::Close, "cannot be read"),
        ("slow", Behaviour::Silence, "within five seconds"),
        ("huge", Behaviour::bytes(huge), "length limit exceeded"),
        ("redirecting", Behaviour::bytes(moved), "it answered 302"),
        ("failing", Behaviour::bytes("HTTP/1.1 500 X\r\ncontent-length: 0\r\n\r\n"), "it answered 500"),
    ]
}

fn unusable(key: &Key) -> Vec<Useless> {
    let numbered = |id: usize| json!({"kty": "OKP", "crv": "Ed25519", "kid": id.to_string(), "x": key.public()["x"]});
    let many = |count| set(&(0..count).map(numbered).collect::<Vec<_>>());
    vec![
        ("empty", Behaviour::set(""), "no JSON Web Key Set"),
        ("HTML", Behaviour::set("<html><body>Mantenimiento</body></html>"), "no JSON Web Key Set"),
        ("without keys", Behaviour::set(&set(&[])), "no key in the set can be used"),
        ("with one name twice", Behaviour::set(&set(&[key.public(), key.public()])), "two keys of the set have one kid"),
        ("with 101 keys", Behaviour::set(&many(101)), "more than 100 keys"),
        ("with 10,000 keys", Behaviour::set(&many(10_000)), "length limit exceeded"),
    ]
}

async fn started(source: &Source) -> ServiceProcess {
    let certificate = source.certificate.to_str().unwrap();
    let own = [("JWKS_URL", source.url.as_str()), ("SSL_CERT_FILE", certificate), VARIABLES[1], VARIABLES[2], SQLITE];
    ServiceProcess::start(&own).await
}

async fn status(service: &ServiceProcess, token: &str) -> u16 {
    let request = format!("GET {PAGOS} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n");
    service.connect().await.ask(request).await.status
}

#[track_caller]
fn failures(exit: &Exit) -> Vec<Value> {
    let records = exit.records();
    assert!(records.iter().all(|record| record["error"]["type"] != "panic"), "{}", exit.stdout);
    records.into_iter().filter(|record| record["message"] == FAILED).collect()
}

/// Until the keys are there a token cannot be judged: that is nobody's fault who has one, and passes by itself.
#[tokio::test]
async fn a_place_that_fails_at_first_is_asked_again() {
    let key = Key::new("buena");
    let rows = useless(&key).into_iter().filter(|(name, ..)| ["down", "HTML"].contains(name));
    join_all(rows.map(|(name, behaviour, why)| recovers(&key, name, behaviour, why))).await;
}

async fn recovers(key: &Key, name: &str, behaviour: Behaviour, why: &str) {
    let source = Source::start(behaviour).await;
    let service = started(&source).await;
    until(async || source.asked() > 0).await;
    assert_eq!(status(&service, &key.token()).await, 503, "{name}");
    source.behave(Behaviour::set(&set(&[key.public()])));
    until(async || status(&service, &key.token()).await == 200).await;
    let failures = failures(&service.stop());
    assert!(!failures.is_empty(), "{name}");
    failures.iter().for_each(|failure| assert_told(name, failure, false, why));
}

/// A minute, since a place is not asked again before: all at once, each with a service of its own.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_minute_later_what_is_known_is_kept_and_what_is_new_is_found() {
    let key = Key::new("buena");
    let places = join_all(useless(&key).into_iter().map(|(name, behaviour, why)| keeps(&key, name, behaviour, why)));
    tokio::join!(places, finds_in_a_file());
}

/// A place that fails later leaves the keys that were there, and is asked once, however many ask for a key that nobody has.
async fn keeps(key: &Key, name: &str, behaviour: Behaviour, why: &str) {
    let source = Source::start(Behaviour::set(&set(&[key.public()]))).await;
    let service = started(&source).await;
    until(async || status(&service, &key.token()).await == 200).await;
    let before = service.memory_kib();
    source.behave(behaviour);
    refused_until(&service, &Key::new("otra").token(), async || service.said().contains(FAILED)).await;
    assert_eq!((status(&service, &key.token()).await, source.asked()), (200, 2), "{name}");
    let grown = service.memory_kib().saturating_sub(before);
    assert!(grown <= 16 * 1024, "{name}: {grown} KiB");
    let failures = failures(&service.stop());
    assert_eq!(failures.len(), 1, "{name}: {failures:#?}");
    assert_told(name, &failures[0], true, why);
}

/// Sends requests with this token, none of which is let in, until something has happened.
async fn refused_until(service: &ServiceProcess, token: &str, happened: impl AsyncFn() -> bool) {
    let begun = Instant::now();
    while !happened().await {
        assert_eq!(status(service, token).await, 401);
        assert!(begun.elapsed() < Duration::from_secs(180), "it never happened");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

#[track_caller]
fn assert_told(name: &str, failure: &Value, kept: bool, why: &str) {
    assert_eq!((&failure["level"], &failure["context"]["kept"]), (&json!("WARNING"), &json!(kept)), "{name}");
    assert!(failure["context"]["error"].as_str().unwrap().contains(why), "{name}: {failure:#}");
}

/// A new key is found within a minute of its first token, and what is gone from the set is refused from then on.
async fn finds_in_a_file() {
    let (old, new) = (Key::new("vieja"), Key::new("nueva"));
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("keys.json");
    fs::write(&file, set(&[old.public()])).unwrap();
    let url = format!("file:{}", file.display());
    let service = ServiceProcess::start(&[("JWKS_URL", &url), VARIABLES[1], VARIABLES[2], SQLITE]).await;
    assert_eq!([status(&service, &old.token()).await, status(&service, &new.token()).await], [200, 401]);
    fs::write(&file, set(&[new.public()])).unwrap();
    let begun = Instant::now();
    while status(&service, &new.token()).await != 200 {
        assert!(begun.elapsed() < Duration::from_secs(180), "the file was not read again");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    assert_eq!(status(&service, &old.token()).await, 401);
    assert_eq!(failures(&service.stop()).len(), 0);
}
