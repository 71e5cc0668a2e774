//! Bad tokens against the real binary, row by row: one and the same answer, and a record that tells the reason and nothing of the token.

mod rows;
pub(crate) mod signer;

use std::time::{Duration, Instant};

use aws_lc_rs::hmac::HMAC_SHA256;
use serde_json::{Value, json};

use super::VARIABLES;
use crate::http::service::{Exit, ServiceProcess, free_port};
use crate::http::socket::{Answer, Socket};
use crate::support::http::PAGOS;
use rows::rows;
use signer::{claims, now, signed_by, with_claims};

const SQLITE: (&str, &str) = ("DATABASE_URL", "sqlite://pagos.db?mode=rwc");
const REFUSAL: &str = r#"{"success":false,"data":null,"errors":[{"code":"HTTP_ERROR","message":"No autenticado"}]}"#;

/// The headers of a refusal, and no others.
const OF_A_REFUSAL: [&str; 7] =
    ["cache-control", "content-length", "content-type", "date", "www-authenticate", "x-content-type-options", "x-correlation-id"];

fn asking(path: &str, lines: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: x\r\n{lines}\r\n")
}

fn with_token(token: &str) -> String {
    asking(PAGOS, &format!("Authorization: Bearer {token}\r\n"))
}

async fn guarded() -> ServiceProcess {
    ServiceProcess::start(&[&VARIABLES[..], &[SQLITE]].concat()).await
}

/// The heads of two refusals differ by their ids and instants only.
#[track_caller]
fn assert_refused(name: &str, answer: &Answer) {
    assert_eq!((answer.status, answer.body.as_str()), (401, REFUSAL), "{name}");
    assert_eq!(answer.header("www-authenticate"), Some("Bearer"), "{name}");
    let mut headers: Vec<_> = answer.head.lines().filter_map(|line| line.split_once(": ")).map(|(header, _)| header).collect();
    headers.sort_unstable();
    assert_eq!(headers, OF_A_REFUSAL, "{name}");
}

/// The reasons that the records of `PAGOS` tell, in their order.
#[track_caller]
fn told(exit: &Exit) -> Vec<String> {
    let records = exit.records();
    let refused = records.iter().filter(|record| record["context"]["status"] == 401);
    let warned = refused.inspect(|record| assert_eq!(record["level"], "WARNING", "{record:#}"));
    warned.map(|record| record["context"]["auth_error"].as_str().unwrap().to_owned()).collect()
}

/// No part of a token that was sent stands in what the process said.
#[track_caller]
fn assert_untold<'a>(exit: &Exit, lines: impl IntoIterator<Item = &'a str>) {
    for part in lines.into_iter().flat_map(|lines| lines.split(['.', ' ', '\r', '=', ';', ','])).filter(|part| part.len() > 16) {
        assert!(!exit.stdout.contains(part), "{}", &part[..part.len().min(80)]);
    }
}

/// J1 to J15.
#[tokio::test]
async fn every_bad_token_is_refused_by_one_and_the_same_answer() {
    let service = guarded().await;
    let rows = rows();
    for (name, lines, _) in &rows {
        let (mut socket, begun) = (service.connect().await, Instant::now());
        assert_refused(name, &socket.ask(asking(PAGOS, lines)).await);
        if name.starts_with("J15") {
            println!("{name}: {:?}", begun.elapsed());
        }
    }
    let exit = service.stop();
    let reasons = rows.iter().map(|(_, _, reason)| (*reason).to_owned()).collect::<Vec<_>>();
    let told = told(&exit);
    assert_eq!(told.len(), reasons.len());
    let wrong: Vec<_> =
        rows.iter().zip(told).filter(|((_, _, reason), told)| reason != told).map(|(row, told)| (&row.0, told)).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    assert_untold(&exit, rows.iter().map(|(_, lines, _)| lines.as_str()));
}

/// J12 and J15: a head of more than 32 KiB is not read to its end.
#[tokio::test]
async fn a_token_that_is_longer_than_a_head_is_not_read() {
    let service = guarded().await;
    for length in [64 << 10, 1 << 20] {
        let request = with_token(&"x".repeat(length));
        let (mut socket, begun) = (service.connect().await, Instant::now());
        socket.write(request).await;
        let read = socket.rest().await;
        println!("J15 {length} bytes: {:?}", begun.elapsed());
        // A reset may take the answer with it: the client was still sending.
        assert!(read.is_empty() || read.starts_with(b"HTTP/1.1 431 "), "{}", read.escape_ascii());
    }
    assert_eq!(service.status("/health/live").await, 200);
}

/// J1: the query is no place for a token, and not logged.
#[tokio::test]
async fn a_token_in_the_query_lets_nobody_in() {
    let (service, token) = (guarded().await, with_claims(&json!({})));
    for query in [format!("token={token}"), format!("access_token={token}"), format!("Authorization=Bearer%20{token}")] {
        let answer = service.connect().await.ask(asking(&format!("{PAGOS}?{query}"), "")).await;
        assert_refused(&query, &answer);
    }
    let exit = service.stop();
    assert_eq!(told(&exit), ["absent"; 3]);
    assert_untold(&exit, [token.as_str()]);
}

/// J6, J8, J9, J16, J17 and J20: what is right, however it is written, and how far another clock may be ahead.
fn allowed() -> Vec<(&'static str, String, u16)> {
    let bearing = |changes: &Value| format!("Bearer {}", with_claims(changes));
    // HMAC fills a key up with NULs (RFC 2104, section 2): with one more it is the same key.
    let nul = signed_by(HMAC_SHA256, format!("{}\0", super::KEY).as_bytes(), signer::HEADER, &claims(&json!({})));
    vec![
        ("J6 a NUL more", format!("Bearer {nul}"), 200),
        ("J9 ours among others", bearing(&json!({"aud": ["otro", "pagos"]})), 200),
        ("J16 in the future, but within the leeway", bearing(&json!({"nbf": now() + 5, "iat": now() + 5})), 200),
        ("J16 in the future, past the leeway", bearing(&json!({"nbf": now() + 65})), 401),
        ("J16 about to expire", bearing(&json!({"exp": now() + 60})), 200),
        ("J16 just expired", bearing(&json!({"exp": now() - 1})), 401),
        ("J17 another scope", bearing(&json!({"scope": "pagos:write clientes:read"})), 403),
        ("J17 no scope", bearing(&json!({"scope": null})), 403),
        ("J17 the scope in capitals", bearing(&json!({"scope": "PAGOS:READ"})), 403),
        ("J17 a longer scope", bearing(&json!({"scope": "pagos:reader"})), 403),
        ("J20 a scheme in small letters", format!("bearer {}", with_claims(&json!({}))), 200),
        ("J20 a scheme in capitals", format!("BEARER {}", with_claims(&json!({}))), 200),
    ]
}

#[tokio::test]
async fn what_is_right_is_let_in_and_no_further_than_its_scope() {
    let service = guarded().await;
    let rows = allowed();
    for (name, value, status) in &rows {
        let answer = service.connect().await.ask(asking(PAGOS, &format!("Authorization: {value}\r\n"))).await;
        assert_eq!(answer.status, *status, "{name}: {}", answer.body);
    }
    assert_untold(&service.stop(), rows.iter().map(|(_, value, _)| value.as_str()));
}

const ATTEMPTS: usize = 10_000;
const CLIENTS: usize = 8;

/// J18: whoever has no key costs the database nothing; it is not even there.
#[tokio::test]
async fn ten_thousand_bad_tokens_ask_the_database_nothing() {
    let url = format!("postgres://nadie@127.0.0.1:{}/nada", free_port());
    let service = ServiceProcess::start(&[&VARIABLES[..], &[("DATABASE_URL", &url)]].concat()).await;
    let begun = Instant::now();
    let clients = (0..CLIENTS).map(|client| guess(service.address, client));
    let guessed: Vec<String> = futures_util::future::join_all(clients).await.concat();
    println!("J18: {ATTEMPTS} in {:?}", begun.elapsed());
    assert_eq!(guessed.len(), ATTEMPTS);
    // One that is let in does ask, and learns that nobody is there.
    let right = service.connect().await.ask(with_token(&with_claims(&json!({})))).await;
    right.assert_refused(503, "SERVICE_UNAVAILABLE");
    let exit = service.stop();
    assert_eq!(told(&exit), vec!["signature"; ATTEMPTS]);
    let signatures = guessed.iter().step_by(100).map(|token| token.rsplit_once('.').unwrap().1);
    assert_untold(&exit, signatures);
}

/// One client's share, on one connection; the tokens it tried.
async fn guess(address: std::net::SocketAddr, client: usize) -> Vec<String> {
    let mut socket = Socket::open(address).await;
    let mut tried = Vec::new();
    for attempt in 0..ATTEMPTS / CLIENTS {
        let key = format!("a-guess-of-at-least-32-bytes-for-tests-{client}-{attempt}");
        let token = signed_by(HMAC_SHA256, key.as_bytes(), signer::HEADER, &claims(&json!({})));
        assert_refused("J18", &socket.ask(with_token(&token)).await);
        tried.push(token);
    }
    tried
}

#[tokio::test]
async fn a_refusal_comes_before_the_body_is_read() {
    let service = guarded().await;
    let mut socket = service.connect().await;
    let head = format!("POST {PAGOS} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 16000\r\n\r\n");
    socket.write(head).await;
    // Nothing of the body was sent.
    let answer = tokio::time::timeout(Duration::from_secs(5), socket.answer()).await.expect("it waits for the body");
    assert_eq!((answer.status, answer.body.as_str()), (401, REFUSAL));
}
