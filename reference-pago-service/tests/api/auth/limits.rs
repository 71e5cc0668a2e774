//! The real binary under a limit: who asks too often is refused, and nobody else.

use serde_json::json;

use super::{KEY, VARIABLES, token};
use crate::http::service::ServiceProcess;
use crate::http::socket::{Answer, Socket, get, post_with};
use crate::support::http::{CLIENTES, PAGOS};

const DATABASE: (&str, &str) = ("DATABASE_URL", "sqlite://pagos.db?mode=rwc");

/// Slow enough that a flood meets it, however busy the machine is, and enough at once for what a test needs.
const LIMIT: (&str, &str) = ("RATE_LIMIT", "1/20");

async fn limited(variables: &[(&str, &str)]) -> ServiceProcess {
    ServiceProcess::start(&[&[DATABASE, LIMIT], variables].concat()).await
}

fn bearing(token: &str) -> String {
    format!("Authorization: Bearer {token}\r\n")
}

/// The answers to so many requests, one after the other on one connection.
async fn flood(socket: &mut Socket, times: usize, request: &str) -> Vec<Answer> {
    let mut answers = Vec::new();
    for _ in 0..times {
        answers.push(socket.ask(request).await);
    }
    answers
}

fn refused(answers: &[Answer]) -> usize {
    answers.iter().filter(|answer| answer.status == 429).count()
}

#[tokio::test]
async fn a_subject_that_floods_is_refused_while_another_pays() {
    let service = limited(&VARIABLES).await;
    let scopes = "pagos:read pagos:write clientes:read clientes:write";
    let (noisy, payer) = (bearing(&token(KEY, "ruidosa", scopes)), bearing(&token(KEY, "pagadora", scopes)));
    let mut socket = service.connect().await;
    let list = format!("GET {PAGOS} HTTP/1.1\r\nHost: x\r\n{noisy}\r\n");
    let answers = flood(&mut socket, 200, &list).await;
    assert!(refused(&answers) > 100 && answers[0].status == 200, "{}", refused(&answers));
    let last = answers.iter().rfind(|answer| answer.status == 429).unwrap();
    assert_eq!((last.header("retry-after"), last.header("ratelimit-limit")), (Some("1"), Some("20")));
    assert_eq!(last.json()["errors"], json!([{"code": "HTTP_ERROR", "message": "Demasiadas solicitudes"}]));
    let cliente = r#"{"nombre": "Ana", "email": "ana@example.com", "saldo": "100.00"}"#;
    assert_eq!(socket.ask(post_with(CLIENTES, &payer, cliente)).await.status, 200);
    for _ in 0..10 {
        let paid = socket.ask(post_with(PAGOS, &payer, r#"{"cliente_id": 1, "monto": "1.00"}"#)).await;
        assert_eq!(paid.status, 200, "{}", paid.body);
    }
    assert_eq!(socket.ask(get("/health/ready")).await.status, 200);
    let warnings = service.stop().records().into_iter().filter(|record| record["context"]["limited_by"] == "subject").count();
    assert!((1..=100).contains(&warnings), "{warnings}");
}

#[tokio::test]
async fn a_flood_without_a_token_is_refused_by_its_address() {
    let service = limited(&VARIABLES).await;
    let answers = flood(&mut service.connect().await, 200, &get(PAGOS)).await;
    assert!(refused(&answers) > 100 && answers[0].status == 401, "{}", refused(&answers));
    assert!(answers.iter().all(|answer| matches!(answer.status, 401 | 429)));
    assert_eq!(service.stop().status, Some(0));
}

fn from(address: &str) -> String {
    format!("GET {PAGOS} HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: {address}\r\n\r\n")
}

#[tokio::test]
async fn two_addresses_behind_a_trusted_proxy_are_two_clients() {
    let service = limited(&[("TRUSTED_PROXIES", "127.0.0.0/8")]).await;
    let mut socket = service.connect().await;
    assert!(refused(&flood(&mut socket, 200, &from("203.0.113.1, 198.51.100.7")).await) > 100);
    assert_eq!(socket.ask(from("198.51.100.8")).await.status, 200);
    service.stop();
}

#[tokio::test]
async fn two_addresses_from_a_peer_that_is_not_trusted_are_one() {
    let service = limited(&[("TRUSTED_PROXIES", "10.0.0.0/8")]).await;
    let mut socket = service.connect().await;
    let mut answers = Vec::new();
    for host in 0..200 {
        answers.push(socket.ask(from(&format!("198.51.100.{host}"))).await);
    }
    assert!(refused(&answers) > 100, "{}", refused(&answers));
    service.stop();
}
