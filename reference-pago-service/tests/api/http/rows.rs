//! What a hostile client sends, row by row, against the real binary over raw sockets.
//!
//! `C1` to `C28` and `F4` to `F8` are the names of the rows in the list of such inputs that this service was built against. Here stand
//! those that one request can show. The others need a client's time, several requests, or many clients:
//!
//! | rows | where |
//! |---|---|
//! | C9, C12 to C15, C17, C18, C22, C25, C26, F4 | `protocol` |
//! | C27, C28 | `crowd` |
//! | C1 to C7, C10, C19 to C21, C23, C24 against both engines, and what is in the database afterwards | `bodies` |

use std::time::{Duration, Instant};

use super::bodies::{NO_JSON, OTHER_TYPES, UNKNOWN, VERBS};
use super::service::ServiceProcess;
use super::socket::{Answer, get, post};
use crate::support::http::{CLIENTES, PAGOS};

/// What must come back.
#[derive(Clone, Copy, Debug)]
enum Expected {
    /// The envelope of this failure, with a correlation id.
    Refused(u16, &'static str),
    /// It was read: of all that can be wrong only the cliente is.
    Read,
    /// 200, and a body unless nobody wants one.
    Served,
    /// This one without an envelope, from the parser.
    Unparsed(u16),
}

const INVALID: Expected = Expected::Refused(422, "VALIDATION_ERROR");
const HTTP_415: Expected = Expected::Refused(415, "HTTP_ERROR");
const HTTP_413: Expected = Expected::Refused(413, "HTTP_ERROR");
const HTTP_405: Expected = Expected::Refused(405, "HTTP_ERROR");
const HTTP_404: Expected = Expected::Refused(404, "HTTP_ERROR");

/// Nobody has that number, so that nobody pays.
const PAGO: &str = r#"{"cliente_id":404,"monto":"1"}"#;

struct Row {
    name: &'static str,
    request: Vec<u8>,
    expected: Expected,
}

fn row(name: &'static str, request: impl Into<Vec<u8>>, expected: Expected) -> Row {
    Row { name, request: request.into(), expected }
}

/// A pago with this body.
fn with_body(body: &[u8]) -> Vec<u8> {
    let head =
        format!("POST {PAGOS} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

/// A pago under these headers.
fn with_headers(headers: &str) -> String {
    format!("POST {PAGOS} HTTP/1.1\r\nHost: x\r\n{headers}Content-Length: {}\r\n\r\n{PAGO}", PAGO.len())
}

/// A GET of the service's life with these headers, whole lines.
fn alive_with(headers: &str) -> String {
    format!("GET /health/live HTTP/1.1\r\nHost: x\r\n{headers}\r\n")
}

/// C1 to C5, and F6.
fn bodies() -> Vec<Row> {
    let mut rows: Vec<Row> = NO_JSON.iter().map(|body| row("C2", with_body(body.as_bytes()), INVALID)).collect();
    rows.extend(["", "null", "[]", "\"x\"", "123"].map(|body| row("C1", with_body(body.as_bytes()), INVALID)));
    let utf_16: Vec<u8> = PAGO.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let no_utf_8: [&[u8]; 4] = [&utf_16, b"{\"a\":\"\xff\"}", b"{\"a\":\"\xc0\xb1\"}", b"{\"a\":\"\xed\xa0\x80\"}"];
    rows.extend(no_utf_8.map(|body| row("C3", with_body(body), INVALID)));
    rows.extend([127, 129, 16_000].map(|depth| row("C4", with_body("[".repeat(depth).as_bytes()), INVALID)));
    rows.extend(["[", r#"{"a":"#].map(|open| row("C4", with_body(open.repeat(100_000).as_bytes()), HTTP_413)));
    let keys: Vec<String> = (0..1_700).map(|number| format!(r#""{number:03x}":1"#)).collect();
    let same = vec![r#""monto":1"#; 1_600];
    rows.extend([keys.join(","), same.join(",")].map(|keys| row("C5", with_body(format!("{{{keys}}}").as_bytes()), INVALID)));
    let emails = ["x\\u001b]0;pwn\\u0007@y.z", "\\n{\\\"level\\\":\\\"ERROR\\\"}"];
    rows.extend(emails.map(|email| row("F6", post(CLIENTES, &format!(r#"{{"nombre":"Ana","email":"{email}"}}"#)), INVALID)));
    rows
}

/// C6 to C8, C10, C11.
fn headers_of_a_body() -> Vec<Row> {
    let typed = |name, value: &str, expected| row(name, with_headers(&format!("Content-Type: {value}\r\n")), expected);
    let mut rows: Vec<Row> = OTHER_TYPES.iter().map(|other| typed("C6", other, HTTP_415)).collect();
    rows.push(row("C6", with_headers(""), HTTP_415));
    let json = ["application/vnd.api+json", "APPLICATION/JSON; charset=utf-8"];
    rows.extend(json.map(|json| typed("C7", json, Expected::Read)));
    let announced = |more: &str| {
        format!("POST {PAGOS} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 17000\r\n{more}\r\n")
    };
    rows.push(row("C8", announced(""), HTTP_413));
    rows.extend(
        ["gzip", "deflate", "br"]
            .map(|coding| typed("C10", &format!("application/json\r\nContent-Encoding: {coding}"), HTTP_415)),
    );
    rows.push(row("C11", announced("Expect: 100-continue\r\n"), HTTP_413));
    rows
}

/// C16, C20, C23, C24, F8: heads.
fn heads() -> Vec<Row> {
    let many: String = (0..101).map(|number| format!("X-{number}: 1\r\n")).collect();
    let filled = |name: &str, length: usize| format!("{name}: canario{}\r\n", "a".repeat(length));
    let mut rows = vec![
        row("C16", alive_with(&many), Expected::Unparsed(431)),
        row("C16", alive_with(&filled("X-A", 500_000)), Expected::Unparsed(431)),
        // hyper looks at the target of a whole head only, and a head is bounded to less than what it calls a long target (414).
        row("C16", get(&format!("/{}", "a".repeat(70_000))), Expected::Unparsed(431)),
        row("C20", format!("HEAD {PAGOS} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"), Expected::Served),
        row("C20", format!("OPTIONS {PAGOS} HTTP/1.1\r\nHost: x\r\n\r\n"), HTTP_405),
        row("C23", alive_with("X-HTTP-Method-Override: DELETE\r\n"), Expected::Served),
    ];
    for accept in ["text/html", "image/png;q=1, */*;q=0"] {
        rows.push(row("C24", alive_with(&format!("Accept: {accept}\r\n")), Expected::Served));
    }
    rows.extend(["User-Agent", "Referer"].map(|name| row("F8", alive_with(&filled(name, 10_240)), Expected::Served)));
    rows
}

/// C19, C21, F7: verbs and targets.
fn targets() -> Vec<Row> {
    let asked = |verb: &str, path: &str| format!("{verb} {path} HTTP/1.1\r\nHost: x\r\n\r\n");
    let mut rows: Vec<Row> = UNKNOWN.iter().map(|path| row("C21", get(path), HTTP_404)).collect();
    for (path, verbs, _) in VERBS {
        // An answer to HEAD has no envelope, and CONNECT asks for a host.
        let refused = verbs.iter().filter(|verb| !["HEAD", "CONNECT"].contains(verb));
        rows.extend(refused.map(|verb| row("C19", asked(verb, path), HTTP_405)));
    }
    rows.push(row("F7", get(NOISY), HTTP_404));
    rows
}

/// Controls as a URL writes them.
const NOISY: &str = "/%1b%5b2J%0d%0a";

#[track_caller]
fn assert_expected(name: &str, answer: &Answer, expected: Expected) {
    match expected {
        Expected::Refused(status, code) => answer.assert_refused(status, code),
        Expected::Read => answer.assert_refused(400, "CLIENTE_NO_ENCONTRADO"),
        Expected::Served => assert_eq!(answer.status, 200, "{name}: {answer:?}"),
        Expected::Unparsed(status) => assert_eq!((answer.status, answer.body.as_str()), (status, ""), "{name}: {answer:?}"),
    }
    if answer.status != 200 || !answer.body.is_empty() {
        let is_json = answer.header("content-type") == Some("application/json");
        assert_eq!(is_json, !matches!(expected, Expected::Unparsed(_)), "{name}: {answer:?}");
    }
    assert_eq!(answer.status == 405, answer.header("allow").is_some(), "{name}: {answer:?}");
}

/// Longer than any of them may take, and a share of a busy machine's.
const AT_ONCE: Duration = Duration::from_secs(2);

/// More than the service reads of what it refuses: who goes on sending may lose the answer to the reset that follows it.
const UNREAD: usize = 20_000;

async fn ask(service: &ServiceProcess, row: &Row) {
    let (mut socket, begun) = (service.connect().await, Instant::now());
    let is_head = row.request.starts_with(b"HEAD");
    socket.write(&row.request).await;
    let answer = if is_head { socket.head().await } else { socket.answer_or_end().await };
    match answer {
        Some(answer) => assert_expected(row.name, &answer, row.expected),
        None => assert!(row.request.len() > UNREAD, "{}: closed without an answer", row.name),
    }
    assert!(begun.elapsed() < AT_ONCE, "{}: {:?}", row.name, begun.elapsed());
}

/// F5 is in each of them: an envelope without a correlation id is refused by `assert_refused`.
#[tokio::test]
async fn every_row_is_answered_as_it_should_and_changes_nothing() {
    let service = ServiceProcess::on_sqlite(&[]).await;
    let ana = post(CLIENTES, r#"{"nombre":"Ana","email":"ana@x.cl","saldo":"100.00"}"#);
    assert_eq!(service.connect().await.ask(ana).await.status, 200);
    for row in [bodies(), headers_of_a_body(), heads(), targets()].iter().flatten() {
        ask(&service, row).await;
    }
    let saldo = service.connect().await.ask(get("/api/v1/clientes/1")).await.json()["data"]["saldo"].take();
    let pagos = service.connect().await.ask(get(PAGOS)).await.json()["data"].take();
    assert_eq!((saldo, pagos), ("100.00".into(), serde_json::json!([])));
    assert_log(service);
}

/// Every line is a record, none is an error's, and nothing that a client wrote stands there raw.
#[track_caller]
fn assert_log(service: ServiceProcess) {
    let exit = service.stop();
    let records = exit.records();
    assert!(records.iter().all(|record| record["level"] != "ERROR"), "{}", exit.stdout);
    assert!(!exit.stdout.contains("canario") && !exit.stdout.contains("pwn"), "{}", exit.stdout);
    assert!(records.iter().any(|record| record["endpoint"] == NOISY), "{}", exit.stdout);
}
