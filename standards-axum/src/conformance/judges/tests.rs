//! What judges say of single answers and records: each rule can be broken, and is not tested where nothing was seen.

use serde_json::{Value, json};
use standards_core::rules::catalogue;

use super::judge;
use crate::conformance::exchange::{Answer, Exchange, Request, Role, Trouble};
use crate::conformance::lines::{Log, Splitter};
use crate::conformance::model::Status;
use crate::conformance::recorded::Recorded;

fn exchange(role: Role, status: u16, body: &Value) -> Exchange {
    let headers =
        vec![("content-type".to_owned(), "application/json".to_owned()), ("x-correlation-id".to_owned(), "chk-x-1".to_owned())];
    let request = Request { method: "GET".into(), path: "/a".into(), ..Request::default() };
    let answer = Answer { status, headers, body: body.to_string().into_bytes() };
    Exchange {
        role,
        also: None,
        id: Some("chk-x-1".into()),
        template: None,
        request,
        outcome: Ok(answer),
        origin: "http://x".into(),
    }
}

fn status(recorded: &Recorded, id: &str) -> Status {
    judge(recorded, |_| true).into_iter().find(|one| one.rule.id == id).unwrap().status
}

fn with(exchanges: Vec<Exchange>) -> Recorded {
    Recorded { exchanges, ..Recorded::new("x", None) }
}

fn error() -> Value {
    json!({"success": false, "data": null, "errors": [{"code": "HTTP_ERROR", "message": "No"}]})
}

#[test]
fn where_nothing_was_seen_nothing_passes() {
    for one in judge(&Recorded::new("x", None), |_| true) {
        assert!(one.status.is_open(), "{}: {:?}", one.rule.id, one.status);
        assert!(!one.reason.es.is_empty() && !one.reason.en.is_empty(), "{}", one.rule.id);
    }
}

#[test]
fn every_rule_is_judged_once_and_in_order() {
    let judged = judge(&Recorded::new("x", None), |rule| rule.family == "API");
    let ids: Vec<&str> = judged.iter().map(|one| one.rule.id.as_str()).collect();
    assert_eq!(ids, catalogue().rules.iter().map(|rule| rule.id.as_str()).collect::<Vec<_>>());
}

#[test]
fn an_envelope_has_its_three_keys_and_no_other() {
    for (body, wanted) in [
        (error(), Status::Pass),
        (json!({"success": false, "errors": [{"code": "A", "message": "b"}]}), Status::Fail),
        (json!({"success": false, "data": null, "errors": []}), Status::Fail),
        (json!({"success": false, "data": {}, "errors": [{"code": "A", "message": "b"}]}), Status::Fail),
        (json!({"success": false, "data": null, "errors": [{"code": "A", "message": "b", "x": 1}]}), Status::Fail),
        (json!({"success": false, "data": null, "errors": [{"code": 7, "message": "b"}]}), Status::Fail),
        (json!("no"), Status::Fail),
    ] {
        assert_eq!(status(&with(vec![exchange(Role::UnknownRoute, 404, &body)]), "API-02"), wanted, "{body}");
    }
}

#[test]
fn no_answer_breaks_the_rule_that_asked_and_the_end_of_time_breaks_none() {
    let mut silent = exchange(Role::UnknownRoute, 404, &error());
    silent.outcome = Err(Trouble::TooSlow);
    assert_eq!(status(&with(vec![silent.clone()]), "ERR-03"), Status::Fail);
    silent.outcome = Err(Trouble::Deadline);
    assert_eq!(status(&with(vec![silent]), "ERR-03"), Status::NotTested);
}

#[test]
fn a_fault_that_is_not_there_shows_nothing() {
    let after = || exchange(Role::AfterFault, 200, &json!({}));
    let mut recorded = with(vec![exchange(Role::Fault, 404, &error()), after()]);
    recorded.forget_missing_faults();
    let judged = judge(&recorded, |_| true).into_iter().find(|one| one.rule.id == "ERR-05").unwrap();
    assert_eq!(
        (judged.status, judged.reason.en.as_str()),
        (Status::NotTested, "The route that fails is not there: it answers 404")
    );
    // One that is there is judged, whatever another says.
    let mut recorded = with(vec![exchange(Role::Fault, 404, &error()), exchange(Role::Fault, 200, &error()), after()]);
    recorded.forget_missing_faults();
    assert_eq!(status(&recorded, "ERR-05"), Status::Fail);
}

#[test]
fn an_answer_that_wants_a_token_is_no_refusal_of_what_was_sent() {
    assert_eq!(status(&with(vec![exchange(Role::Malformed, 401, &error())]), "VAL-03"), Status::NotTested);
    assert_eq!(status(&with(vec![exchange(Role::Malformed, 422, &error())]), "VAL-03"), Status::Pass);
}

#[test]
fn a_text_that_no_log_may_show_is_found_wherever_it_stands() {
    let mut recorded = with(Vec::new());
    recorded.canaries.push("canario-1".into());
    for (line, wanted) in [("{\"message\":\"x\"}", Status::Pass), ("texto con canario-1 dentro", Status::Fail)] {
        let (mut splitter, mut log) = (Splitter::default(), Log::default());
        splitter.feed(line.as_bytes(), &mut log);
        splitter.end(&mut log);
        recorded.log = Some(log);
        assert_eq!(status(&recorded, "LOG-13"), wanted);
    }
}
