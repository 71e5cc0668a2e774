//! The envelope `{success, data, errors}`.

use serde_json::{Map, Value};
use standards_core::rules::Bilingual;

use crate::conformance::exchange::Answer;
use crate::conformance::model::{Looked, hold};
use crate::conformance::text::both;

/// A success, exactly.
pub(super) fn success(answer: &Answer) -> Looked {
    let body = answer.json();
    let members = body.as_ref().and_then(Value::as_object);
    let right = members.is_some_and(|members| {
        is_envelope(members, true) && members.get("errors").and_then(Value::as_array).is_some_and(Vec::is_empty)
    });
    hold(
        right,
        || both("{success: true, data, errors: []} y nada más", "{success: true, data, errors: []} and nothing else"),
        || answer.summary(),
    )
}

/// An error, exactly.
pub(super) fn error(answer: &Answer) -> Looked {
    let body = answer.json();
    let members = body.as_ref().and_then(Value::as_object);
    let right = members.is_some_and(|members| {
        let items = members.get("errors").and_then(Value::as_array);
        let whole = items.is_some_and(|items| !items.is_empty() && items.iter().all(is_item));
        is_envelope(members, false) && members.get("data") == Some(&Value::Null) && whole
    });
    hold(right, expected_error, || answer.summary())
}

/// An error that a client can read: `success` false, and errors with code and message.
pub(super) fn readable_error(answer: &Answer) -> Looked {
    let success = answer.json().and_then(|body| body.get("success").and_then(Value::as_bool));
    hold(success == Some(false) && !items(answer).is_empty(), expected_error, || answer.summary())
}

/// Code and message of each error.
pub(super) fn items(answer: &Answer) -> Vec<(String, String)> {
    let body = answer.json().unwrap_or_default();
    let items = body.get("errors").and_then(Value::as_array);
    let text = |item: &Value, name| item.get(name).and_then(Value::as_str).map(str::to_owned);
    items.into_iter().flatten().filter_map(|item| Some((text(item, "code")?, text(item, "message")?))).collect()
}

/// `success`, where the body has it.
pub(super) fn told(answer: &Answer) -> Option<bool> {
    answer.json()?.get("success")?.as_bool()
}

fn is_envelope(members: &Map<String, Value>, success: bool) -> bool {
    members.len() == 3 && members.contains_key("data") && members.get("success") == Some(&Value::Bool(success))
}

fn is_item(item: &Value) -> bool {
    let text = |name| item.get(name).and_then(Value::as_str).is_some_and(|text| !text.is_empty());
    item.as_object().is_some_and(|members| members.len() == 2) && text("code") && text("message")
}

fn expected_error() -> Bilingual {
    both(
        "{success: false, data: null, errors: [{code, message}]} y nada más",
        "{success: false, data: null, errors: [{code, message}]} and nothing else",
    )
}
