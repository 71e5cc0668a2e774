//! Another service, played.

use std::time::Duration;

use axum::Json;
use axum::routing::post;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::servers::ask;
use super::*;
use crate::testing::{PausedClock, StubUpstream};

const GET: &[u8] = b"GET /saldos?de=7 HTTP/1.1\r\nHost: x\r\nX-A: 1\r\nConnection: close\r\n\r\n";

fn posting(length: usize) -> Vec<u8> {
    let head = format!("POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n");
    [head.as_bytes(), &vec![b'1'; length]].concat()
}

#[tokio::test]
async fn it_answers_as_it_is_told_and_shows_what_was_sent() {
    let doblar = async |Json(number): Json<u64>| Json(json!(number * 2));
    let stub = StubUpstream::new(Router::new().route("/", post(doblar))).await;
    stub.assert_unasked();
    let sent =
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: 2\r\n\r\n21";
    assert!(ask(stub.address(), sent).await.unwrap().ends_with("\r\n\r\n42"));
    let only = stub.only();
    only.assert_json(&json!(21));
    assert_eq!((only.to_string().as_str(), only.header("content-type")), ("POST / of 2 bytes", Some("application/json")));
    assert!(ask(stub.address(), GET).await.unwrap().starts_with("HTTP/1.1 404 "));
    assert_eq!(stub.sent().len(), 2);
    assert_eq!(told(|| drop(stub.only())), "expected one request, found 2:\n  POST / of 2 bytes\n  GET /saldos?de=7 of 0 bytes");
    assert_eq!(told(|| stub.assert_unasked()), told(|| drop(stub.only())).replace("one", "no"));
    let told = told(|| stub.sent()[0].assert_json(&json!(22)));
    assert_eq!(told, "POST / of 2 bytes was sent another body than expected:\n  : expected 22, found 21");
}

#[tokio::test]
async fn envelopes_are_made_by_one_line() {
    let body =
        |answer: String| answer.rsplit("\r\n\r\n").next().and_then(|body| serde_json::from_str::<Value>(body).ok()).unwrap();
    let well = StubUpstream::with_data(json!({"id": 5})).await;
    let answer = ask(well.address(), GET).await.unwrap();
    assert_eq!(body(answer), json!({"success": true, "data": {"id": 5}, "errors": []}));
    let ill = StubUpstream::failing(409, "SALDO_CERRADO", "Cerrado").await;
    let answer = ask(ill.address(), GET).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 409 Conflict\r\n"), "{answer}");
    assert_eq!(
        body(answer),
        json!({"success": false, "data": null, "errors": [{"code": "SALDO_CERRADO", "message": "Cerrado"}]})
    );
}

#[tokio::test]
async fn a_body_is_kept_up_to_a_megabyte() {
    let stub = StubUpstream::answering(|| "hola").await;
    assert!(ask(stub.address(), &posting(1 << 20)).await.unwrap().starts_with("HTTP/1.1 200 "));
    assert_eq!(stub.only().body.len(), 1 << 20);
    let mut connection = TcpStream::connect(stub.address()).await.unwrap();
    let head = format!("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n", (1 << 20) + 1);
    connection.write_all(head.as_bytes()).await.unwrap();
    let mut answer = [0; 12];
    connection.read_exact(&mut answer).await.unwrap();
    assert_eq!((&answer, stub.sent()[1].body.len()), (b"HTTP/1.1 413", 0));
}

#[tokio::test]
async fn silence_and_what_no_server_sends_can_be_played() {
    let silent = StubUpstream::silent().await;
    let asked = tokio::time::timeout(Duration::from_millis(200), ask(silent.address(), GET)).await;
    assert!(asked.is_err());
    assert_eq!(silent.only().header("x-a"), Some("1"));
    let speaking = StubUpstream::speaking("no es HTTP").await;
    assert_eq!(ask(speaking.address(), GET).await.as_deref(), Some("no es HTTP"));
}

#[tokio::test]
async fn it_ends_when_it_is_dropped_and_its_connections_with_it() {
    let stub = StubUpstream::silent().await;
    let address = stub.address();
    let mut connection = TcpStream::connect(address).await.unwrap();
    connection.write_all(GET).await.unwrap();
    while stub.sent().is_empty() {
        tokio::task::yield_now().await;
    }
    drop(stub);
    assert!(!matches!(connection.read(&mut [0; 1]).await, Ok(1..)));
    assert!(TcpStream::connect(address).await.is_err());
}

/// Sockets are at work while the clock stands still, and nothing is late for that.
#[tokio::test]
async fn it_is_asked_under_a_still_clock() {
    let clock = PausedClock::still();
    let stub = StubUpstream::answering(|| "hola").await;
    let asked = tokio::time::timeout(Duration::from_millis(1), ask(stub.address(), GET)).await;
    assert!(asked.unwrap().unwrap().ends_with("hola"));
    drop(clock);
}
