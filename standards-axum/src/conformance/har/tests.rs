//! What is read of sessions, and what is refused.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::{BASE, Session, Wanted, read};
use crate::conformance::judges::judge;
use crate::conformance::model::Status;

fn entry(url: &str, status: u16, body: &Value) -> Value {
    json!({
        "request": {"method": "GET", "url": url, "headers": [{"name": "X-Correlation-ID", "value": "abc-1"}]},
        "response": {
            "status": status,
            "headers": [{"name": "Content-Type", "value": "application/json"}, {"name": "X-Correlation-ID", "value": "abc-1"}],
            "content": {"size": 10, "mimeType": "application/json", "text": body.to_string()},
        },
    })
}

fn session(entries: &[Value], host: Option<&str>) -> Result<Session, String> {
    let wanted = Wanted { host: host.map(str::to_owned), base: BASE.to_owned(), profile: None, document: None };
    read(&json!({"log": {"version": "1.2", "entries": entries}}).to_string(), wanted).map_err(|problem| problem.en)
}

fn status(entries: &[Value], id: &str) -> Status {
    let session = session(entries, None).unwrap();
    judge(&session.recorded, |_| true).into_iter().find(|one| one.rule.id == id).unwrap().status
}

fn good() -> Value {
    entry("http://a:8000/api/v1/pagos?x=1", 200, &json!({"success": true, "data": 1, "errors": []}))
}

fn failed(status: u16) -> Value {
    let body = json!({"success": false, "data": null, "errors": [{"code": "INTERNAL_ERROR", "message": "Error"}]});
    entry("http://a:8000/api/v1/pagos", status, &body)
}

#[test]
fn a_session_answers_the_rules_that_it_shows_and_no_other() {
    for (entries, id, wanted) in [
        (vec![good()], "API-01", Status::Pass),
        (vec![entry("http://a/api/x", 200, &json!({"detail": 1}))], "API-01", Status::Fail),
        (vec![good(), entry("http://a:8000/index.html", 200, &json!("x"))], "API-01", Status::Pass),
        (vec![failed(500)], "COR-04", Status::Pass),
        (vec![failed(500)], "ERR-05", Status::Pass),
        (vec![failed(418)], "API-05", Status::Fail),
        (vec![good()], "ERR-04", Status::NotTested),
        (vec![good()], "LOG-02", Status::NotTested),
        (vec![good()], "VAL-01", Status::NotTested),
        (vec![good()], "DB-01", Status::NotTested),
        (vec![good()], "SEC-02", Status::Warn),
    ] {
        assert_eq!(status(&entries, id), wanted, "{id}: {entries:?}");
    }
}

#[test]
fn a_body_in_base64_is_read_and_one_that_is_missing_judges_nothing() {
    let (mut coded, mut missing) = (good(), failed(400));
    coded["response"]["content"]["text"] = json!(STANDARD.encode("{\"detail\": 1}"));
    coded["response"]["content"]["encoding"] = json!("base64");
    assert_eq!(status(&[coded], "API-01"), Status::Fail);
    drop(missing["response"]["content"].as_object_mut().unwrap().remove("text"));
    let session = session(&[good(), missing], None).unwrap();
    assert_eq!((session.without_body, session.entries), (1, 2));
    assert_eq!(judge(&session.recorded, |rule| rule.id == "API-02")[1].status, Status::NotTested);
}

#[test]
fn answers_that_the_service_did_not_give_are_left_out() {
    let (mut cached, mut blocked) = (failed(418), failed(418));
    cached["_fromCache"] = json!("disk");
    blocked["response"]["status"] = json!(0);
    assert_eq!(status(&[good(), cached, blocked, failed(304)], "API-05"), Status::Pass);
}

#[test]
fn the_document_of_the_session_is_used() {
    let document = json!({"openapi": "3.1.0", "paths": {"/api/v1/pagos": {"get": {"responses": {"200": {"content": {"application/json": {
        "schema": {"type": "object", "required": ["nada"]}}}}}}}}});
    let found = entry("http://a:8000/api/v1/openapi.json", 200, &document);
    assert_eq!(status(&[good(), found.clone()], "API-10"), Status::Warn);
    let unknown = entry("http://a:8000/api/v1/otra", 404, &json!({"detail": "Not Found"}));
    assert_eq!(status(&[found, unknown], "ERR-03"), Status::Fail);
}

#[test]
fn one_service_is_judged_and_named_where_there_are_several() {
    let other = entry("https://b/api/v1/x", 200, &json!({"detail": 1}));
    assert!(session(&[good(), other.clone()], None).unwrap_err().contains("--host"));
    assert_eq!(session(&[good(), other], Some("a:8000")).unwrap().origin, "http://a:8000");
}

#[test]
fn what_is_no_session_is_refused_with_a_sentence() {
    let mut spoiled = good();
    spoiled["response"]["content"]["encoding"] = json!("base64");
    assert!(session(&[spoiled], None).unwrap_err().contains("Entry 1"));
    assert!(session(&[], None).unwrap_err().contains("no entries"));
    assert!(session(&[entry("http://a/otra", 200, &json!(1))], None).unwrap_err().contains("--base"));
    for (text, told) in [
        ("", "truncated"),
        ("{\"log\":{\"entries\":[", "truncated"),
        ("<html>", "no JSON"),
        ("{}", "Not a HAR"),
        ("[]", "Not a HAR"),
    ] {
        let wanted = Wanted { host: None, base: BASE.to_owned(), profile: None, document: None };
        let problem = read(text, wanted).unwrap_err().en;
        assert!(problem.contains(told), "{text}: {problem}");
    }
}
