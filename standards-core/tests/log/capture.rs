//! What an assertion of the test kit says when it fails.

use std::panic::catch_unwind;

use serde_json::json;
use standards_core::context;
use standards_core::log::capture::Capture;
use standards_core::{CorrelationId, log_context};

use crate::support::request;

fn text_of(log: &Capture, expected: &serde_json::Value) -> String {
    *catch_unwind(|| log.assert_logged(expected)).unwrap_err().downcast::<String>().unwrap()
}

#[test]
fn a_failed_assertion_names_the_place_that_logged_and_its_spans() {
    let id = CorrelationId::generate();
    let log = Capture::of(&id);
    context::sync_scope(request(id.as_str()), || {
        let _outer = tracing::info_span!("cierre", caja_id = 3).entered();
        let _inner = tracing::info_span!("conteo").entered();
        tracing::info!(target: "ms_caja", billetes = 7, "Caja contada");
    });
    let text = text_of(&log, &json!({"context": {"billetes": 8}}));
    let place = |line: u32| format!(r#""module_path":"log::capture","file":"{}","line":{line}"#, file!());
    let lines: Vec<_> = text.lines().filter(|line| line.contains("module_path")).collect();
    let [event, outer, inner] = lines[..] else { panic!("{text}") };
    assert!(text.contains("context.billetes: expected 8, found 7"), "{text}");
    assert!(event.starts_with("logged at {") && event.contains(r#""target":"ms_caja","level":"INFO""#), "{event}");
    assert!(event.contains(&place(line!() - 8)) && event.contains(r#""fields":["message","billetes"]"#), "{event}");
    assert!(outer.starts_with(r#"  within {"name":"cierre""#) && outer.contains(&place(line!() - 11)), "{outer}");
    assert!(inner.starts_with(r#"  within {"name":"conteo""#), "{inner}");
}

#[test]
fn a_record_that_is_no_event_has_no_place_to_name() {
    let id = CorrelationId::generate();
    let log = Capture::of(&id);
    context::sync_scope(request(id.as_str()), || {
        standards_core::log::StructuredLogger::new("ms_caja").info("Caja contada", log_context! { billetes: 7 });
    });
    assert!(!text_of(&log, &json!({"level": "ERROR"})).contains("logged at"));
}
