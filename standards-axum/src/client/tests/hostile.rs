//! Answers that nobody should give: bounded, a failure, and one record.

use std::time::{Duration, Instant};

use super::*;

/// Says what it should not, in the place of an envelope.
const HTML: &str = "<html><body>panel interno de palabras ajenas</body></html>";

fn head(rest: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n{rest}\r\n\r\n").into_bytes()
}

fn bytes(text: &str) -> Answer {
    Answer::Bytes(text.as_bytes().to_vec())
}

/// A call of a service that answers so is a 503 for this reason, soon, told once and with none of its words.
async fn assert_fails(what: &str, answer: Answer, reason: Reason) -> Value {
    let started = Instant::now();
    let stub = Stub::new([answer]).await;
    let patience = if reason == Reason::Late { Duration::from_millis(400) } else { Duration::from_secs(30) };
    let client = stub.client().with_attempts(1).with_patience(patience);
    let (result, log) = made(client.get("/clientes/7").send::<Value>()).await;
    let failure = result.expect_err(what);
    assert_eq!((reason_of(&failure), failure.entry().code), (reason, "SERVICE_UNAVAILABLE"), "{what}: {}", failure.cause_chain());
    assert!(started.elapsed() < Duration::from_secs(25), "{what}");
    let public = serde_json::to_string(&failure.body(Language::Es)).unwrap();
    assert_eq!(
        public,
        r#"{"success":false,"data":null,"errors":[{"code":"SERVICE_UNAVAILABLE","message":"Servicio no disponible, intente más tarde"}]}"#
    );
    let record = record_of(&log);
    assert_eq!((&record["level"], &record["context"]["reason"]), (&json!("WARNING"), &json!(reason.as_str())), "{what}");
    // What it sent beyond what is read found room in the buffers of the machine.
    assert!(*stub.sent.lock().unwrap() < 64 << 20, "{what}");
    record
}

#[tokio::test]
async fn nobody_listens() {
    let stub = Stub::new([Answer::Silence]).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let closed = listener.local_addr().unwrap();
    drop((listener, stub));
    let client = Client::new("clientes", stub::base(closed)).unwrap().with_attempts(2);
    let (result, log) = made(client.get("/").send::<u8>()).await;
    let failure = result.unwrap_err();
    assert_eq!((reason_of(&failure), failure.entry().code), (Reason::Unreachable, "SERVICE_UNAVAILABLE"));
    let record = record_of(&log);
    assert_eq!((&record["context"]["attempts"], &record["context"]["upstream_status"]), (&json!(2), &Value::Null));
    assert!(record["context"]["error"].as_str().unwrap().contains("onnection refused"), "{record}");
}

#[tokio::test]
async fn the_head_or_the_body_comes_late() {
    let pause = Duration::from_millis(20);
    assert_fails("silence", Answer::Silence, Reason::Late).await;
    assert_fails("a head by the letter", Answer::Trickle(b"HTTP/1.1 200 OK\r\nx: ".to_vec(), pause), Reason::Late).await;
    let trickled = assert_fails("a body by the letter", Answer::Trickle(head("content-length: 5000"), pause), Reason::Late).await;
    assert_eq!(trickled["context"]["error"], "clientes: no answer in time: after 400 ms");
    let early = b"HTTP/1.1 103 Early Hints\r\n\r\n".to_vec();
    assert_fails("hints without an answer", Answer::Endless(early.clone(), early), Reason::Late).await;
}

#[tokio::test]
async fn the_body_has_no_end_or_a_far_one() {
    let endless = Answer::Endless(head("connection: close"), vec![b' '; 4096]);
    assert_fails("an endless body", endless, Reason::TooLarge).await;
    let chunk = format!("20\r\n{}\r\n", " ".repeat(32)).into_bytes();
    let chunks = Answer::Endless(head("transfer-encoding: chunked"), chunk.repeat(128));
    assert_fails("endless small chunks", chunks, Reason::TooLarge).await;
    let announced = Answer::Trickle(head("content-length: 10485760"), Duration::from_secs(60));
    assert_fails("10 MB announced", announced, Reason::TooLarge).await;
    let large = Answer::Bytes([head("connection: close"), vec![b' '; 10 << 20]].concat());
    assert_fails("10 MB sent", large, Reason::TooLarge).await;
    let headers = Answer::Endless(b"HTTP/1.1 200 OK\r\n".to_vec(), b"x-y: zzzzzzzzzzzzzzzz\r\n".to_vec());
    assert_fails("endless headers", headers, Reason::NotHttp).await;
}

#[tokio::test]
async fn an_answer_as_long_as_allowed_is_taken_and_a_byte_more_is_not() {
    let text = |length: usize| stub::json(200, &FINE.replace('7', &format!("\"{}\"", "a".repeat(length - FINE.len() - 1))));
    let asked = async |length: usize| {
        let stub = Stub::new([text(length)]).await;
        stub.client().with_longest_answer(100).get("/").send::<String>().await
    };
    assert_eq!(asked(100).await.unwrap().len(), 100 - FINE.len() - 1);
    assert_eq!(reason_of(&asked(101).await.unwrap_err()), Reason::TooLarge);
}

#[tokio::test]
async fn a_redirection_is_not_followed() {
    let elsewhere = Stub::new([stub::json(200, FINE)]).await;
    for status in [301, 302, 303, 304, 307, 308, 399] {
        let location = format!("location: http://{}/admin", elsewhere.address);
        let record = assert_fails("a redirection", with_header(status, "text/html", &location, ""), Reason::Redirected).await;
        assert_eq!(record["context"]["upstream_status"], status);
    }
    assert!(elsewhere.requests().is_empty());
}

#[tokio::test]
async fn what_is_packed_is_not_unpacked() {
    let bomb = "\u{1f}".repeat(1000);
    for coding in ["gzip", "GZIP", "br", "deflate", "zstd", "identity, gzip", "x"] {
        let answer = with_header(200, "application/json", &format!("content-encoding: {coding}"), &bomb);
        assert_fails(coding, answer, Reason::Encoded).await;
    }
    let plain = with_header(200, "application/json", "content-encoding: Identity", FINE);
    assert_eq!(asked::<u8>(plain).await.0.unwrap(), 7);
    let hidden =
        Answer::Bytes([head("transfer-encoding: gzip, chunked"), b"5\r\n\x1f\x8b\x08\x00\x00\r\n0\r\n\r\n".to_vec()].concat());
    assert_fails("packed by its transfer", hidden, Reason::NoEnvelope).await;
}

/// Less than a megabyte that gzip unpacks to 900: a block of a megabyte of zeros, again and again.
fn bomb() -> Vec<u8> {
    const BEGINS: [u8; 15] = [0xec, 0xc1, 0x31, 0x01, 0, 0, 0, 0xc2, 0xa0, 0xf5, 0x4f, 0x6d, 0x08, 0x5f, 0xa0];
    const ENDS: [u8; 6] = [0x3e, 0x03, 0, 0, 0xff, 0xff];
    let block = [&BEGINS[..], &[0; 1016], &ENDS].concat();
    [&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3][..], &block.repeat(900)].concat()
}

#[tokio::test]
async fn a_gzip_bomb_is_what_it_weighs() {
    for (coding, reason) in [("content-encoding: gzip\r\n", Reason::Encoded), ("", Reason::NoEnvelope)] {
        let (bomb, connection) = (bomb(), "connection: close");
        let answer = [head(&format!("{coding}content-length: {}\r\n{connection}", bomb.len())), bomb].concat();
        assert_fails("a bomb", Answer::Bytes(answer), reason).await;
    }
}

#[tokio::test]
async fn what_breaks_off_is_no_answer() {
    for rest in ["content-length: 100", "transfer-encoding: chunked"] {
        assert_fails(rest, Answer::Bytes([head(rest), b"1\r\n".to_vec()].concat()), Reason::BrokenOff).await;
    }
    assert_fails("nothing", bytes(""), Reason::BrokenOff).await;
    assert_fails("half a head", bytes("HTTP/1.1 200 OK\r\nx-y: z"), Reason::BrokenOff).await;
}

#[tokio::test]
async fn what_is_not_http_is_no_answer() {
    for text in [
        "nonsense\r\n\r\n",
        "HTTP/1.1 OK\r\n\r\n",
        "HTTP/9.9 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nno header\r\n\r\n",
        "HTTP/1.1 200 OK\r\na: \u{0}\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab",
    ] {
        assert_fails(text, bytes(text), Reason::NotHttp).await;
    }
}

#[tokio::test]
async fn html_is_no_envelope_and_only_the_log_shows_it() {
    for (status, reason) in [(200, Reason::NoEnvelope), (404, Reason::NoEnvelope), (500, Reason::Failed), (503, Reason::Failed)] {
        let record = assert_fails("html", http(status, "text/html", HTML), reason).await;
        assert_eq!((&record["context"]["foreign_body"], &record["context"]["upstream_status"]), (&json!(HTML), &json!(status)));
    }
    let long = assert_fails("much html", http(500, "text/html", &HTML.repeat(1000)), Reason::Failed).await;
    assert!(long["context"]["foreign_body"].as_str().unwrap().len() <= 1027);
}

#[tokio::test]
async fn an_envelope_under_another_type_is_none() {
    for kind in ["text/plain", "text/html", "application/problem+json", "application/octet-stream", ""] {
        assert_fails(kind, http(200, kind, FINE), Reason::NoEnvelope).await;
    }
    let untyped = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{FINE}", FINE.len());
    assert_fails("no type", bytes(&untyped), Reason::NoEnvelope).await;
}

const BROKEN: &[&str] = &[
    "",
    "{",
    "7",
    "null",
    "[true,7,[]]",
    r#"{"success":true,"data":7}"#,
    r#"{"success":true,"errors":[]}"#,
    r#"{"success":true,"data":7,"errors":[]}{}"#,
    r#"{"success":true,"data":7,"errors":[],"extra":1}"#,
    r#"{"success":true,"success":true,"data":7,"errors":[]}"#,
    r#"{"success":"true","data":7,"errors":[]}"#,
    r#"{"success":true,"data":7,"errors":[{"code":"A","message":"x"}]}"#,
    r#"{"success":false,"data":7,"errors":[]}"#,
    r#"{"success":false,"data":null,"errors":[{"code":"A","message":"x"}]}"#,
];

#[tokio::test]
async fn a_broken_envelope_or_one_against_its_status_is_none() {
    for body in BROKEN {
        assert_fails(body, stub::json(200, body), Reason::NoEnvelope).await;
    }
    for body in [FINE, "{", "", r#"{"success":false,"data":null,"errors":[]}"#, r#"{"detail":"no"}"#] {
        assert_fails(body, stub::json(400, body), Reason::NoEnvelope).await;
        assert_fails(body, stub::json(500, body), Reason::Failed).await;
    }
    let nested = format!(r#"{{"success":true,"data":{}{},"errors":[]}}"#, "[".repeat(100_000), "]".repeat(100_000));
    assert_fails("deeply nested", stub::json(200, &nested), Reason::OtherData).await;
}

#[tokio::test]
async fn an_absurd_retry_after_makes_nobody_wait() {
    let down = |wait: &str| with_header(503, "application/json", &format!("retry-after: {wait}"), "");
    for far in ["Fri, 31 Dec 9999 23:59:59 GMT", "99999999999999999999", "86400"] {
        let stub = Stub::new([down(far)]).await;
        let (result, log) = made(stub.client().get("/").send::<u8>()).await;
        assert_eq!(result.unwrap_err().retry_after(), Some(Duration::from_secs(300)), "{far}");
        assert_eq!(record_of(&log)["context"]["attempts"], 1, "{far}");
    }
    for nonsense in ["-5", "pronto", "1e9", "", "Fri, 31 Dec 99999 23:59:59 GMT"] {
        let stub = Stub::new([down(nonsense)]).await;
        let (result, log) = made(stub.client().get("/").send::<u8>()).await;
        assert_eq!(result.unwrap_err().retry_after(), None, "{nonsense}");
        assert_eq!(record_of(&log)["context"]["attempts"], 3, "{nonsense}");
    }
}
