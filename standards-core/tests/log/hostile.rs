//! Values that want to break the log: one valid line each, within its bound, and no deadlock.

use standards_core::log::{LogLevel, Record, Value};
use tracing::info;

use crate::support::{line, record};

#[test]
fn no_text_breaks_a_line() {
    for text in ["\"}\n{", "\\", "\u{0}\u{1f}\u{7f}", "\u{1b}]0;pwn\u{7}", "\u{2028}", "ñ𝟙\u{202e}", "{\"level\":\"ERROR\"}"]
    {
        let line = line(|| info!(target: "standards", text, "{text}"));
        assert!(line.bytes().all(|byte| byte >= 0x20), "{line:?}");
        let json: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!((json["message"].as_str(), json["context"]["text"].as_str()), (Some(text), Some(text)));
    }
}

#[test]
fn a_long_value_is_cut_and_leaves_room_for_the_others() {
    let long = "a".repeat(10 << 20);
    let record = record(|| info!(target: "standards", long = long.as_str(), also = %long, cliente_id = 7, "{long}"));
    assert_eq!(record["context"]["cliente_id"], 7);
    for text in [&record["message"], &record["context"]["long"], &record["context"]["also"]] {
        assert!(text.as_str().unwrap().ends_with(" bytes]"), "{text}");
    }
}

#[test]
fn a_long_message_after_its_fields_is_cut_too() {
    let long = "\u{1b}".repeat(40_000);
    line(|| info!(target: "standards", long = long.as_str(), message = long.as_str()));
    line(|| tracing::error!(target: "standards", long = long.as_str(), message = long.as_str()));
}

#[test]
fn ten_thousand_fields_are_bounded_and_counted() {
    let fields = (0..10_000).map(|n| (format!("campo_{n}"), n));
    let record = record(|| Record::new(LogLevel::Error, "m").fields(fields).emit());
    let context = record["context"].as_object().unwrap();
    assert_eq!((context.len(), &context["omitted_fields"]), (65, &serde_json::json!(9_936)));
}

#[test]
fn a_value_as_deep_as_a_thousand_ends_early() {
    let deep = (0..1_000).fold(Value::Null, |inner, _| Value::List(vec![inner]));
    let record = record(|| Record::new(LogLevel::Info, "m").field("deep", deep).emit());
    assert_eq!(record["context"]["deep"].to_string(), "[[[[[[[[\"…\"]]]]]]]]");
}

#[test]
fn names_are_only_names() {
    let names = ["level", "@timestamp", "message", "error", "context", "a.b", "", "\"}", "omitted_fields", &"x".repeat(200)];
    let fields = names.iter().map(|name| ((*name).to_owned(), 1));
    let record = record(|| Record::new(LogLevel::Info, "m").fields(fields).emit());
    let context = record["context"].as_object().unwrap();
    let expected = ["level", "@timestamp", "message", "error", "context", "a_b", "_", "\"}", "omitted_fields"];
    assert!(expected.iter().all(|name| context.contains_key(*name)) && context.len() == 9, "{context:#?}");
    assert_eq!((&record["level"], &context["omitted_fields"]), (&"INFO".into(), &2.into()));
}
