//! What an answer and its log must be, whatever was asked.

use axum::body::Bytes;
use http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, ALLOW, CACHE_CONTROL, CONTENT_TYPE, ORIGIN, RETRY_AFTER, SERVER, WWW_AUTHENTICATE,
    X_CONTENT_TYPE_OPTIONS,
};
use http::response::Parts;
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use serde_json::Value;
use standards_axum::core::CorrelationId;
use standards_axum::core::log::capture::problems_of;
use standards_axum::layers::X_CORRELATION_ID;

use super::input::{SECRET, Sent, UNLOGGED};

/// Words of causes and libraries, which no client may read.
const FOREIGN: [&str; 6] = ["causa-secreta", " line ", "column", "struct ", "panicked", "src/"];

/// An answer, read to its end or to where it broke off.
pub(super) struct Answer {
    pub(super) head: Parts,
    pub(super) body: Bytes,
    pub(super) is_whole: bool,
}

/// Panics at the first thing that is not as it must be.
#[track_caller]
pub(super) fn check(sent: &Sent, answer: &Answer, lines: &[Vec<u8>], planted: bool, enveloped: bool) {
    let Answer { head: Parts { status, headers, .. }, .. } = answer;
    assert!(planted || (!status.is_server_error() && answer.is_whole), "{status} where nothing is planted");
    assert_eq!((only(headers, X_CONTENT_TYPE_OPTIONS.as_str()), headers.get(SERVER)), ("nosniff", None));
    check_status_headers(*status, headers);
    assert!(headers.get(ACCESS_CONTROL_ALLOW_ORIGIN).is_none_or(|allowed| sent.headers.get(ORIGIN) == Some(allowed)));
    check_body(sent, answer, enveloped);
    let id = only(headers, X_CORRELATION_ID.as_str());
    check_id(&sent.headers, id);
    check_log(lines, *status, id, planted);
}

/// What a status says too little without (RFC 9110, sections 11.6.1 and 15.5.6).
#[track_caller]
fn check_status_headers(status: StatusCode, headers: &HeaderMap) {
    match status.as_u16() {
        401 => assert_eq!(only(headers, WWW_AUTHENTICATE.as_str()), "Bearer"),
        405 => assert!(!only(headers, ALLOW.as_str()).is_empty()),
        503 => assert!(only(headers, RETRY_AFTER.as_str()).parse::<u8>().is_ok()),
        _ => {}
    }
}

/// The client's own id where it sends one and that is well formed, else a new one.
#[track_caller]
fn check_id(sent: &HeaderMap, id: &str) {
    assert!(CorrelationId::parse(id).is_some(), "{id}");
    let mut told = sent.get_all(X_CORRELATION_ID).iter();
    let own = match (told.next(), told.next()) {
        (Some(value), None) => value.to_str().ok().filter(|text| CorrelationId::parse(text).is_some()),
        _ => None,
    };
    match own {
        Some(own) => assert_eq!(own, id),
        None => assert!(id.len() == 36 && !sent.get_all(X_CORRELATION_ID).iter().any(|value| value == id), "{id}"),
    }
}

#[track_caller]
fn check_body(sent: &Sent, answer: &Answer, enveloped: bool) {
    let Answer { head: Parts { status, headers, .. }, body, .. } = answer;
    let failed = status.as_u16() >= 400;
    let preflight = sent.method == Method::OPTIONS && !failed;
    if sent.method == Method::HEAD || *status == StatusCode::NO_CONTENT || preflight {
        assert!(body.is_empty() || sent.method == Method::HEAD, "{status} {}", body.escape_ascii());
    } else if failed || (enveloped && status.is_success()) {
        assert_eq!(only(headers, CONTENT_TYPE.as_str()), "application/json");
        assert_eq!(only(headers, CACHE_CONTROL.as_str()), "no-store");
        check_envelope(body, failed);
    }
    let body = String::from_utf8_lossy(body);
    assert!(!failed || !FOREIGN.iter().any(|word| body.contains(word)), "{body}");
}

#[track_caller]
fn check_envelope(body: &[u8], failed: bool) {
    let text = body.escape_ascii();
    let envelope: Value = serde_json::from_slice(body).unwrap_or_else(|error| panic!("{error}: {text}"));
    assert!(body.starts_with(b"{\"success\":") && envelope.as_object().unwrap().len() == 3, "{text}");
    assert_eq!(envelope["success"], !failed, "{text}");
    let errors = envelope["errors"].as_array().unwrap();
    assert!(errors.is_empty() != failed && (!failed || envelope["data"].is_null()), "{text}");
    for error in errors {
        let (code, message) = (error["code"].as_str().unwrap(), error["message"].as_str().unwrap());
        assert!(code.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_') && !code.is_empty(), "{text}");
        assert!(!message.is_empty() && error.as_object().unwrap().len() == 2, "{text}");
    }
}

/// Every line is a record, and one of this request's tells how it ended.
#[track_caller]
fn check_log(lines: &[Vec<u8>], status: StatusCode, id: &str, planted: bool) {
    let records: Vec<Value> = lines.iter().map(|line| record(line)).collect();
    let access: Vec<_> =
        records.iter().filter(|record| record["context"]["status"].is_u64() && record["correlation_id"] == id).collect();
    let [access] = access[..] else { panic!("{} access records: {records:#?}", access.len()) };
    assert_eq!(access["context"]["status"], status.as_u16());
    let alarms = records.iter().filter(|record| record["level"] == "ERROR").count();
    assert!(planted || alarms == 0, "{records:#?}");
    assert!(status.as_u16() < 400 || access["level"] != "INFO", "{access:#}");
}

#[track_caller]
fn record(line: &[u8]) -> Value {
    assert_eq!(problems_of(line), Vec::<String>::new(), "{}", line.escape_ascii());
    serde_json::from_slice(line).unwrap()
}

/// Nothing that was told in confidence stands in the answer or in the log.
#[track_caller]
pub(super) fn assert_secrets_kept(signature: &str, answer: &Answer, lines: &[Vec<u8>]) {
    let told = answer.head.headers.values().map(HeaderValue::as_bytes).chain([&*answer.body]);
    assert_silent(told, &[signature, SECRET]);
    assert_silent(lines.iter().map(Vec::as_slice), &[signature, SECRET, UNLOGGED]);
}

#[track_caller]
fn assert_silent<'a>(told: impl Iterator<Item = &'a [u8]>, secrets: &[&str]) {
    for text in told.map(String::from_utf8_lossy) {
        let leaked = secrets.iter().find(|secret| text.contains(**secret));
        assert!(leaked.is_none(), "{leaked:?} in {text}");
    }
}

/// The value of a header that stands there once.
#[track_caller]
fn only<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().unwrap(),
        (first, _) => panic!("{name}: {}", if first.is_some() { "twice" } else { "absent" }),
    }
}
